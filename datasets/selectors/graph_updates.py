"""What became of proposals about the graph, for whoever decides and looks after them."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from datasets.models import GraphUpdate, VerdictChange
from review.models import EdgeProposal, EdgeVerdict
from review.selectors.edges import list_proposals, list_voices
from review.services.edges import list_bands

SHOWN_CHANGES = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open proposal. ``voices``: all that stands of its edge; ``bands``: what a merge may give instead."""

    proposal: EdgeProposal
    voices: tuple[EdgeVerdict, ...]
    bands: tuple[str, ...]

    @property
    def is_disputed(self) -> bool:
        return any(voice.verdict != self.proposal.verdict for voice in self.voices)


@dataclass(frozen=True, slots=True)
class UpdateSheet:
    """``moves`` counts verdict changes by (was, now), the most first; ``changes`` are the first of them."""

    update: GraphUpdate
    branches: int
    changed: int
    failed: int
    verdicts: int
    moves: tuple[tuple[str, str, int], ...]
    changes: tuple[VerdictChange, ...]

    @property
    def changed_verdicts(self) -> int:
        return sum(count for _, _, count in self.moves)

    @property
    def share(self) -> int:
        """Percent done; 100 where nothing is affected."""
        return round(100 * self.update.done_count / self.update.tree_count) if self.update.tree_count else 100


def list_waiting() -> list[Waiting]:
    """Two queries."""
    proposals = list(list_proposals(decided=False))
    voices = list_voices(proposals)
    return [Waiting(each, tuple(voices.get(each.key, ())), tuple(list_bands(each))) for each in proposals]


def list_decided() -> QuerySet[EdgeProposal]:
    return list_proposals(decided=True).select_related("graph_update", "decided_by")


def get_update(update_id: UUID) -> GraphUpdate:
    """Raises ``GraphUpdate.DoesNotExist``."""
    return GraphUpdate.objects.select_related("proposal__decided_by", "owner").get(pk=update_id)


def get_update_sheet(update: GraphUpdate) -> UpdateSheet:
    """Three queries."""
    sums: dict[str, Any] = update.trees.aggregate(
        branches=Sum("branch_count"),
        changed=Sum("changed_count"),
        verdicts=Sum("verdict_count"),
        failed=Count("pk", filter=~Q(error_message="")),
    )
    grouped = update.verdict_changes.values_list("was", "now").annotate(n=Count("pk"))
    counted = Counter({(was, now): count for was, now, count in grouped})
    shown = update.verdict_changes.select_related("selection__run", "before__trajectory__case", "after")
    hidden = ("before__detail", "after__detail", "before__brief", "after__brief", "before__trajectory__case__payload")
    return UpdateSheet(
        update=update,
        branches=sums["branches"] or 0,
        changed=sums["changed"] or 0,
        failed=sums["failed"],
        verdicts=sums["verdicts"] or 0,
        moves=tuple((was, now, count) for (was, now), count in counted.most_common()),
        changes=tuple(shown.defer(*hidden, "before__trajectory__case__search").order_by("pk")[:SHOWN_CHANGES]),
    )
