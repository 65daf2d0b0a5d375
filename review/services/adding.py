"""Many items at once: every branch of some trajectories that is not there yet."""

from collections.abc import Iterable, Iterator
from typing import Any

from diagnosis.models import Trajectory, TrajectoryNode
from review.models import ReviewItem
from review.services.errors import ItemRefused
from review.services.items import add_item


def add_branches(
    *, trajectories: Iterable[Trajectory], source: str, most: int, by_specialty: bool = False, **values: Any
) -> int:
    """How many were added: at most ``most``, in the order of the trajectories. What is there already is passed over.

    ``values`` as for :func:`review.services.items.add_item`. One transaction an item, so that a long list holds up
    nobody; stopped halfway, it can be asked for again.
    """
    added = 0
    for trajectory, leaf in _branches(trajectories, source):
        if added == most:
            break
        specialty = trajectory.case.specialty if by_specialty else ""
        try:
            add_item(trajectory=trajectory, leaf_seq=leaf, source=source, specialty=specialty, **values)
        except ItemRefused:
            # A walkthrough that has not begun has no turn to judge.
            continue
        added += 1
    return added


def _branches(trajectories: Iterable[Trajectory], source: str) -> Iterator[tuple[Trajectory, int]]:
    for trajectory in trajectories:
        nodes = dict(TrajectoryNode.objects.filter(trajectory=trajectory).values_list("seq", "parent_seq"))
        there = set(ReviewItem.objects.filter(trajectory=trajectory, source=source).values_list("leaf_seq", flat=True))
        for seq in sorted(nodes.keys() - set(nodes.values()) - there):
            yield trajectory, seq
