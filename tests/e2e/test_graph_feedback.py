"""A reviewer says that the graph is wrong, another agrees, a data manager merges: in a browser, under axe."""

import pytest
from playwright.sync_api import expect

from datasets.models import GraphUpdate
from medaction.metrics import BranchScorer
from review.models import CaseTicket, EdgeProposal, NamePair
from review.services.claiming import claim_item
from review.services.tracing import trace_item
from tests.e2e.test_accessibility import SIZES, check
from tests.review import factories


@pytest.fixture
def scene(stack, settings, graph):
    """Two reviewers who have judged an item whose statements are looked up; a data manager; a pair; a ticket."""
    settings.TASK_APPLICATION = "tests.diagnosis.nowhere.app"
    item = factories.make_item(factories.make_trajectory(3), required=2)
    reviewers = [factories.make_reviewer_of(factories.make_role(factories.ANNOTATOR)) for _ in range(2)]
    for reviewer in reviewers:
        claim_item(user=reviewer.user)
        factories.judge(reviewer, item)
    trace_item(item=item, scorer=BranchScorer(graph))
    NamePair.objects.create(key="k" * 64, truth="Gout", given="Podagra", graph_hash=graph.hash, draw=0.5)
    CaseTicket.objects.create(case=item.trajectory.case, part="missing_information", words="Information is missing")
    return item, reviewers, factories.make_role("data manager")


@pytest.mark.parametrize("size", SIZES)
def test_from_a_reviewers_word_to_a_merge(visitor, stack, scene, size):
    item, reviewers, manager = scene
    look = {"viewport": SIZES[size]}
    for reviewer in reviewers:
        page = visitor.open(f"/review/items/{item.pk}/", reviewer.user, **look)
        page.get_by_role("link", name="What the knowledge graph says here").click()
        row = page.locator(".edge").filter(has_text="Stated as").first
        row.get_by_text("Say whether this is right").click()
        row.get_by_label("It is not so").check()
        row.get_by_label("Why").fill("Not in my patients.")
        check(page, "statements of the graph")
        row.get_by_role("button", name="Keep this").click()
        expect(page.get_by_text("you: It is not so")).to_be_visible()
    page.goto(f"{stack.url}/review/edges/")
    expect(page.get_by_text("to be decided")).to_be_visible()
    check(page, "what one said")
    page.goto(f"{stack.url}/review/names/")
    check(page, "names")
    page.get_by_role("button", name="The same diagnosis").click()
    expect(page.get_by_text("No pair waits for you")).to_be_visible()
    page = visitor.open("/data/graph/", manager, **look)
    expect(page.get_by_text("Not in my patients.")).to_have_count(2)
    check(page, "proposals")
    page.get_by_role("button", name="Merge").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    check(page, "what a merge changes")
    for place in ("/data/tickets/", "/data/judges/"):
        page.goto(stack.url + place)
        check(page, place)
    assert EdgeProposal.objects.get().state == "MERGED"
    assert GraphUpdate.objects.get().state == "QUEUED"
