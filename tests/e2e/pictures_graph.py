"""Pictures of what reviewers say of the graph and of names, and of what a data manager decides."""

import pytest

from datasets.services.merging import merge_edge
from datasets.services.rescoring import claim_update, commit_tree, finish_update, list_pending, list_trees
from medaction.bench.judging import Pair, Ruling
from medaction.bench.judging.rows import JudgedPair
from medaction.metrics import BranchScorer
from medaction.metrics.judge import Verdict
from review.models import EdgeTrace
from review.selectors.naming import find_next_names
from review.services.claiming import claim_item
from review.services.edges import ShownEdge, judge_edge
from review.services.naming import add_names, rule_names, sign_served
from review.services.tracing import trace_item
from tests.datasets import factories as data
from tests.datasets.scored import hanging_edge, make_hanging_case, make_scored_run
from tests.datasets.test_graph_pages import lowered
from tests.e2e.pictures import FOLDER, LOOKS
from tests.review import factories
from tests.review.edges import make_proposal
from tests.review.test_tickets import judge_as_hard

NAMES = {
    Pair("Pulmonary embolism", "PE"): (Verdict.SAME, Ruling.SAME),
    Pair("Gout", "Podagra of the big toe"): (None, Ruling.SAME),
    Pair("Gout", "Migraine"): (Verdict.OTHER, Ruling.SAME),
    Pair("Measles", "Rubeola"): (None, Ruling.DIFFERENT),
}


@pytest.fixture
def scene(stack, settings, graph):
    settings.TASK_APPLICATION = "tests.diagnosis.nowhere.app"
    manager = factories.make_role("data manager", "manager")
    scorer = BranchScorer(graph)
    run = make_scored_run([make_hanging_case(data.make_cases(1)[0])], scorer, manager)
    update = merge_edge(proposal=make_proposal(hanging_edge(graph.hash), "REFUTE"), by=manager, graph=graph)
    claimed = claim_update(update_id=str(update.pk), worker="pictures")
    tree = run.cases.get().trajectory
    list_trees(update=claimed, graph_hash="n" * 64, affected=[tree.pk])
    row = list_pending(update=claimed)[0]
    commit_tree(update=claimed, row=row, rescored=[lowered(tree.scores.get(leaf_seq=3))])
    edge = ShownEdge("MA:gout", "HAS_FINDING", "MF:x", "Gout", "Fever", graph.hash, {"p": 0.55, "band": "frequent"})
    make_proposal(edge, "TOO_HIGH")
    make_proposal(edge, "CONFIRM")
    rows = [JudgedPair(pair, concept) for pair, (concept, _) in NAMES.items()]
    rulings = {pair: ruling for pair, (_, ruling) in NAMES.items()}
    add_names(rows=rows, rulings=rulings, judge="judge-8b", prompt_hash="p" * 64, graph_hash=graph.hash)
    judge_as_hard(factories.make_item(priority=50), ["missing_information", "ambiguous_wording"])
    reviewer = factories.make_reviewer_of(factories.make_role(factories.ANNOTATOR))
    item = factories.make_item(priority=99)
    claim_item(user=reviewer.user)
    factories.judge(reviewer, item)
    trace_item(item=item, scorer=scorer)
    first = next(each for each in EdgeTrace.objects.get(item=item).edges if each["stated"]["p"])
    names = ("source", "relation", "target", "source_name", "target_name")
    shown = ShownEdge(*(first[name] for name in names), graph_hash=graph.hash, stated=first["stated"])
    judge_edge(reviewer=reviewer, item=item, edge=shown, verdict="TOO_LOW", comment="More often in the old.")
    for _ in range(2):
        served = find_next_names(reviewer)
        rule_names(reviewer=reviewer, token=sign_served(served=served, reviewer=reviewer), ruling="SAME")
    return item, reviewer.user, manager, claimed


@pytest.mark.parametrize("look", LOOKS)
def test_pictures_of_the_graph(visitor, stack, scene, look):
    FOLDER.mkdir(exist_ok=True)
    item, reviewer, manager, update = scene
    page = visitor.open("/review/", reviewer, **LOOKS[look])
    places = {"edges": f"/review/edges/?item={item.pk}", "edges-said": "/review/edges/", "names": "/review/names/"}
    for name, place in places.items():
        page.goto(stack.url + place)
        if name == "edges":
            page.locator(".edge summary").first.click()
        page.screenshot(path=FOLDER / f"review-{name}-{look}.png", full_page=True)
    # Not before: with its end the sweeper lays the overlay, and the statements are looked up by another graph.
    finish_update(update=update)
    page = visitor.open("/data/graph/", manager, **LOOKS[look])
    places = {"graph": "/data/graph/", "tickets": "/data/tickets/", "judges": "/data/judges/"}
    for name, place in {**places, "graph-update": f"/data/graph/updates/{update.pk}/"}.items():
        page.goto(stack.url + place)
        page.screenshot(path=FOLDER / f"data-{name}-{look}.png", full_page=True)
