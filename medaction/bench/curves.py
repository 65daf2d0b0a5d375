"""How belief goes over the turns of active runs, and which runs no other run beats on both cost and accuracy."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from medaction.domain.branch import FIRST_TURN

from .statistics import estimate

Record = Mapping[str, Any]


def draw_curves(records: Sequence[Record], *, seed: int = 0) -> dict[str, Any] | None:
    """For each turn from 2 to the longest run's last: ``truth_p``, the mean probability of the truth, and ``leading``,
    the share in which the truth stands first. What a run last said stands after its end and over a turn that says
    nothing, so every turn has all cases that ever state a belief. None without an active run."""
    active = [record for record in records if not record["static"] and record["path"]]
    if not active:
        return None
    groups: list[Hashable] = [record["group"] for record in active]
    last = max(record["path"][-1]["turn"] for record in active)
    told = [_carry_forward(record["path"], last) for record in active]

    def mean(place: int, turn: int) -> dict[str, Any]:
        return estimate([one[turn][place] for one in told], groups, share=place == 1, seed=seed)

    return {
        "turns": list(range(FIRST_TURN, last + 1)),
        "truth_p": [mean(0, turn) for turn in range(last - FIRST_TURN + 1)],
        "leading": [mean(1, turn) for turn in range(last - FIRST_TURN + 1)],
    }


def _carry_forward(path: Sequence[Mapping[str, Any]], last: int) -> list[tuple[float | None, float]]:
    """(p of the truth, whether it leads) at each turn; before the first statement it does not lead."""
    by_turn = {entry["turn"]: entry for entry in path}
    p: float | None = None
    leads = 0.0
    values = []
    for turn in range(FIRST_TURN, last + 1):
        entry = by_turn.get(turn)
        if entry and entry["leader"] is not None:
            p, leads = entry["truth_p"], float(entry["truth_rank"] == 1)
        values.append((p, leads))
    return values


def find_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Places of the (cost, accuracy) points that no other beats: none is as cheap and better, or as good and cheaper.
    In the order of cost."""
    order = sorted(range(len(points)), key=lambda place: (points[place][0], -points[place][1]))
    front: list[int] = []
    for place in order:
        if not front or points[place][1] > points[front[-1]][1]:
            front.append(place)
    return front
