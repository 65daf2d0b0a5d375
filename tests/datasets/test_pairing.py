"""Trees and benchmark runs handed to reviewers, two ways at a time."""

import pytest

from datasets.models import BenchmarkRun
from review.models import Pair
from tests.datasets import factories
from tests.datasets.bench_runs import make_done_run

pytestmark = pytest.mark.django_db
FORM = {"reason": "Which is better?", "required": "2", "priority": "1"}


@pytest.fixture
def mine(client_of, manager):
    return client_of(manager)


def test_a_turn_is_compared_with_its_siblings_once(mine, run):
    tree = run.cases.order_by("position").first().trajectory
    address = f"/data/trees/{tree.pk}/"
    turns = list(tree.nodes.filter(parent_seq=0, kind="TURN").values_list("seq", flat=True))
    page = mine.get(address, {"node": turns[0]}).content.decode()
    assert "Compare with its siblings" in page
    assert "Compare with its siblings" not in mine.get(address, {"node": 0}).content.decode()
    told = mine.post(f"{address}pairs", {**FORM, "node": turns[0]}, follow=True).content.decode()
    pairs = list(Pair.objects.all())
    assert len(pairs) == len(turns) - 1 - ("cannot be compared" in told)
    assert {pair.scope for pair in pairs} == {"TURN"}
    assert {(pair.required, pair.priority, pair.reason) for pair in pairs} == {(2, 1, "Which is better?")}
    again = mine.post(f"{address}pairs", {**FORM, "node": turns[0]}, follow=True).content.decode()
    assert "0 pairs added." in again
    assert f"{len(pairs)} " in again
    assert Pair.objects.count() == len(pairs)


def test_what_cannot_be_paired_is_told(mine, run):
    address = f"/data/trees/{run.cases.first().trajectory_id}/pairs"
    assert b"no sibling" in mine.post(address, {**FORM, "node": "0"}, follow=True).content
    empty = mine.post(address, {"node": "1", "required": "0", "priority": "0"}, follow=True).content.decode()
    assert "Say why they should be compared." in empty
    assert "No pair was added." in empty
    assert not Pair.objects.exists()


def test_a_run_gives_one_pair_from_each_fork_up_to_a_number(mine, run):
    address = f"/data/runs/{run.pk}/"
    assert "Have siblings compared" in mine.get(address).content.decode()
    first = mine.post(f"{address}pairs", {**FORM, "most": "2"}, follow=True).content.decode()
    assert "2 pairs added. There may be more" in first
    mine.post(f"{address}pairs", {**FORM, "most": "200"})
    trees = run.cases.filter(trajectory__isnull=False).count()
    assert Pair.objects.values("first_trajectory", "shared").distinct().count() == Pair.objects.count() >= trees
    assert "0 pairs added." in mine.post(f"{address}pairs", {**FORM, "most": "200"}, follow=True).content.decode()


def test_siblings_that_the_verdicts_tell_apart(mine, run):
    mine.post(f"/data/runs/{run.pk}/pairs", {**FORM, "most": "200", "differing": "on"})
    assert Pair.objects.exists()
    for pair in Pair.objects.all():
        # Leaf 3 of these trees is the one that is retained, by way of node 1.
        assert {pair.first_leaf, pair.second_leaf} & {1, 3}


def test_what_two_benchmark_runs_made_of_each_case(mine, cases, manager, graph):
    benchmark = factories.make_benchmark(cases, manager)
    runs = [make_done_run(benchmark, manager, policy=policy) for policy in ("anchored", "kg")]
    chosen = {"run": [str(run.pk) for run in runs]}
    page = mine.get(f"/data/benchmarks/{benchmark.key}/compare/", chosen).content.decode()
    assert "Have people compare what both made of each case" in page
    address = f"/data/benchmarks/{benchmark.key}/pairs"
    told = mine.post(address, {**FORM, **chosen, "most": "50"}, follow=True).content.decode()
    assert "added." in told
    pairs = list(Pair.objects.all())
    assert 0 < len(pairs) <= len(cases)
    assert {frozenset((pair.first_policy, pair.second_policy)) for pair in pairs} == {frozenset(("anchored", "kg"))}
    assert len({pair.case_id for pair in pairs}) == len(pairs)
    for wrong in ([chosen["run"][0]], [*chosen["run"], "x"]):
        assert b"Choose two runs." in mine.post(address, {**FORM, "run": wrong, "most": "5"}, follow=True).content
    stranger = [chosen["run"][0], "00000000-0000-0000-0000-000000000000"]
    assert b"made of two runs" in mine.post(address, {**FORM, "run": stranger, "most": "5"}, follow=True).content
    assert BenchmarkRun.objects.count() == 2
