"""The policy's own path beside a person's: asked for once a walkthrough has ended, walked by a worker.

Only the attempt that runs may write. Nothing here knows the policy: the worker brings its path and the verdicts.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from diagnosis.dispatch import dispatch_comparison
from diagnosis.models import Case, Comparison, Session, Trajectory
from diagnosis.services.announcing import announce_session
from diagnosis.services.appending import describe_turn
from diagnosis.services.nodes import append_node
from medaction.domain.actions import Turn
from medaction.domain.observation import Observation
from medaction.domain.tree import NodeKind

State = Comparison.State
LOST = "The program that works out the comparison stopped several times."


@dataclass(frozen=True, slots=True)
class ReferencePath:
    """A policy's way through a case: ``turns`` as (text, turn), each but a last diagnosis with its observation."""

    policy: str
    label: str
    first: Observation
    turns: tuple[tuple[str, Turn], ...]
    observations: tuple[Observation, ...]
    settings: dict[str, Any]


def queue_comparison(session: Session) -> None:
    """The caller holds the session's lock; the walkthrough has ended."""
    comparison = Comparison.objects.create(session=session, dispatched_at=timezone.now())
    transaction.on_commit(partial(dispatch_comparison, comparison.pk))


def retry_comparison(*, session: Session) -> None:
    """FAILED → QUEUED; in any other state nothing happens, so asking twice is harmless."""
    with transaction.atomic():
        failed = Comparison.objects.select_for_update().filter(session=session, state=State.FAILED).first()
        if failed is not None:
            failed.state, failed.attempt, failed.error_message = State.QUEUED, 0, ""
            failed.finished_at, failed.dispatched_at = None, timezone.now()
            failed.save(update_fields=["state", "attempt", "error_message", "finished_at", "dispatched_at"])
            transaction.on_commit(partial(dispatch_comparison, failed.pk))
            announce_session(session)


def claim_comparison(*, comparison_id: int) -> Comparison | None:
    """QUEUED → RUNNING, attempt + 1. None when it does not wait (any more)."""
    claimed = Comparison.objects.filter(pk=comparison_id, state=State.QUEUED).update(
        state=State.RUNNING, attempt=F("attempt") + 1, started_at=Now()
    )
    if not claimed:
        return None
    return Comparison.objects.select_related("session__trajectory").get(pk=comparison_id)


def find_reference(key: str) -> Trajectory | None:
    """The stored path with this key."""
    return Trajectory.objects.filter(origin=Trajectory.Origin.REFERENCE, reference_key=key).first()


def keep_reference(*, case_id: int, key: str, path: ReferencePath) -> Trajectory:
    """The stored path with this key; stored now if there is none."""
    with transaction.atomic():
        Case.objects.select_for_update(no_key=True).only("pk").get(pk=case_id)
        return find_reference(key) or _store(case_id, key, path)


def finish_comparison(
    *, comparison: Comparison, reference: Trajectory, verdict: str, reference_verdict: str, graph_hash: str
) -> bool:
    """RUNNING → READY. False when this attempt no longer holds it."""
    return _end(
        comparison,
        state=State.READY,
        reference=reference,
        verdict=verdict,
        reference_verdict=reference_verdict,
        graph_hash=graph_hash,
    )


def fail_comparison(*, comparison: Comparison, message: str) -> bool:
    """RUNNING → FAILED, with one plain sentence. False when this attempt no longer holds it."""
    return _end(comparison, state=State.FAILED, error_message=message[:400])


def sweep_comparisons() -> int:
    """Send again what no worker took or what a lost worker held; end what was lost too often. Returns how many."""
    patience = timedelta(seconds=settings.DIAGNOSIS["COMPARISON_SECONDS"])
    waiting = timedelta(seconds=settings.DIAGNOSIS["QUEUED_STALE_SECONDS"])
    stale = Q(state=State.QUEUED, dispatched_at__lt=Now() - waiting) | Q(
        state=State.RUNNING, started_at__lt=Now() - patience
    )
    with transaction.atomic():
        comparisons = list(
            Comparison.objects.select_for_update(skip_locked=True, of=("self",)).select_related("session").filter(stale)
        )
        for comparison in comparisons:
            _recover(comparison)
    return len(comparisons)


def _recover(comparison: Comparison) -> None:
    if comparison.attempt >= settings.DIAGNOSIS["MAX_ATTEMPTS"]:
        comparison.state, comparison.error_message, comparison.finished_at = State.FAILED, LOST, timezone.now()
    else:
        comparison.state, comparison.dispatched_at = State.QUEUED, timezone.now()
        transaction.on_commit(partial(dispatch_comparison, comparison.pk))
    comparison.save(update_fields=["state", "error_message", "finished_at", "dispatched_at"])
    announce_session(comparison.session)


def _end(comparison: Comparison, **values: Any) -> bool:
    with transaction.atomic():
        held = Comparison.objects.filter(pk=comparison.pk, attempt=comparison.attempt, state=State.RUNNING)
        ended = held.update(finished_at=Now(), **values)
        if ended:
            announce_session(comparison.session)
        return bool(ended)


def _store(case_id: int, key: str, path: ReferencePath) -> Trajectory:
    trajectory = Trajectory.objects.create(
        case_id=case_id, origin=Trajectory.Origin.REFERENCE, reference_key=key, settings=path.settings
    )
    node = append_node(trajectory, 0, None, NodeKind.OBSERVATION, path.first.to_dict(), sampled=False)
    for index, (text, turn) in enumerate(path.turns):
        content = describe_turn(number=index + 2, text=text, turn=turn, model=path.policy, model_label=path.label)
        node = append_node(trajectory, node.seq + 1, node, NodeKind.TURN, content, sampled=True)
        if index < len(path.observations):
            observed = path.observations[index].to_dict()
            node = append_node(trajectory, node.seq + 1, node, NodeKind.OBSERVATION, observed, sampled=False)
    return trajectory
