from threading import Lock

import structlog
from django.conf import settings

from diagnosis.services.planning import load_case
from diagnosis.tasks.comparing import open_compiled_graph, open_solver, walk_case
from diagnosis.tasks.decorators import project_task
from medaction.metrics import BranchScorer
from review.models import ReviewItem
from review.selectors.hints import list_unread_items
from review.services.examples import add_example, example_environment, list_missing_examples
from review.services.hinting import read_item
from review.services.sweeping import sweep_reservations
from review.services.tracing import trace_item

log = structlog.get_logger(__name__)


@project_task("review.sweep")
def sweep() -> None:
    """Take items back from reviewers who gave no sign of life.

    Pre: any. Post: no reservation has run out unnoticed; drafts are as they were.
    """
    if count := sweep_reservations():
        log.info("swept_reservations", count=count)


@project_task("review.add_examples")
def add_examples() -> None:
    """Have the knowledge-graph policy work up a few teaching cases, each path an item to judge.

    Pre: any. Post: each example case that is there has its item; one that had it is left as it is.
    """
    for case in list_missing_examples():
        trajectory = walk_case(open_solver(), load_case(case.pk), case.pk, example_environment())
        add_example(trajectory=trajectory)


@project_task("review.trace_edges")
def trace_edges(item_id: str) -> None:
    """Find the edges of the graph that the metrics of an item's branch rest on.

    Pre: any. Post: the item has its trace by the site's graph of now; an item that is not there is passed over.
    """
    item = ReviewItem.objects.select_related("trajectory").filter(pk=item_id).first()
    if item is not None:
        with _one_at_a_time:
            trace_item(item=item, scorer=_open_scorer())


@project_task("review.read_graph")
def read_graph() -> None:
    """Ask the graph about the items that somebody has before them, for after they have judged a turn.

    Pre: any. Post: each of them has its reading by the site's graph of now; what was read is left as it is. While this
    process is asking the graph already, this does nothing: the beat comes again.
    """
    items = list_unread_items()
    if not items or not _one_at_a_time.acquire(blocking=False):
        return
    try:
        scorer = _open_scorer()
        for item in items:
            _read(item, scorer)
    finally:
        _one_at_a_time.release()
    log.info("graph_asked", items=len(items))


def _read(item: ReviewItem, scorer: BranchScorer) -> None:
    """One that breaks the metrics does not keep the others waiting."""
    try:
        read_item(item=item, scorer=scorer)
    except Exception:
        log.exception("reading_broke", item=str(item.pk))


# Pure computation, and the first time a graph to be compiled: side by side they would only do the same twice.
_one_at_a_time = Lock()
_scorers: dict[str, BranchScorer] = {}
"""The one of this process, by the hash of its graph."""


def _open_scorer() -> BranchScorer:
    graph = open_compiled_graph(settings.GRAPH_CACHE)
    if graph.hash not in _scorers:
        _scorers.clear()
        _scorers[graph.hash] = BranchScorer(graph)
    return _scorers[graph.hash]
