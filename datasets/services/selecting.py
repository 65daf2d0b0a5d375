"""Pruning a run anew, kept as a selection."""

from typing import Any

from django.db import IntegrityError, transaction

from datasets.models import DistillationRun, Selection
from datasets.selectors.pruning import decide
from datasets.services.errors import RunRefused
from datasets.services.storing import store_verdicts
from medaction.distill.pruning import Thresholds
from medaction.domain.canonical import content_hash


def make_selection(*, run: DistillationRun, owner: Any, name: str, thresholds: Thresholds) -> tuple[Selection, bool]:
    """A verdict on every branch of a run that is over; and whether it is new. The same thresholds give the same one.

    Raises :class:`RunRefused`.
    """
    if run.finished_at is None:
        raise RunRefused("The run still grows. Save the selection when it is done.")
    values = thresholds.to_dict()
    same = {"run": run, "thresholds_hash": content_hash(values)}
    known = Selection.objects.filter(**same).first()
    if known is not None:
        return known, False
    try:
        with transaction.atomic():
            selection = Selection.objects.create(**same, owner=owner, name=name, thresholds=values)
            verdicts = [(score_id, verdict.to_dict()) for score_id, _, verdict in decide(run, thresholds)]
            store_verdicts(selection=selection, verdicts=verdicts)
    except IntegrityError:
        return Selection.objects.get(**same), False
    return selection, True
