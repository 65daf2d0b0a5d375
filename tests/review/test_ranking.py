"""Which policy is preferred, and who may see it."""

import csv
import io
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from review.models import Pair
from review.selectors.ranking import get_ranking
from review.services.pair_claiming import claim_pair
from review.services.preferring import show_truth
from tests.datasets.factories import AUDITOR, DATA_MANAGER, LEARNER
from tests.review import factories, pairs

pytestmark = pytest.mark.django_db


def vote(better: str, shares: dict[str, float], policies=("kg", "llm"), reviewers=2, count=12, seed=1) -> None:
    """Pairs of these policies, each answered by all: ``better`` wins, ties and losses by these shares."""
    chance = random.Random(seed)
    people = [factories.make_reviewer() for _ in range(reviewers)]
    for _ in range(count):
        pairs.make_rivals(policies=policies, required=reviewers)
        for reviewer in people:
            pair = claim_pair(user=reviewer.user).pair
            side = "FIRST" if pair.first_policy == better else "SECOND"
            other = {"FIRST": "SECOND", "SECOND": "FIRST"}[side]
            (said,) = chance.choices([side, "TIE", "BOTH_BAD", other], list(shares.values()))
            pairs.answer_pair(reviewer, pair, said)


def test_who_is_preferred_stands_first_with_an_interval():
    vote("llm", {"win": 0.6, "tie": 0.1, "bad": 0.1, "loss": 0.2})
    sheet = get_ranking()
    best, last = sheet.standings
    assert (best.policy, last.policy) == ("llm", "kg")
    assert best.plain.value > 0 > last.plain.value
    assert best.plain.value == pytest.approx(-last.plain.value)
    low, high = best.plain.interval
    assert low < best.plain.value < high
    assert best.n == best.wins + best.losses + best.ties + best.both_bad == 24
    assert (best.wins, best.losses) == (last.losses, last.wins)
    # Both ways are equally long: there is no effect of length, not one of 0.
    assert (sheet.controls, set(sheet.controlled.effects), sheet.longer.value) == (("left",), {"left"}, None)
    assert (sheet.answers, sheet.pairs, sheet.reviewers, sheet.between, sheet.within) == (24, 12, 2, 24, 0)
    assert sheet.agreement.items == 12
    assert 0 <= sheet.left.value <= 1
    assert sheet.left.n == best.wins + best.losses


def test_length_is_taken_out_where_it_varies():
    # The ways of these two differ in length alone: their words, and so the strengths, cannot be told from it.
    case = factories.make_case()
    reviewer = factories.make_reviewer()
    chance = random.Random(3)
    for number in range(24):
        wordy = pairs.make_tree((2,), case, ("wordy",), words="More. " * chance.choice((1, 20, 40)) + str(number))
        terse = pairs.make_tree((2,), case, ("terse",), words="Less. " * chance.choice((1, 5, 30)) + str(number))
        pairs.add_pair(first=(wordy, 3), second=(terse, 3), reason="A test.")
        pair = claim_pair(user=reviewer.user).pair
        longer = "FIRST" if pair.first_chars > pair.second_chars else "SECOND"
        shorter = {"FIRST": "SECOND", "SECOND": "FIRST"}[longer]
        pairs.answer_pair(reviewer, pair, longer if chance.random() < 0.8 else shorter)
    sheet = get_ranking()
    assert sheet.longer.value > 0.6
    assert set(sheet.controlled.effects) == {"length", "left"}
    assert sheet.controlled.effects["length"].value > 0
    wordy = next(each for each in sheet.standings if each.policy == "wordy")
    assert wordy.controlled.value < wordy.plain.value


def test_degenerate_cases_are_named(reviewer):
    empty = get_ranking()
    assert (empty.answers, empty.standings, empty.reason) == (0, (), "nothing was compared")
    pairs.make_siblings()
    pairs.prefer(reviewer, "FIRST")
    alone = get_ranking()
    assert "of one policy with itself" in alone.reason
    assert (alone.within, alone.left.n, alone.standings) == (1, 1, ())
    assert alone.agreement.value is None
    vote("llm", {"win": 1.0, "tie": 0, "bad": 0, "loss": 0}, reviewers=1, count=2)
    assert "so their strength has no bound" in get_ranking().reason
    vote("c", {"win": 0.5, "tie": 0, "bad": 0, "loss": 0.5}, policies=("c", "d"), reviewers=1, count=2)
    split = get_ranking()
    assert "never compared with the others" in split.reason
    assert {policy for group in split.groups for policy in group} == {"kg", "llm", "c", "d"}
    assert all(each.plain is None for each in split.standings)


