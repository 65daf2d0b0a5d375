"""Updates of the site's graph: translate, one domain call, translate."""

import structlog

from datasets.models import GraphUpdate, RescoredTree
from datasets.selectors.affected import list_affected
from datasets.services import overlaying, rescoring
from datasets.tasks.definitions import BROKEN, WORKER
from datasets.tasks.lease import Lease, LeaseLost, WorkerClosing
from diagnosis.tasks.decorators import project_task
from medaction.domain.tree import TreeError
from medaction.knowledge import KnowledgeError
from medaction.metrics import BranchScorer
from review.selectors.graph import find_site_graph, open_site_graph

log = structlog.get_logger(__name__)
TREE_BROKEN = "Something went wrong on this server while it scored this tree. Its log says more."


@project_task("datasets.update_graph")
def update_graph(update_id: str) -> None:
    """Compile the site's graph with what was decided, and score anew what that can have moved.

    Pre: the update is QUEUED; in any other state this does nothing.
    Post: SUCCEEDED; every affected tree has scores by the new graph beside the old ones. FAILED with a sentence, where
    some could not be scored; QUEUED again when this worker is stopping. If this process dies, the trees committed so
    far stay and the sweeper sees to the rest.
    """
    update = rescoring.claim_update(update_id=update_id, worker=WORKER)
    if update is None:
        return
    with Lease(update) as lease, structlog.contextvars.bound_contextvars(update=update_id, attempt=update.attempt):
        try:
            scorer = _put_into_force(update, lease)
            if all(_rescore(update, row, scorer, lease) for row in rescoring.list_pending(update=update)):
                rescoring.finish_update(update=update)
        except LeaseLost:
            log.warning("lease_lost")
        except WorkerClosing:
            rescoring.release_update(update=update)
        except KnowledgeError as refusal:
            rescoring.fail_update(update=update, message=str(refusal))
        except Exception:
            log.exception("update_broke")
            rescoring.fail_update(update=update, message=BROKEN)


def _put_into_force(update: GraphUpdate, lease: Lease) -> BranchScorer:
    before = find_site_graph()
    overlaying.write_overlay()
    after = open_site_graph()
    lease.go_on()
    if update.listed_at is None:
        graphs = [graph for graph in (before, after) if graph is not None]
        affected = list_affected(update.proposal, graphs)
        lease.go_on()
        if not rescoring.list_trees(update=update, graph_hash=after.hash, affected=affected):
            raise LeaseLost
    return BranchScorer(after)


def _rescore(update: GraphUpdate, row: RescoredTree, scorer: BranchScorer, lease: Lease) -> bool:
    """Whether to go on with the update."""
    lease.go_on()
    try:
        rescored = rescoring.rescore_tree(row, scorer)
    except TreeError as fault:
        return rescoring.fail_tree(update=update, row=row, message=f"The tree cannot be read: {fault}.")
    except Exception:
        log.exception("tree_broke", trajectory=str(row.trajectory_id))
        return rescoring.fail_tree(update=update, row=row, message=TREE_BROKEN)
    return rescoring.commit_tree(update=update, row=row, rescored=rescored)
