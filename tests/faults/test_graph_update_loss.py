"""An update of the site's graph, and the death of the worker that works out its scores."""

import pytest
from django.utils import timezone

from datasets.models import GraphUpdate, Score
from datasets.services.merging import merge_edge
from medaction.metrics import BranchScorer
from review.services.edges import ShownEdge
from tests.datasets import factories
from tests.datasets.scored import make_scored_run
from tests.review.edges import make_proposal
from tests.stack.processes import wait_until

# A graph is compiled on the way.
pytestmark = [pytest.mark.stack, pytest.mark.fault, pytest.mark.timeout(480)]
TREES = 150


@pytest.fixture
def growth(stack):
    yield stack.growth
    stack.growth.kill()
    # What was decided in this test is not decided any more: other tests go by the graph of the package.
    GraphUpdate.objects.update(state="CANCELLED", lease_expires_at=None, finished_at=timezone.now())
    (stack.files / "graph" / "overlay.yaml").unlink(missing_ok=True)


def test_a_worker_killed_in_mid_update_costs_one_tree_at_most(stack, growth, graph):
    manager = factories.make_role(factories.DATA_MANAGER)
    cases = factories.make_cases(TREES, moulds=1)
    make_scored_run(cases, BranchScorer(graph), manager)
    truth = graph.concept(cases[0].payload["diagnosis"]["text"]).concept
    edge = next(each for each in graph.edges_of(truth) if each.aspect == "P" and each.p)
    ends = (edge.disease.id, "HAS_FINDING", edge.finding.id, edge.disease.name, edge.finding.name)
    update = merge_edge(
        proposal=make_proposal(ShownEdge(*ends, graph_hash=graph.hash), "REFUTE"), by=manager, graph=graph
    )

    def wait_for(condition, what: str) -> None:
        def there() -> bool:
            update.refresh_from_db()
            return condition()

        wait_until(there, seconds=200, what=what, detail=stack.logs)

    growth.start()
    wait_for(lambda: update.done_count > 5, "the first trees")
    growth.kill()
    update.refresh_from_db()
    assert (update.state, update.tree_count) == ("RUNNING", TREES)
    kept = update.done_count
    assert kept < TREES, "it was done before it could be killed"
    assert (stack.files / "graph" / "overlay.yaml").is_file()
    growth.start()
    wait_for(lambda: update.state == "SUCCEEDED", "the rest")
    assert update.attempt > 1
    assert update.done_count == update.trees.filter(done_at__isnull=False).count() == TREES
    # Every branch has its old score and one new one, whoever worked it out.
    assert Score.objects.filter(graph_hash=graph.hash).count() == 3 * TREES
    assert Score.objects.filter(graph_hash=update.graph_after).count() == 3 * TREES
    assert Score.objects.count() == 6 * TREES
