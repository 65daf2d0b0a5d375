"""What training data and the ranking are given of preferences."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from diagnosis.models import Trajectory
from medaction.domain.prompt import LAST_TURN, SYSTEM
from review.selectors.preferences import list_preferences
from review.services.pair_claiming import claim_pair
from review.services.pairing import add_pair, retire_pair
from tests.review import factories, pairs

pytestmark = pytest.mark.django_db


def test_a_row_has_the_words_that_were_compared(reviewer):
    pair = pairs.make_siblings()
    claim_pair(user=reviewer.user)
    pairs.answer_pair(reviewer, pair, "TIE")
    pairs.answer_pair(reviewer, pair, "SECOND", reasons=("unsafe",), comment="Quicker.", confidence=3)
    (row,) = list_preferences()
    one, other = (pair.first_trajectory.nodes.get(seq=seq).content["text"] for seq in (1, 3))
    assert (row.chosen.text, row.rejected.text) == (other, one)
    assert row.messages[0] == {"role": "system", "content": SYSTEM}
    assert row.messages[-1]["content"].endswith("Turn 1.")
    assert row.first.messages == ({"role": "assistant", "content": one},)
    assert (row.choice, row.revision, row.reasons, row.confidence) == ("SECOND", 2, ("unsafe",), 3)
    assert (row.reviewer, row.scope, row.case) == (reviewer.alias, "TURN", pair.case)
    assert (row.first.policy, row.first.turns, row.first.chars, row.first.sampled) == ("kg", 1, len(one), True)
    assert row.left in {"FIRST", "SECOND"}


def test_branches_are_dialogues_as_the_model_had_them(reviewer):
    case = factories.make_case()
    trees = [pairs.make_tree((turns,), case, ("kg",), words=str(turns)) for turns in (2, 3)]
    for tree in trees:
        Trajectory.objects.filter(pk=tree.pk).update(settings={"environment": {"horizon": 2, "menu_visible": True}})
        tree.refresh_from_db()
    add_pair(first=(trees[0], 3), second=(trees[1], 5), reason="A test.")
    pairs.prefer(reviewer, "BOTH_BAD")
    (row,) = list_preferences()
    assert (row.chosen, row.rejected) == (None, None)
    assert "Tests that can be ordered" in row.messages[-1]["content"]
    short = min(row.first, row.second, key=lambda side: side.turns)
    assert [message["role"] for message in short.messages] == ["assistant", "user", "assistant"]
    assert short.messages[1]["content"].endswith(LAST_TURN)


def test_pairs_that_were_retired_teach_nothing(reviewer):
    pairs.make_siblings(required=2)
    pair = pairs.prefer(reviewer)
    assert len(list(list_preferences())) == 1
    retire_pair(pair=pair, reason="The case was withdrawn.")
    assert list(list_preferences()) == []


def test_queries_do_not_grow_with_what_there_is(reviewer):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            list(list_preferences())
        return len(queries)

    pairs.make_siblings()
    pairs.prefer(reviewer)
    before = count()
    for _ in range(4):
        pairs.make_siblings()
        pairs.prefer(reviewer)
    assert count() == before
