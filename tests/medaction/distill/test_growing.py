"""Trees: their form, their budgets, what is merged, and that equal inputs give equal trees."""

from collections import Counter
from dataclasses import replace

import pytest

from medaction.distill.growing import grow_case
from medaction.distill.policies.anchored import AnchoredPolicy
from medaction.distill.policies.kg import KgPolicy
from medaction.distill.policies.policy import Reply, View
from medaction.distill.policies.random_tests import RandomPolicy
from medaction.distill.record import LeafEnd, TreeRecord
from medaction.distill.shape import GrowthConfig, TreeShape, derive_seed, tree_seed
from medaction.domain.actions import TestOrder
from medaction.domain.branch import Branch
from medaction.domain.environment import Environment, EnvironmentSettings
from medaction.domain.observation import Outcome
from medaction.domain.tree import NodeKind
from medaction.inference.errors import ErrorCode, ModelError
from tests.medaction.distill.scripted_replies import SaidPolicy, diagnose, order, unreadable
from tests.medaction.distill.small_cases import make_case

TESTS = ("Vital Signs", "D-dimer", "CT pulmonary angiogram", "MRI brain", "Ferritin", "Lipase", "ECG", "Urinalysis")
NAMES = ["Gout", "Pneumonia", "Pulmonary embolism", "Appendicitis", "Migraine"]


def fan(view: View, place: int) -> Reply:
    """Every sibling orders something else, until the last turn."""
    return diagnose(NAMES[place]) if view.must_diagnose else order(TESTS[2 * len(view.steps) + place])


def ends(record: TreeRecord) -> Counter[LeafEnd]:
    return Counter(leaf.end for leaf in record.leaves)


async def test_three_at_the_root_two_below_and_no_more_than_sixteen_leaves() -> None:
    policy = SaidPolicy(fan)
    record = await grow_case(make_case(), policy, GrowthConfig(environment=EnvironmentSettings(horizon=4)))
    tree = record.tree()
    tree.verify()
    children = Counter(node.parent_seq for node in tree if node.kind is NodeKind.TURN)
    assert children[0] == 3
    assert set(children.values()) <= {1, 2, 3}
    # 3 · 2 · 2 = 12, and four of the twelve fork once more.
    assert policy.asked[:4] == [(0, 3), (1, 2), (1, 2), (1, 2)]
    assert Counter(count for depth, count in policy.asked if depth == 3) == {2: 4, 1: 8}
    assert ends(record) == {LeafEnd.TERMINATED: 16}
    assert {leaf.seq for leaf in record.leaves} == {node.seq for node in tree.leaves()}


async def test_siblings_that_do_the_same_are_merged_and_kept_with_the_reason() -> None:
    def say(view: View, place: int) -> Reply:
        if view.steps:
            return diagnose("Pulmonary embolism")
        return [order("D-dimer"), order("d-dimer assay"), order("D-dimer", dx="Gout")][place]

    record = await grow_case(make_case(), SaidPolicy(say))
    merged = [leaf.seq for leaf in record.leaves if leaf.end is LeafEnd.MERGED]
    # One of the root's (the same test by another name), and one below each of the two others.
    assert len(merged) == 3
    assert [one.seq for one in record.rejected] == sorted(merged)
    assert {one.reason for one in record.rejected} >= {"the same tests and leading diagnosis as node 1"}
    assert record.usage["merged"] == 3
    assert [leaf.seq for leaf, _ in record.branches()] == [
        leaf.seq for leaf in record.leaves if leaf.end is not LeafEnd.MERGED
    ]


async def test_unreadable_answers_count_as_turns_and_are_kept() -> None:
    record = await grow_case(make_case(), SaidPolicy(lambda view, place: unreadable(f"hm {place}")))
    assert ends(record) == {LeafEnd.TRUNCATED: 16}
    assert record.usage["format_failures"] == record.usage["turns"] > 16
    assert record.usage["completion_tokens"] == 5 * record.usage["turns"]
    for _, nodes in record.branches():
        branch = Branch.from_nodes(nodes)
        assert len(branch.steps) == 5
        assert branch.diagnosis is None


@pytest.mark.parametrize("budget", [3, 10, 31])
async def test_a_budget_of_nodes_is_never_exceeded(budget: int) -> None:
    record = await grow_case(make_case(), SaidPolicy(fan), GrowthConfig(TreeShape(nodes=budget)))
    assert budget - 2 < len(record.nodes) <= budget
    assert ends(record)[LeafEnd.BUDGET]
    # Nothing is lost: every node that nothing follows is told as a leaf.
    assert {leaf.seq for leaf in record.leaves} == {node.seq for node in record.tree().leaves()}


