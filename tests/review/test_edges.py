"""What reviewers say of edges: two who agree make a proposal, once; a data manager decides, once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from review.models import AuditEntry, EdgeProposal, EdgeVerdict
from review.selectors.edges import list_conflicts, list_own_verdicts, list_standing, list_statements
from review.services.claiming import claim_item
from review.services.edges import ShownEdge, decline_proposal, judge_edge, list_bands, merge_proposal
from review.services.errors import EdgeRefused, ProposalRefused
from tests.review import factories

pytestmark = pytest.mark.django_db
EDGE = ShownEdge(
    source="MA:pulmonary_embolism",
    relation="HAS_FINDING",
    target="HP:0002094",
    source_name="Pulmonary embolism",
    target_name="Dyspnea",
    graph_hash="a" * 64,
    stated={"p": 0.85, "band": "very_frequent", "sources": ["authored"], "references": ["estimate"]},
)
FIELDS = ("source", "relation", "target", "graph_hash")
TEST_EDGE = replace(EDGE, source="TEST:ecg", relation="REVEALS", target="MF:x", source_name="ECG", stated={})


@pytest.fixture
def manager():
    return factories.make_role("data manager")


@pytest.fixture
def say(db):
    """``say(reviewer, verdict)``: they have judged an item, and now say this of the edge."""
    item = factories.make_item(required=9)

    def speak(reviewer, verdict, edge=EDGE, **values):
        if not reviewer.annotations.filter(item=item).exists():
            claim_item(user=reviewer.user)
            factories.judge(reviewer, item)
        why = {} if verdict == "CONFIRM" else {"comment": "Seen too often otherwise."}
        return judge_edge(reviewer=reviewer, item=item, edge=edge, verdict=verdict, **{**why, **values})

    return speak


@pytest.fixture
def three():
    return [factories.make_reviewer(f"dr-{name}") for name in ("one", "two", "three")]


def proposed(**values):
    return list(EdgeProposal.objects.filter(**values).values_list("verdict", "state"))


def test_two_who_agree_make_one_proposal(say, three):
    one, two, third = three
    say(one, "REFUTE")
    assert proposed() == []
    say(two, "REFUTE", citation="PMID:1")
    assert proposed() == [("REFUTE", "OPEN")]
    say(third, "REFUTE")
    assert proposed() == [("REFUTE", "OPEN")]
    made = EdgeProposal.objects.get()
    assert (made.source_name, made.target_name, made.stated["p"]) == ("Pulmonary embolism", "Dyspnea", 0.85)
    assert AuditEntry.objects.filter(verb="propose_edge", by=None).count() == 1
    assert "Seen too often" not in str(list(AuditEntry.objects.values_list("detail", flat=True)))


def test_the_same_person_twice_is_one_voice(say, reviewer):
    first = say(reviewer, "REFUTE")
    assert say(reviewer, "REFUTE") == first
    second = say(reviewer, "REFUTE", comment="Put better.")
    assert (second.revision, second.supersedes) == (2, first)
    assert list(list_standing(EDGE.key)) == [second]
    assert list(list_own_verdicts(reviewer.user)) == [second]
    assert proposed() == []


def test_one_confirms_one_refutes_is_a_conflict_and_no_proposal(say, three):
    say(three[0], "CONFIRM")
    say(three[1], "REFUTE")
    say(three[2], "TOO_HIGH", edge=replace(EDGE, target="MF:other"))
    assert proposed() == []
    conflict = list_conflicts()
    assert [(each.key, each.said) for each in conflict] == [(EDGE.key, (("It is right", 1), ("It is not so", 1)))]


def test_who_thinks_otherwise_takes_the_proposal_back(say, three, manager):
    say(three[0], "REFUTE"), say(three[1], "REFUTE")
    say(three[1], "CONFIRM")
    proposal = EdgeProposal.objects.get()
    assert proposal.state == "WITHDRAWN"
    with pytest.raises(ProposalRefused, match="no longer agree"):
        merge_proposal(proposal=proposal, by=manager)
    say(three[2], "CONFIRM")
    assert sorted(proposed()) == [("CONFIRM", "OPEN"), ("REFUTE", "WITHDRAWN")]


def test_a_merge_is_the_sites_statement_and_answers_what_was_said_before(say, three, manager):
    say(three[0], "TOO_HIGH", citation="PMID:2"), say(three[1], "TOO_HIGH")
    say(three[2], "CONFIRM")
    proposal = EdgeProposal.objects.get()
    other = EdgeProposal.objects.create(**{name: getattr(proposal, name) for name in FIELDS}, verdict="REFUTE")
    assert list_bands(proposal)[:2] == ["frequent", "occasional"]
    for wrong in ("", "almost_always", "very_frequent"):
        with pytest.raises(ProposalRefused, match="Choose a band that is rarer"):
            merge_proposal(proposal=proposal, by=manager, band=wrong)
    merge_proposal(proposal=proposal, by=manager, band="frequent")
    statement = list_statements()[0]
    assert (statement.key, statement.verdict) == (("MA:pulmonary_embolism", "has_finding", "HP:0002094"), "too_high")
    assert (statement.band, statement.citations) == ("frequent", ("PMID:2",))
    assert not list_standing(EDGE.key)
    other.refresh_from_db()
    assert other.state == "WITHDRAWN"
    assert list_conflicts() == []
    # What is said now is said of the new graph: one voice is no proposal.
    now = replace(EDGE, graph_hash="b" * 64, stated={"p": 0.55, "band": "frequent"})
    say(three[2], "TOO_LOW", edge=now)
    assert proposed(state="OPEN") == []
    say(three[0], "TOO_LOW", edge=now)
    merge_proposal(proposal=EdgeProposal.objects.get(state="OPEN"), by=manager, band="very_frequent")
    assert [(s.verdict, s.band) for s in list_statements()] == [("too_low", "very_frequent")]


def test_a_decision_is_made_once(say, three, manager):
    say(three[0], "REFUTE"), say(three[1], "REFUTE")
    proposal = EdgeProposal.objects.get()
    with pytest.raises(ProposalRefused, match="Say in a sentence"):
        decline_proposal(proposal=proposal, by=manager, reason=" ")
    decline_proposal(proposal=proposal, by=manager, reason="The textbooks disagree.")
    for act in (merge_proposal, lambda **who: decline_proposal(reason="Again.", **who)):
        with pytest.raises(ProposalRefused, match="decided already"):
            act(proposal=proposal, by=manager)
    assert list_statements() == []
    # Another comment of one who said so already is one new voice, and one is not enough.
    say(three[0], "REFUTE", comment="I still think so.")
    assert proposed(state="OPEN") == []
    say(three[2], "REFUTE")
    assert proposed(state="OPEN") == [("REFUTE", "OPEN")]


@pytest.mark.parametrize(
    ("verdict", "values", "sentence"),
    [
        ("MAYBE", {}, "Choose what"),
        ("REFUTE", {"comment": " "}, "Say in a sentence why"),
        ("TOO_LOW", {"edge": TEST_EDGE}, "has no frequency here"),
        ("CONFIRM", {"comment": "x" * 200_000}, "200,000 characters; at most 20,000 fit"),
        ("CONFIRM", {"citation": "x" * 301}, "at most 300 fit"),
    ],
)
def test_what_cannot_be_said_is_refused(say, reviewer, verdict, values, sentence):
    with pytest.raises(EdgeRefused, match=sentence):
        say(reviewer, verdict, **values)
    assert not EdgeVerdict.objects.exists()


def test_only_who_judged_the_work_up_speaks(item, reviewer):
    with pytest.raises(EdgeRefused, match="Judge the work-up first"):
        judge_edge(reviewer=reviewer, item=item, edge=EDGE, verdict="CONFIRM")


def test_the_database_keeps_what_was_said(say, three, manager):
    def refused(act):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()

    said = say(three[0], "REFUTE")
    say(three[1], "REFUTE")
    refused(lambda: EdgeVerdict.objects.filter(pk=said.pk).update(comment="Other words."))
    refused(lambda: EdgeVerdict.objects.filter(pk=said.pk).delete())
    fields = {name: getattr(said, name) for name in ("source", "relation", "target", "graph_hash", "item", "comment")}
    refused(
        lambda: EdgeVerdict.objects.create(**fields, reviewer=three[2], revision=2, supersedes=said, verdict="REFUTE")
    )
    refused(lambda: EdgeVerdict.objects.create(**fields, reviewer=three[0], revision=1, verdict="CONFIRM"))
    proposal = EdgeProposal.objects.get()
    refused(lambda: EdgeProposal.objects.filter(pk=proposal.pk).update(target="MF:another"))
    refused(lambda: EdgeProposal.objects.filter(pk=proposal.pk).update(state="MERGED"))
    merge_proposal(proposal=proposal, by=manager)
    refused(lambda: EdgeProposal.objects.filter(pk=proposal.pk).update(decided_by=three[0].user))
    refused(lambda: EdgeProposal.objects.filter(pk=proposal.pk).delete())


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_proposal(say):
    reviewers = [factories.make_reviewer() for _ in range(6)]
    for reviewer in reviewers:
        say(reviewer, "CONFIRM", edge=TEST_EDGE)
    EdgeProposal.objects.filter(state="OPEN").update(state="WITHDRAWN")
    start = Barrier(len(reviewers))

    def speak(reviewer):
        try:
            start.wait(timeout=20)
            say(reviewer, "REFUTE")
        finally:
            connection.close()

    with ThreadPoolExecutor(len(reviewers)) as pool:
        list(pool.map(speak, reviewers))
    assert proposed(state="OPEN") == [("REFUTE", "OPEN")]
    assert list_standing(EDGE.key).count() == len(reviewers)
