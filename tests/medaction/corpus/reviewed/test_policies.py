"""Each policy on one example, its results worked out by hand.

Three people on a branch of three turns (+1 good, 0 neutral, −1 wrong, · unmarked):

            turn 2   turn 3   turn 4
    ada       +1       +1       −1
    ben       +1        0       −1
    cleo      +1       −1        ·
"""

import pytest

from medaction.corpus import CorpusError
from medaction.corpus.reviewed import LabelPolicy, Pass, Reliability, ReviewPolicy, Step
from medaction.corpus.reviewed.deciding import Kind, Tally, decide
from medaction.corpus.reviewed.policy import read_policy
from medaction.corpus.reviewed.reliability import Labels, weigh_raters
from medaction.corpus.reviewed.telling import Teller
from tests.medaction.corpus.reviewed.sets import ASTRAY, RIGHT, gold, judge, judged_tree
from tests.medaction.corpus.runs import some_cases

ADA, BEN, CLEO = judge("ada", [1, 1, -1]), judge("ben", [1, 0, -1], seconds=30), judge("cleo", [1, -1, None])
EXAMPLE = [CLEO, ADA, BEN]


def decide_all(judgements, labels, weights=None, **values):
    """Decisions by rater, and what was counted."""
    tally = Tally()
    policy = ReviewPolicy(LabelPolicy(labels), **values.pop("policy", {}))
    tree = judged_tree(some_cases(1)[0], judgements, **values)
    return decide(tree, Teller("expert", policy, "steps v1", weights or {}), tally), tally


def said(decision):
    return {number: step.label for number, step in decision.steps.items()}


def test_majority_leaves_out_the_turn_that_is_tied():
    found, tally = decide_all(EXAMPLE, "majority")
    (decision,) = found[""]
    # Turn 3 has one vote each. Who left turn 4 unmarked has no vote there.
    assert said(decision) == {2: 1, 4: -1}
    assert (decision.kind, decision.raters, decision.seconds) == (Kind.MAJORITY, ("ada", "ben", "cleo"), (90, 30, 90))
    assert (tally.branches, tally.judgements, tally.tied, tally.waiting) == (1, 3, 1, 0)


def test_majority_of_one_is_that_one():
    found, _ = decide_all([CLEO], "majority")
    assert said(found[""][0]) == {2: 1, 3: -1}


def test_an_error_is_inherited_and_of_a_kind_when_most_who_saw_it_say_so():
    inherited = Step(-1, inherited=True, errors=("anchoring",))
    one = judge("ada", [], steps={2: Step(-1, errors=("unsafe",)), 3: inherited})
    two = judge("ben", [], steps={2: Step(-1, errors=("unsafe", "format")), 3: inherited})
    three = judge("cleo", [], steps={2: Step(-1, errors=("format",)), 3: Step(-1)})
    found, _ = decide_all([one, two, three], "majority")
    steps = found[""][0].steps
    assert steps[2] == Step(-1, errors=("format", "unsafe"))
    assert steps[3] == Step(-1, inherited=True, errors=("anchoring",))


def test_authoritative_waits_where_people_differ_and_nobody_has_decided():
    found, tally = decide_all(EXAMPLE, "authoritative")
    assert not found
    assert tally.waiting == 1


def test_authoritative_takes_the_adjudicated_revision():
    found, tally = decide_all(EXAMPLE, "authoritative", authoritative={RIGHT: BEN})
    (decision,) = found[""]
    assert (decision.kind, said(decision), decision.raters) == (Kind.ADJUDICATED, {2: 1, 3: 0, 4: -1}, ("ben",))
    assert tally.waiting == 0


def test_authoritative_takes_one_judgement_and_several_that_say_the_same():
    found, _ = decide_all([ADA, judge("ben", [1, 1, -1]), judge("cleo", [0, None], ASTRAY)], "authoritative")
    agreed, single = found[""]
    assert (agreed.kind, agreed.raters) == (Kind.AGREED, ("ada", "ben"))
    assert (single.kind, single.leaf, said(single)) == (Kind.SINGLE, ASTRAY, {2: 0, 3: None})


def test_all_keeps_each_judgement_by_itself():
    found, _ = decide_all(EXAMPLE, "all")
    assert list(found) == ["ada", "ben", "cleo"]
    assert [said(decisions[0])[3] for decisions in found.values()] == [1, 0, -1]
    assert {decisions[0].weight for decisions in found.values()} == {1.0}


def test_the_first_pass_is_another_judgement():
    blind = judge("ada", [0, 0, 0], stage=Pass.FIRST)
    found, tally = decide_all([ADA, blind], "all", policy={"stage": Pass.FIRST})
    assert said(found["ada"][0]) == {2: 0, 3: 0, 4: 0}
    assert tally.judgements == 1


def test_weights_from_gold_are_the_rule_of_succession():
    labels = Labels([judged_tree(some_cases(1)[0], EXAMPLE)], Pass.SECOND)
    weights = weigh_raters(labels, gold(ada=(8, 8), ben=(3, 8), dora=(1, 1)), Reliability.GOLD)
    # (8+1)/(8+2), (3+1)/(8+2); of cleo nothing is known; dora has judged nothing here.
    assert weights == {"ada": 0.9, "ben": 0.4, "cleo": 0.5}
    found, _ = decide_all(EXAMPLE, "weights", weights)
    assert [decisions[0].weight for decisions in found.values()] == [0.9, 0.4, 0.5]


def test_weights_from_agreement_compare_each_with_each_other():
    labels = Labels([judged_tree(some_cases(1)[0], EXAMPLE)], Pass.SECOND)
    # Turn 2: all agree with both others. Turn 3: nobody with anybody. Turn 4: ada and ben with each other.
    # ada 3 of 5, ben 3 of 5, cleo 2 of 4.
    assert weigh_raters(labels, {}, Reliability.AGREEMENT) == {"ada": 0.5714, "ben": 0.5714, "cleo": 0.5}


@pytest.mark.parametrize("reliability", Reliability)
def test_weights_that_nothing_can_be_made_of_are_refused(reliability):
    labels = Labels([judged_tree(some_cases(1)[0], [ADA])], Pass.SECOND)
    with pytest.raises(CorpusError, match="use another policy"):
        weigh_raters(labels, {}, reliability)


def test_a_policy_that_is_none_is_told_in_words():
    assert read_policy("weights", "first", "gold").to_dict() == {
        "labels": "weights",
        "pass": "first",
        "reliability": "gold",
    }
    assert "reliability" not in read_policy("all").to_dict()
    for words in (("best",), ("all", "third"), ("weights", "first", "trust")):
        with pytest.raises(CorpusError, match="use one of"):
            read_policy(*words)