async def test_a_budget_of_tokens_ends_a_tree_between_levels() -> None:
    record = await grow_case(make_case(), SaidPolicy(fan), GrowthConfig(TreeShape(tokens=1)))
    assert record.usage["turns"] == 3
    assert ends(record) == {LeafEnd.BUDGET: 3}


@pytest.mark.parametrize("policy", [RandomPolicy(NAMES), AnchoredPolicy()], ids=["random", "anchored"])
async def test_equal_seeds_give_equal_trees(policy: RandomPolicy | AnchoredPolicy) -> None:
    one, two, other = [(await grow_case(make_case(), policy, seed=seed)).to_dict() for seed in (1, 1, 2)]
    assert one == two != other
    assert TreeRecord.from_dict(one).to_dict() == one


async def test_the_kg_policy_grows_the_same_tree_twice_and_not_one_branch(policy: KgPolicy) -> None:
    record = await grow_case(make_case(), policy, seed=3)
    assert await grow_case(make_case(), policy, seed=3) == record
    first_turns = [node for node in record.nodes if node.parent_seq == 0]
    assert len({tuple(node.content["turn"]["action"]["tests"]) for node in first_turns}) > 1
    # The first child leans nowhere: it is the policy's own answer.
    calm = policy.decide(View(Branch.from_nodes(record.nodes[:1]).first))
    assert first_turns[0].content["text"] == calm.text


async def test_no_policy_reads_the_truth(policy: KgPolicy) -> None:
    view = View(Environment(make_case()).reset())
    other = View(Environment(make_case(truth="Gout", hidden="It is gout.")).reset())
    for teacher in (policy, RandomPolicy(NAMES), AnchoredPolicy()):
        assert await teacher.propose(view, 3, 7, 0.9) == await teacher.propose(other, 3, 7, 0.9)


async def test_an_anchored_branch_keeps_its_first_idea() -> None:
    record = await grow_case(make_case(), AnchoredPolicy(), seed=5)
    for _, nodes in record.branches():
        tops = [turn.differential[0] for turn in Branch.from_nodes(nodes).turns]
        assert len({top.dx for top in tops}) == 1
        assert [top.p for top in tops] == sorted(top.p or 0 for top in tops)


async def test_random_orders_are_tests_of_the_catalogue_and_mostly_unavailable() -> None:
    record = await grow_case(make_case(), RandomPolicy(NAMES), seed=5)
    results = [r for _, nodes in record.branches() for o in Branch.from_nodes(nodes).observations for r in o.results]
    assert sum(r.outcome is Outcome.UNAVAILABLE for r in results) > 0.8 * len(results)
    actions = [turn.action for _, nodes in record.branches() for turn in Branch.from_nodes(nodes).turns]
    assert all(len(action.tests) == 3 for action in actions if isinstance(action, TestOrder))


async def test_a_passing_fault_is_tried_again_and_a_lasting_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("medaction.distill.growing.WAITS", (0.0, 0.0))
    faults = iter([ModelError(ErrorCode.UNREACHABLE, "away")] * 2)

    def flaky(view: View, place: int) -> Reply:
        if (fault := next(faults, None)) is not None:
            raise fault
        return fan(view, place)

    assert ends(await grow_case(make_case(), SaidPolicy(flaky)))[LeafEnd.TERMINATED] == 16

    def refuses(view: View, place: int) -> Reply:
        raise ModelError(ErrorCode.UNKNOWN_MODEL, "no such model", retryable=False)

    with pytest.raises(ModelError, match="no such model"):
        await grow_case(make_case(), SaidPolicy(refuses))


async def test_the_policy_is_told_not_to_use_the_publication_that_the_case_is_from() -> None:
    seen: set[tuple[str, ...]] = set()

    def say(view: View, place: int) -> Reply:
        seen.add(view.without)
        return fan(view, place)

    await grow_case(replace(make_case(), references=("PMID:1",)), SaidPolicy(say))
    assert seen == {("PMID:1",)}
    seen.clear()
    await grow_case(
        replace(make_case(), references=("PMID:1",)), SaidPolicy(say), GrowthConfig(TreeShape(own_paper=True))
    )
    assert seen == {()}


def test_seeds_depend_on_case_and_path_alone() -> None:
    case = make_case()
    assert tree_seed(1, case) == tree_seed(1, make_case())
    seeds = {derive_seed(tree_seed(1, case), *path) for path in ((), (0,), (1,), (0, 0), (0, 1), (1, 0))}
    assert len(seeds) == 6
    assert all(0 <= seed < 2**31 for seed in seeds)


@pytest.mark.parametrize(
    "wrong", [{"root": 0}, {"leaves": 0}, {"temperature": 2.1}, {"temperature": -1}, {"nodes": 2}, {"tokens": 0}]
)
def test_a_shape_that_makes_no_sense_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"must be|needs"):
        TreeShape(**wrong)  # type: ignore[arg-type]
