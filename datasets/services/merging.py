"""A merged proposal becomes the site's graph: decided here, put into force by a worker."""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from datasets.models import BenchmarkRun, DistillationRun, GraphUpdate
from datasets.services.chunks import ACTIVE
from datasets.services.errors import MergeRefused
from datasets.services.working import State, put_before_workers
from medaction.knowledge import KnowledgeGraph, UnknownConceptError
from review.models import EdgeProposal
from review.models.edge import EdgeRelation, EdgeSays
from review.services.edges import merge_proposal
from review.services.errors import ProposalRefused

BUSY = (
    "A run is being grown or measured by the graph as it is ({names}). Merge when it is done, or cancel it: a run "
    "keeps to one graph."
)
LAST_TEST = "No other test reveals this finding: without this one nothing could find it. Add another test first."


def merge_edge(*, proposal: EdgeProposal, by: Any, graph: KnowledgeGraph | None, band: str = "") -> GraphUpdate:
    """The decision, and the update that a worker makes of it. ``graph``: the site's, None where it is not compiled.

    Raises :class:`MergeRefused`.
    """
    kinds = (DistillationRun, BenchmarkRun)
    if names := [str(run) for kind in kinds for run in kind.objects.filter(state__in=ACTIVE)[:2]]:
        raise MergeRefused(BUSY.format(names=", ".join(names)))
    if graph is not None and _is_last_test(proposal, graph):
        raise MergeRefused(LAST_TEST)
    try:
        with transaction.atomic():
            merged = merge_proposal(proposal=proposal, by=by, band=band)
            update = GraphUpdate.objects.create(proposal=merged, owner=by, graph_before=graph.hash if graph else "")
            put_before_workers(GraphUpdate, [update.pk])
    except ProposalRefused as refusal:
        raise MergeRefused(str(refusal)) from refusal
    return update


def cancel_update(*, update: GraphUpdate) -> None:
    """No further scores; those that are there stay, and so does the decision. Raises :class:`MergeRefused`."""
    going = GraphUpdate.objects.filter(pk=update.pk, state__in=(State.QUEUED, State.RUNNING))
    if not going.update(state=State.CANCELLED, lease_expires_at=None, finished_at=Now()):
        raise MergeRefused("This is over already.")


def resume_update(*, update: GraphUpdate) -> None:
    """Go on where it stopped. Raises :class:`MergeRefused`."""
    with transaction.atomic():
        stopped = GraphUpdate.objects.filter(pk=update.pk, state__in=(State.CANCELLED, State.FAILED))
        if not stopped.update(state=State.QUEUED, finished_at=None, error_message="", tries=0):
            raise MergeRefused("Only what was cancelled or failed can be gone on with.")
        update.trees.filter(done_at__isnull=True).update(error_message="")
        put_before_workers(GraphUpdate, [update.pk])


def _is_last_test(proposal: EdgeProposal, graph: KnowledgeGraph) -> bool:
    if proposal.relation != EdgeRelation.REVEALS or proposal.verdict != EdgeSays.REFUTE:
        return False
    try:
        tests = {edge.test.id for edge in graph.tests_for(proposal.target)}
    except UnknownConceptError:
        return False
    return tests == {proposal.source}