def test_answers_in_hindsight_and_of_another_scope_are_left_out(reviewer):
    pair = pairs.make_rivals()
    claim_pair(user=reviewer.user)
    pairs.answer_pair(reviewer, pair, "FIRST")
    show_truth(reviewer=reviewer, pair=pair)
    assert (get_ranking().answers, get_ranking().hindsight) == (1, 0)
    assert (get_ranking("BRANCH").answers, get_ranking("TURN").answers) == (1, 0)
    pairs.answer_pair(reviewer, pair, "TIE")
    assert (get_ranking().answers, get_ranking().hindsight) == (0, 1)


ROUTES = ("/review/pairs/ranking/", "/review/pairs/ranking.csv", "/review/pairs/ranking.json")


def test_only_those_who_look_after_data_see_whose_the_ways_are(client_of):
    staff = {"is_staff": True}
    people = {LEARNER: 404, factories.ANNOTATOR: 404, factories.ADJUDICATOR: 404, AUDITOR: 200, DATA_MANAGER: 200}
    for role, status in people.items():
        client = client_of(factories.make_role(role, **staff))
        assert [client.get(route).status_code for route in ROUTES] == [status] * 3, role
        assert client.get("/admin/review/pair/").status_code == (200 if status == 200 else 403), role


def test_the_page_and_its_files(client_of):
    client = client_of(factories.make_role(DATA_MANAGER))
    assert "Nobody has compared" in client.get(ROUTES[0]).content.decode()
    vote("llm", {"win": 0.6, "tie": 0.2, "bad": 0, "loss": 0.2}, policies=("=kg", "llm"))
    page = client.get(ROUTES[0]).content.decode()
    assert "Without length and side" in page
    assert "Krippendorff" in page
    rows = list(csv.DictReader(io.StringIO(client.get(ROUTES[1]).content.decode())))
    assert [row["policy"] for row in rows] == ["llm", "'=kg"]
    assert float(rows[0]["low"]) < float(rows[0]["strength"]) < float(rows[0]["high"])
    told = client.get(ROUTES[2], {"scope": "BRANCH"}).json()
    assert (told["scope"], told["answers"], told["plain"]["reason"]) == ("BRANCH", 24, None)
    assert client.get(ROUTES[2], {"scope": "TURN"}).json()["plain"]["reason"] == "nothing was compared"
    pairs.make_siblings()
    pairs.prefer(factories.make_reviewer())
    assert "of one policy with itself" in client.get(ROUTES[0], {"scope": "TURN"}).content.decode()


def test_queries_do_not_grow_with_what_there_is(client_of):
    client = client_of(factories.make_role(DATA_MANAGER))

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(ROUTES[0])
        return len(queries)

    vote("llm", {"win": 1, "tie": 1, "bad": 1, "loss": 1}, count=2)
    before = count()
    vote("llm", {"win": 1, "tie": 1, "bad": 1, "loss": 1}, count=6)
    assert count() == before


def test_the_administration_lists_and_retires(client_of):
    manager = client_of(factories.make_role(DATA_MANAGER, is_staff=True))
    pair = pairs.make_rivals()
    pairs.prefer(factories.make_reviewer())
    again = pairs.make_rivals(required=2)
    for page in ("pair/", f"pair/{pair.pk}/change/", "preference/", "pairskip/"):
        assert manager.get(f"/admin/review/{page}").status_code == 200, page
    manager.post("/admin/review/pair/", {"action": "retire", "_selected_action": [str(again.pk), str(pair.pk)]})
    assert set(Pair.objects.values_list("pk", "state")) == {(pair.pk, "DONE"), (again.pk, "RETIRED")}
