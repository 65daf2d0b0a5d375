"""Results of a benchmark run handed to people: each branch becomes an item of the review queue, once."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from datasets.models import BenchmarkResult
from datasets.selectors.benchmarks import IN_REVIEW, REVIEWED
from review.services import ItemRefused, add_item

AT_A_TIME = 200


@dataclass(frozen=True, slots=True)
class Sent:
    """``left`` match and were not sent yet: more than what is sent at a time. ``refused`` says why, of the first."""

    added: int
    left: int
    refused: str = ""


def send_to_review(*, results: QuerySet[BenchmarkResult], reason: str, by: Any) -> Sent:
    """Those of ``results`` with a path that this source has not sent before, in their order."""
    new = results.filter(trajectory__isnull=False).exclude(IN_REVIEW)
    chosen = list(new.select_related("trajectory").defer("record")[:AT_A_TIME])
    added, refused = 0, ""
    for result in chosen:
        try:
            add_item(
                trajectory=result.trajectory,
                leaf_seq=result.leaf_seq,
                source=REVIEWED,
                reason=f"{result.get_outcome_display()}: {reason}",
                by=by,
            )
            added += 1
        except ItemRefused as refusal:
            refused = refused or str(refusal)
    return Sent(added, new.count() if refused == "" else 0, refused)
