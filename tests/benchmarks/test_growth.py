"""The benchmark's server reads what it has read before for nothing, and all ways of asking grow the same trees."""

from benchmarks.growth import ROOM, WAYS, CachingUpstream, measure, split_blocks
from tests.medaction.distill.small_cases import make_case


def test_blocks_stand_for_all_that_comes_before_them() -> None:
    one, other = split_blocks(b"a" * 64 + b"b" * 100), split_blocks(b"c" * 64 + b"b" * 100)
    assert len(one) == len(other) == 2
    assert one[1] != other[1]
    assert split_blocks(b"a" * 64 + b"b" * 64) == one


async def test_a_prompt_is_known_as_far_as_it_was_read_and_old_ones_are_forgotten() -> None:
    upstream = CachingUpstream(2, batch=False)
    await upstream._read([1, 2], 0)
    assert upstream._known([1, 2, 3]) == 2
    await upstream._read([1, 2, 3], 2)
    assert (upstream.sent, upstream.cached) == (5, 2)
    assert upstream._known([1, 2, 3]) == 0  # room for two: the first was dropped


async def test_the_way_of_asking_changes_time_and_not_the_trees() -> None:
    told = [await measure([make_case()], "queue", way, 1) for way in WAYS]
    assert len({str(row["nodes"]) for row in told}) == 1
    assert told[0]["turns"] > 10
    by_way = dict(zip(WAYS, told, strict=True))
    assert by_way["no cache"]["read_before"] == 0 < by_way["together"]["read_before"]
    assert ROOM > 0
