"""What must hold for every branch: bounds, names and ids that do not matter, prefixes, and a truth nobody can read."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medaction.distill.episode import run_episode
from medaction.distill.policies.kg import KgPolicy
from medaction.domain.actions import FinalDiagnosis, Turn
from medaction.domain.branch import Branch, BranchStep
from medaction.domain.tree import NodeKind, TrajectoryTree, TreeError
from medaction.formats.teaching import load_teaching_cases
from medaction.knowledge import KnowledgeGraph
from medaction.metrics import BranchScore, BranchScorer
from tests.medaction.metrics import dialogues
from tests.medaction.metrics.dialogues import branch, make_case, think

SYNONYMS = {
    "Myocardial infarction": "heart attack",
    "Aortic dissection": "dissecting aneurysm of aorta",
    "Pulmonary embolism": "PE",
    "Gout": "gouty arthritis",
}
NAMES = [*SYNONYMS, "Pneumonia", "Asthma", "No such disease"]
RESULTS = {
    "troponin": st.sampled_from(["Troponin elevated.", "Troponin normal.", "Pending", None]),
    "ecg": st.sampled_from(["ST elevation in II, III and aVF.", "Sinus rhythm.", None]),
    "lactate": st.none(),
}
CITATIONS = st.lists(st.sampled_from(["o1.1", "o1.2", "r2.1", "r3.1"]), max_size=2, unique=True).map(tuple)


@st.composite
def branches(draw: st.DrawFn) -> Branch:
    steps = []
    for _ in range(draw(st.integers(1, 4))):
        names = draw(st.lists(st.sampled_from(NAMES), max_size=4, unique=True))
        listed = [(name, draw(st.sampled_from([None, 0.05, 0.2, 0.6]))) for name in names]
        keys = draw(st.lists(st.sampled_from(sorted(RESULTS)), max_size=2, unique=True))
        turn = think(*listed, ask=keys)
        cited = tuple(replace(h, supporting=draw(CITATIONS)) for h in turn.differential)
        steps.append((replace(turn, differential=cited), {key: draw(RESULTS[key]) for key in keys}))
    return branch(*steps)


QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def values(score: BranchScore) -> tuple[object, ...]:
    turns = [(t.alignment, t.divergent, t.rac, t.rigid, t.grounding, t.coverage) for t in score.turns]
    return score.dtc, score.rac, score.grounding, score.coverage, score.correct, score.battery, turns


@QUICK
@given(path=branches())
def test_bounds(scorer: BranchScorer, path: Branch) -> None:
    score = scorer.score(path, make_case())
    for value in (score.dtc, score.rac, score.grounding, score.coverage):
        assert value is None or 0 <= value <= 1
    for turn in score.turns:
        for value in (turn.alignment, turn.rac, turn.grounding, turn.coverage):
            assert value is None or 0 <= value <= 1
        assert all(reason.endswith(".") for reason in turn.reasons)
    for ratio in score.counts.values():
        assert 0 <= ratio.hits <= ratio.of
    assert [turn.number for turn in score.turns] == list(range(2, len(path.steps) + 2))
    assert BranchScore.from_dict(score.to_dict()) == score


@QUICK
@given(path=branches())
def test_other_ids_give_the_same_score(scorer: BranchScorer, path: Branch) -> None:
    def renamed(identifier: str) -> str:
        return f"{identifier[0]}9{identifier[1:]}"

    def observation(one):
        return replace(
            one,
            id=renamed(one.id),
            segments=tuple(replace(s, id=renamed(s.id)) for s in one.segments),
            results=tuple(replace(r, id=renamed(r.id)) for r in one.results),
        )

    def turn(one: Turn) -> Turn:
        return replace(
            one,
            differential=tuple(
                replace(h, supporting=tuple(map(renamed, h.supporting)), contradicting=()) for h in one.differential
            ),
        )

    other = Branch(
        observation(path.first), tuple(BranchStep(turn(s.turn), observation(s.observation)) for s in path.steps)
    )
    assert values(scorer.score(other, make_case())) == values(scorer.score(path, make_case()))


@QUICK
@given(path=branches())
def test_synonyms_give_the_same_score(scorer: BranchScorer, path: Branch) -> None:
    def turn(one: Turn) -> Turn:
        return replace(one, differential=tuple(replace(h, dx=SYNONYMS.get(h.dx, h.dx)) for h in one.differential))

    other = Branch(path.first, tuple(BranchStep(turn(s.turn), s.observation) for s in path.steps))
    assert values(scorer.score(other, make_case("heart attack"))) == values(scorer.score(path, make_case()))


@QUICK
@given(path=branches(), cut=st.integers(1, 4))
def test_a_prefix_scores_as_it_does_inside_the_whole(scorer: BranchScorer, path: Branch, cut: int) -> None:
    whole = scorer.score(path, make_case())
    part = scorer.score(path.before(cut + 2), make_case())
    for one, other in zip(part.turns, whole.turns, strict=False):
        assert replace(one, divergent=None) == replace(other, divergent=None)
    assert [t.divergent for t in part.turns[:-1]] == [t.divergent for t in whole.turns[: len(part.turns) - 1]]


@QUICK
@given(path=branches(), truth=st.sampled_from(NAMES))
def test_only_dtc_and_the_key_tests_read_the_truth(scorer: BranchScorer, path: Branch, truth: str) -> None:
    one, other = scorer.score(path, make_case()), scorer.score(path, make_case(truth))
    assert (one.rac, one.grounding, one.coverage) == (other.rac, other.grounding, other.coverage)
    for a, b in zip(one.turns, other.turns, strict=True):
        assert (a.changes, a.orders, a.rac, a.rigid, a.reasons) == (b.changes, b.orders, b.rac, b.rigid, b.reasons)


@QUICK
@given(path=branches())
def test_a_change_after_refusals_alone_lowers_rac(scorer: BranchScorer, path: Branch) -> None:
    """Nothing new was told, so a new leader out of nowhere rests on nothing."""
    last = path.steps[-1].turn.differential
    calm = BranchStep(think(*((h.dx, h.p) for h in last), ask=["lactate"]), None)
    jump = BranchStep(think(("Rheumatic fever", 0.9), ask=["lactate"]), None)
    refused = branch((think(("Gout", 0.5), ask=["lactate"]), {"lactate": None})).steps[0].observation
    assert refused is not None
    refused = replace(refused, id="r9", results=tuple(replace(r, id="r9.1") for r in refused.results))
    begun = (*path.steps[:-1], BranchStep(path.steps[-1].turn, refused))
    if not last:
        return
    stayed = scorer.score(Branch(path.first, (*begun, calm)), make_case())
    jumped = scorer.score(Branch(path.first, (*begun, jump)), make_case())
    assert stayed.turns[-1].rac == 1.0
    assert jumped.turns[-1].rac == 0.0
    if stayed.rac is not None and jumped.rac is not None:
        assert jumped.rac < stayed.rac


def test_a_tree_scores_as_its_branches(scorer: BranchScorer) -> None:
    tree = TrajectoryTree()
    root = tree.append(None, NodeKind.OBSERVATION, dialogues.CONVERGING.first.to_dict())
    expected = []
    for path in (dialogues.CONVERGING, dialogues.RIGID, dialogues.DIVERGING):
        parent = root
        for step in path.steps:
            children = [n for n in tree if n.parent_seq == parent.seq and n.content["turn"] == step.turn.to_dict()]
            turn = children[0] if children else tree.append(parent, NodeKind.TURN, {"turn": step.turn.to_dict()})
            if step.turn.action and isinstance(step.turn.action, FinalDiagnosis):
                break
            assert step.observation is not None
            below = [n for n in tree if n.parent_seq == turn.seq]
            parent = below[0] if below else tree.append(turn, NodeKind.OBSERVATION, step.observation.to_dict())
        expected.append(scorer.score(path, make_case()))
    scores = scorer.score_tree(tree, make_case())
    assert [score.leaf for score in scores] == [leaf.seq for leaf in tree.leaves()]
    assert [replace(score, leaf=None) for score in scores] == expected
    assert len(tree) < sum(2 * len(p.steps) for p in (dialogues.CONVERGING, dialogues.RIGID, dialogues.DIVERGING))


def test_a_broken_tree_is_refused(scorer: BranchScorer) -> None:
    tree = TrajectoryTree()
    root = tree.append(None, NodeKind.OBSERVATION, dialogues.RIGID.first.to_dict())
    tree.append(root, NodeKind.OBSERVATION, dialogues.RIGID.first.to_dict())
    with pytest.raises(TreeError, match="node 1 breaks the order"):
        scorer.score_tree(tree, make_case())


async def test_the_policy_cannot_read_the_truth(graph: KnowledgeGraph, scorer: BranchScorer) -> None:
    """Two cases alike but for the truth: word for word the same turns, and another DTC."""
    case = load_teaching_cases()[2]
    other = replace(case, diagnosis=replace(case.diagnosis, text="Gout", aliases=(), concept_ids=()), hidden_notes="")
    policy = KgPolicy(graph)
    one, two = await run_episode(case, policy), await run_episode(other, policy)
    assert [step.reply for step in one.view.steps] == [step.reply for step in two.view.steps]
    path = Branch(one.view.first, tuple(BranchStep(s.reply.turn, s.observation) for s in one.view.steps))
    assert scorer.score(path, case).dtc != scorer.score(path, other).dtc


def test_a_turn_that_cannot_be_read_is_counted_and_states_nothing(scorer: BranchScorer) -> None:
    whole = dialogues.CONVERGING
    broken = Branch(whole.first, (whole.steps[0], BranchStep(think(), None), *whole.steps[1:]))
    score = scorer.score(broken, make_case())
    assert score.counts["format_failure_rate"].hits == 1
    assert (score.turns[1].stated, score.turns[1].rac, score.turns[1].alignment) == (False, None, None)
    assert score.dtc == scorer.score(whole, make_case()).dtc
