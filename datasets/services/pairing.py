"""Ways through cases handed to people two at a time: siblings of a tree, or what two benchmark runs made of a case."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from datasets.models import BenchmarkRun, DistillationRun, Selection, Verdict
from diagnosis.models import Trajectory, TrajectoryNode
from review.services.errors import ItemRefused
from review.services.holding import fraction_of
from review.services.pair_adding import Added, add_pairs
from review.services.pairing import End

Ends = tuple[End, End]
ALL_SIBLINGS = 100


def pair_siblings(*, tree: Trajectory, seq: int, **values: Any) -> Added:
    """The turn at this node with each of its siblings. Raises ``ItemRefused`` where there is none."""
    siblings = next((list(each) for each in _forks(tree) if seq in each), [])
    if not siblings:
        raise ItemRefused("This turn has no sibling in the tree to be compared with.")
    ends = (((tree, seq), (tree, other)) for other in siblings if other != seq)
    return add_pairs(ends=ends, most=ALL_SIBLINGS, **values)


def pair_trees(
    *, run: DistillationRun, most: int, selection: Selection | None = None, differing: bool = False, **values: Any
) -> Added:
    """One pair from each place where a tree of this run forks, in the order of its cases.

    ``differing``: of a way with a branch that ``selection`` retained and one without; else any two, by the site's seed.
    """
    kept = _retained(selection) if differing and selection is not None else None
    rows = run.cases.filter(trajectory__isnull=False).select_related("trajectory").order_by("position")

    def ends() -> Iterator[Ends]:
        for row in rows.iterator(chunk_size=50):
            tree = row.trajectory
            good = None if kept is None else _above(tree, kept[tree.pk])
            for siblings in _forks(tree):
                if (chosen := _choose(tree, siblings, good)) is not None:
                    yield (tree, chosen[0]), (tree, chosen[1])

    return add_pairs(ends=ends(), most=most, **values)


def pair_runs(*, first: BenchmarkRun, second: BenchmarkRun, most: int, **values: Any) -> Added:
    """What both runs made of each case, sample beside sample, in the order of the first run's cases."""
    other = {
        (result.case_id, result.sample): result
        for result in second.results.filter(trajectory__isnull=False).select_related("trajectory").defer("record")
    }
    mine = first.results.filter(trajectory__isnull=False).select_related("trajectory").defer("record")

    def ends() -> Iterator[Ends]:
        for result in mine.order_by("position"):
            if (theirs := other.get((result.case_id, result.sample))) is not None:
                yield (result.trajectory, result.leaf_seq), (theirs.trajectory, theirs.leaf_seq)

    return add_pairs(ends=ends(), most=most, **values)


def _forks(tree: Trajectory) -> list[dict[int, str]]:
    """Turns that answer the same, two or more at a time, in the order of the tree: their words by node."""
    turns: dict[int, dict[int, str]] = defaultdict(dict)
    nodes = TrajectoryNode.objects.filter(trajectory=tree, kind=TrajectoryNode.Kind.TURN).order_by("seq")
    for seq, parent, text in nodes.values_list("seq", "parent_seq", "content__text"):
        turns[parent][seq] = text
    return [siblings for siblings in turns.values() if len(siblings) > 1]


def _choose(tree: Trajectory, siblings: dict[int, str], good: set[int] | None) -> tuple[int, int] | None:
    """Two of them that do not say the same, the same two whenever it is asked."""
    shuffled = sorted(siblings, key=lambda seq: fraction_of(f"{tree.pk}:{seq}"))
    for one, other in combinations(shuffled, 2):
        if siblings[one] != siblings[other] and (good is None or (one in good) != (other in good)):
            return one, other
    return None


def _retained(selection: Selection) -> dict[Any, set[int]]:
    """Leaves of retained branches by trajectory."""
    found: dict[Any, set[int]] = defaultdict(set)
    verdicts = selection.verdicts.filter(verdict=Verdict.Kind.RETAINED)
    for trajectory, leaf in verdicts.values_list("score__trajectory", "score__leaf_seq"):
        found[trajectory].add(leaf)
    return found


def _above(tree: Trajectory, leaves: set[int]) -> set[int]:
    """These leaves and every node on the way to them."""
    parents = dict(TrajectoryNode.objects.filter(trajectory=tree).values_list("seq", "parent_seq"))
    found: set[int] = set()
    for leaf in leaves:
        seq: int | None = leaf
        while seq is not None and seq not in found:
            found.add(seq)
            seq = parents[seq]
    return found
