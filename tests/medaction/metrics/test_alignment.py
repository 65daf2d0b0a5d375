"""The arithmetic of DTC."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medaction.metrics import MetricSettings
from medaction.metrics.alignment import align, converge, find_divergent, score_trajectory, slope

SETTINGS = MetricSettings()
UNIT = st.floats(0, 1)
PATHS = st.lists(st.one_of(st.none(), UNIT), max_size=8)


@given(st.lists(UNIT, min_size=2, max_size=8))
def test_who_only_comes_nearer_scores_at_least_what_anyone_with_the_same_end_does(values: list[float]) -> None:
    rising = sorted(values)
    others = [*values[:-1], rising[-1]]
    best = score_trajectory(rising, SETTINGS)
    other = score_trajectory(others, SETTINGS)
    assert best is not None
    assert other is not None
    assert best == 0.5 * rising[-1] + 0.5
    assert best >= other


@given(st.lists(UNIT, min_size=3, max_size=8))
def test_a_fall_on_the_way_lowers_it(values: list[float]) -> None:
    rising = sorted(values)
    fallen = [*rising[:-1], rising[-1]]
    fallen[len(fallen) // 2] = max(0.0, rising[len(fallen) // 2 - 1] - 0.2)
    if fallen[len(fallen) // 2] > rising[len(fallen) // 2 - 1] - 0.1:
        return
    before, after = score_trajectory(rising, SETTINGS), score_trajectory(fallen, SETTINGS)
    assert before is not None
    assert after is not None
    assert after < before


@given(PATHS)
def test_bounds(path: list[float | None]) -> None:
    score = score_trajectory(path, SETTINGS)
    assert (score is None) == all(a is None for a in path)
    assert score is None or 0 <= score <= 1
    flags = find_divergent(path, SETTINGS)
    assert [flag is None for flag in flags] == [a is None for a in path]


@given(st.lists(UNIT, max_size=8), st.data())
def test_a_turn_that_says_nothing_changes_nothing(path: list[float], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(path)))
    with_gap = [*path[:place], None, *path[place:]]
    assert score_trajectory(with_gap, SETTINGS) == score_trajectory(path, SETTINGS)
    flags = find_divergent(with_gap, SETTINGS)
    assert flags.pop(place) is None
    assert flags == find_divergent(path, SETTINGS)


def test_by_hand() -> None:
    assert align([None, 0.5, 1.0], 0.8) == pytest.approx(0.64)
    assert align([None, None], 0.8) is None
    assert align([], 0.8) is None
    assert converge([0.5, 0.46, 0.4], 0.05) == 0.5
    assert score_trajectory([0.7], SETTINGS) == 0.7
    assert slope([0.2, None, 0.6]) == pytest.approx(0.2)
    assert slope([0.2]) is None


@pytest.mark.parametrize(
    ("path", "divergent"),
    [
        ([0.05, 0.9], [True, False]),
        ([0.1, 0.9], [False, False]),
        ([0.9, 0.5, 0.9], [False, False, False]),
        ([0.9, 0.5, 0.85], [False, False, False]),
        ([0.9, 0.5, 0.8], [False, True, False]),
        ([0.9, 0.5], [False, True]),
        ([0.9, 0.7, 0.5], [False, False, False]),
        ([0.9, None, 0.5], [False, None, True]),
    ],
)
def test_divergent(path: list[float | None], divergent: list[bool | None]) -> None:
    assert find_divergent(path, SETTINGS) == divergent


@pytest.mark.parametrize("wrong", [{"gamma": 1.2}, {"coverage": -0.1}, {"strong": 1.0}, {"key": 0.5}])
def test_settings_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        MetricSettings(**wrong)
