"""The worked examples of docs/guides/metrics.md, on the real graph: the numbers of the guide, to the last digit.

Only what the graph links enters them (troponin and ST elevation point to infarction), and in one case how alike gout
and infarction are, which is read from the graph here as well.
"""

import pytest

from medaction.knowledge import KnowledgeGraph
from medaction.metrics import BranchScore, BranchScorer, Ratio
from tests.medaction.metrics import dialogues
from tests.medaction.metrics.dialogues import make_case


def alignments(score: BranchScore) -> list[float | None]:
    return [turn.alignment for turn in score.turns]


def updates(score: BranchScore) -> list[float | None]:
    return [turn.rac for turn in score.turns]


def test_converging(scorer: BranchScorer) -> None:
    score = scorer.score(dialogues.CONVERGING, make_case())
    assert alignments(score) == pytest.approx([0.64, 1.0, 1.0])
    assert score.dtc == pytest.approx(0.5 * 1.0 + 0.5 * 2 / 2)
    assert updates(score) == [1.0, 1.0, 0.5]
    assert score.rac == pytest.approx(2.5 / 3)
    assert (score.grounding, score.coverage, score.correct) == (1.0, 1.0, True)
    assert not any(turn.divergent for turn in score.turns)
    assert "ST-segment elevation supports myocardial infarction ↑." in score.turns[1].reasons
    assert score.turns[2].reasons[0] == "Nothing new supports raising myocardial infarction."
    assert score.counts["key_test_miss_rate"] == Ratio(0, 2)
    assert score.counts["test_precision"] == Ratio(2, 3)


def test_rigid(scorer: BranchScorer) -> None:
    score = scorer.score(dialogues.RIGID, make_case())
    assert alignments(score) == pytest.approx([0.64, 0.64])
    assert score.dtc == pytest.approx(0.5 * 0.64 + 0.5)
    assert updates(score) == [1.0, 0.0]
    assert score.turns[1].rigid
    assert score.turns[1].reasons[0].endswith("times against the leader, and nothing changed.")
    assert score.counts["rigidity"] == Ratio(1, 1)
    assert score.correct is False


def test_placebo(scorer: BranchScorer) -> None:
    score = scorer.score(dialogues.PLACEBO, make_case())
    assert score.dtc == pytest.approx(0.5 * 1.0 + 0.5)
    assert updates(score) == [1.0, 0.0]
    assert "Nothing new supports lowering aortic dissection." in score.turns[1].reasons
    assert score.counts["placebo_rate"] == Ratio(1, 1)
    assert score.counts["unavailable_rate"] == Ratio(1, 1)


def test_diverging(scorer: BranchScorer, graph: KnowledgeGraph) -> None:
    gout, infarction = (graph.concept(name, None) for name in (dialogues.GOUT, dialogues.INFARCTION))
    assert gout
    assert infarction
    alike = graph.similarity(gout.concept, infarction.concept)
    assert alike is not None
    assert alike < 0.2
    score = scorer.score(dialogues.DIVERGING, make_case())
    assert alignments(score) == pytest.approx([1.0, alike, alike])
    assert score.dtc == pytest.approx(0.5 * alike + 0.5 * 1 / 2)
    assert [turn.divergent for turn in score.turns] == [False, True, False]
    assert updates(score) == [1.0, 0.0, 0.0]
    assert [turn.grounding for turn in score.turns] == [1.0, 0.0, None]
    assert score.counts["must_not_miss_dropped_rate"] == Ratio(2, 2)
    assert score.counts["erratic_jump_rate"] == Ratio(1, 1)


def test_not_assessable(scorer: BranchScorer) -> None:
    score = scorer.score(dialogues.UNKNOWN, make_case())
    assert score.dtc is score.rac is score.grounding is None
    assert score.coverage == pytest.approx(2 / 7)
    assert [note.split(":")[0] for note in score.notes] == ["RAC is not assessable", "DTC is not assessable"]
    no_truth = scorer.score(dialogues.CONVERGING, make_case("A thing nobody named"))
    assert no_truth.dtc is no_truth.correct is None
    assert no_truth.rac == pytest.approx(2.5 / 3)
    assert no_truth.counts["test_precision"].value is None


def test_at_once(scorer: BranchScorer) -> None:
    score = scorer.score(dialogues.AT_ONCE, make_case())
    assert score.dtc == pytest.approx(0.8)
    assert (score.rac, score.grounding, score.correct) == (1.0, None, False)
    assert (score.measures["top1_p"], score.measures["top1_correct"], score.measures["truth_p"]) == (0.6, 0.0, 0.3)
