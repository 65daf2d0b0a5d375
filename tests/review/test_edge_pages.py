"""The page on which a reviewer says whether what the graph knows of a work-up is right."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from medaction.metrics import BranchScorer
from review.models import EdgeProposal, EdgeTrace, EdgeVerdict
from review.services.claiming import claim_item
from review.services.edges import decline_proposal
from review.services.tracing import trace_item
from tests.review import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def scorer(graph):
    return BranchScorer(graph)


@pytest.fixture
def judged(item):
    """A reviewer who has judged the item."""
    return judge_as(item, "dr-mine")


def judge_as(item, name):
    reviewer = factories.make_reviewer_of(factories.make_role(factories.ANNOTATOR, name))
    claim_item(user=reviewer.user)
    factories.judge(reviewer, item)
    return reviewer


@pytest.fixture
def sent(settings, monkeypatch):
    """What was put before the workers."""
    calls = []

    class App:
        def send_task(self, task, args=(), **options):
            calls.append((task, *args))

    monkeypatch.setattr("tests.diagnosis.nowhere.app", App())
    settings.TASK_APPLICATION = "tests.diagnosis.nowhere.app"
    return calls


def address(item, **more):
    return "/review/edges/?" + "&".join(f"{name}={value}" for name, value in {"item": item.pk, **more}.items())


def row_of(item, **wanted):
    trace = EdgeTrace.objects.get(item=item)
    return next(edge for edge in trace.edges if all(edge[name] == value for name, value in wanted.items()))


def form_of(item, edge, **values):
    return {"item": item.pk, **{name: edge[name] for name in ("source", "relation", "target")}, **values}


def test_until_a_worker_has_looked_the_page_says_so_and_asks_for_it(client_of, item, judged, sent, scorer):
    page = client_of(judged.user).get(address(item))
    assert "being looked up" in page.content.decode()
    assert sent == [("review.trace_edges", str(item.pk))]
    trace_item(item=item, scorer=scorer)
    page = client_of(judged.user).get(address(item))
    assert "being looked up" not in page.content.decode()
    assert len(sent) == 1
    assert b'class="edge"' in page.content


def test_there_is_one_trace_of_a_graph(item, scorer, graph):
    trace = trace_item(item=item, scorer=scorer)
    assert trace_item(item=item, scorer=scorer) == EdgeTrace.objects.get() == trace
    assert (trace.graph_hash, trace.error_message) == (graph.hash, "")
    assert all(set(edge["turns"]) <= set(item.turn_numbers) for edge in trace.edges)
    assert {edge["relation"] for edge in trace.edges} == {"HAS_FINDING", "REVEALS"}


def test_saying_something_and_something_else(client_of, item, judged, scorer):
    trace_item(item=item, scorer=scorer)
    edge = row_of(item, relation="HAS_FINDING")
    client = client_of(judged.user)
    answer = client.post("/review/edges/judge", form_of(item, edge, verdict="REFUTE", comment="Not in my patients."))
    assert answer.status_code == 302
    assert answer.url.startswith(address(item))
    said = EdgeVerdict.objects.get()
    assert (said.key, said.stated["p"]) == ((edge["source"], edge["relation"], edge["target"]), edge["stated"]["p"])
    page = client.get(address(item, all=1)).content.decode()
    assert "you: It is not so" in page
    client.post("/review/edges/judge", form_of(item, edge, verdict="TOO_HIGH", citation="PMID:7"))
    assert [each.verdict for each in EdgeVerdict.objects.order_by("revision")] == ["REFUTE", "TOO_HIGH"]
    assert "It is stated as too frequent" in client.get("/review/edges/").content.decode()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"verdict": "REFUTE"}, "Say in a sentence why"),
        ({"verdict": "CONFIRM", "comment": "word " * 40_000}, "at most 20,000 fit"),
        ({"verdict": "", "comment": "No choice was made."}, "Choose what you say of it"),
    ],
)
def test_what_cannot_be_kept_comes_back_as_it_was_written(client_of, item, judged, scorer, values, sentence):
    trace_item(item=item, scorer=scorer)
    edge = row_of(item, argues="for")
    answer = client_of(judged.user).post("/review/edges/judge", form_of(item, edge, **values))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    assert values.get("comment", "") in page
    assert not EdgeVerdict.objects.exists()


def test_two_agree_and_read_what_became_of_it(client_of, item, judged, scorer):
    trace_item(item=item, scorer=scorer)
    edge = row_of(item, relation="REVEALS")
    item.__class__.objects.filter(pk=item.pk).update(required=2, state="OPEN")
    other = judge_as(item, "dr-other")
    for reviewer in (judged, other):
        client_of(reviewer.user).post("/review/edges/judge", form_of(item, edge, verdict="REFUTE", comment="No."))
    proposal = EdgeProposal.objects.get()
    page = client_of(judged.user).get("/review/edges/").content.decode()
    assert "to be decided" in page
    assert other.alias not in page
    assert "dr-other" not in page
    decline_proposal(proposal=proposal, by=factories.make_role("data manager"), reason="A textbook says so.")
    assert "declined: A textbook says so." in client_of(other.user).get("/review/edges/").content.decode()


def test_only_who_judged_the_item_sees_its_edges(client_of, item, scorer):
    trace_item(item=item, scorer=scorer)
    reviewer = factories.make_reviewer_of(factories.make_role(factories.ANNOTATOR))
    client = client_of(reviewer.user)
    claim_item(user=reviewer.user)
    assert client.get(address(item)).status_code == 404
    edge = row_of(item, argues="for")
    assert client.post("/review/edges/judge", form_of(item, edge, verdict="CONFIRM")).status_code == 404
    factories.judge(reviewer, item)
    assert client.get(address(item)).status_code == 200
    assert client.get("/review/edges/?item=nonsense").status_code == 404
    foreign = form_of(item, {**edge, "target": "MF:elsewhere"}, verdict="CONFIRM")
    assert client.post("/review/edges/judge", foreign).status_code == 404


def test_the_number_of_queries_stays_the_same(client_of, judged, scorer):
    client = client_of(judged.user)
    counts = {}
    for turns in (2, 5):
        item = factories.make_item(factories.make_trajectory(turns))
        claim_item(user=judged.user)
        factories.judge(judged, item)
        trace_item(item=item, scorer=scorer)
        edges = EdgeTrace.objects.get(item=item).edges
        for edge in edges[:turns]:
            client.post("/review/edges/judge", form_of(item, edge, verdict="CONFIRM"))
        for path in (address(item, all=1), "/review/edges/"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path).status_code == 200
            counts.setdefault(path.partition("?")[2] != "", set()).add(len(queries))
    assert all(len(found) == 1 for found in counts.values()), counts
