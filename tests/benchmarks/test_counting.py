import math

import pytest

from benchmarks.load import level
from benchmarks.numbers import Figure, percentile
from benchmarks.report import Row
from benchmarks.stream import Stream
from benchmarks.visitor import events


def stream(*stamps: int, at: float = 10.0) -> Stream:
    made = Stream()
    made.take_words('{"reasoning":"' + "".join(f"{stamp} " for stamp in stamps) + '","differential":[{"p": 0.6}]', at)
    return made


@pytest.mark.parametrize(
    ("stamps", "faults"),
    [
        ((1, 2, 3), 0),
        ((1, 3), 1),
        ((), 3),
        ((1, 2, 2), 2),  # one is missing, one came twice
        ((1, 3, 2), 1),  # all are there, one too early
    ],
)
def test_what_is_missing_doubled_or_misplaced_counts(stamps: tuple[int, ...], faults: int) -> None:
    assert stream(*stamps).faults(3) == faults


def test_a_stamp_cut_in_two_is_one_stamp() -> None:
    cut = Stream()
    for piece in ('{"reasoning":"12', "34 56", "78 "):
        cut.take_words(piece, 10.0)
    assert [stamp for _, stamp in cut.arrivals] == [1234, 5678]


def test_an_event_that_comes_again_is_taken_once() -> None:
    read = Stream()
    read.take_event(1, [["reasoning", "1 "]], replace=True)
    read.take_event(2, [["reasoning", "2 "]], replace=False)
    read.take_event(2, [["reasoning", "2 "]], replace=False)
    assert (read.faults(2), read.repeated, read.parts) == (0, 1, {"reasoning": "1 2 "})


def test_a_snapshot_replaces_what_came_before() -> None:
    read = Stream()
    read.take_event(1, [["reasoning", "1 2 "]], replace=False)
    read.take_event(2, [["reasoning", "1 2 3 "]], replace=True)
    assert (read.faults(3), read.parts) == (0, {"reasoning": "1 2 3 "})


def test_a_level_looks_at_its_window_only_and_counts_loss_over_everything() -> None:
    early, late = stream(int(9.9e9), at=10.0), stream(int(19e9), at=20.0)
    found = level([early, late], 5.0, 15.0, {"web": 0.2, "worker": 0.3}, tokens=2)
    assert (found.expected, found.lost, found.cpu_total) == (4, 2, pytest.approx(500_000))
    assert found.p99 == pytest.approx(100)


def test_percentiles_are_values_that_were_seen() -> None:
    assert [percentile([3, 1, 2, 4], share) for share in (0.5, 0.99, 0.01)] == [2, 4, 1]
    assert math.isnan(percentile([], 0.5))


def test_worst_depends_on_what_is_better() -> None:
    assert Figure.of([1, 5, 3]) == Figure(3, 5, 3)
    assert Figure.of([1, 5, 3], more_is_better=True) == Figure(3, 1, 3)


def test_an_aim_is_judged_only_when_there_is_one_and_a_figure() -> None:
    assert Row("P1", "", Figure(40, 90, 5), "ms", 40).met is True
    assert Row("P1", "", Figure(41, 41, 1), "ms", 40).met is False
    assert Row("P4", "", Figure(60, 60, 1), "×", 50, more_is_better=True).met is True
    assert Row("P1", "", Figure.of([]), "ms", 40).met is None
    assert Row("P1", "", Figure(1, 1, 1), "ms").met is None


class Content:
    """A response body that arrives in these pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = pieces

    async def iter_any(self):
        for piece in self._pieces:
            yield piece


async def test_events_are_read_however_they_are_cut() -> None:
    wire = b'retry: 1000\n\n: still here\n\nid: 1.2-0\nevent: delta\ndata: {"n": 1}\n\n'
    wire += b'event: end\ndata: {"state": "X"}\n\n'
    expected = [("delta", {"n": 1}), ("end", {"state": "X"})]
    for cut in range(len(wire)):
        assert [event async for event in events(Content(wire[:cut], wire[cut:]))] == expected
