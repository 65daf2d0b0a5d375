"""Distances against a plain breadth-first search, on random networks and on the real graph."""

import random
from collections import deque
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medaction.knowledge import explain
from medaction.knowledge.compiling.network import build_network, list_links
from medaction.knowledge.paths import Paths
from medaction.knowledge.store import pack_rows


def search(links: dict[int, set[int]], one: int, other: int) -> int | None:
    seen = {one: 0}
    waiting = deque([one])
    while waiting:
        number = waiting.popleft()
        if number == other:
            return seen[number]
        for neighbour in links.get(number, ()):
            if neighbour not in seen:
                seen[neighbour] = seen[number] + 1
                waiting.append(neighbour)
    return None


def network_of(count: int, pairs: list[tuple[int, int]]) -> tuple[Paths, dict[int, set[int]]]:
    """A network of is-a links only."""
    children = np.array([a for a, _ in pairs], np.int64)
    parents = np.array([b for _, b in pairs], np.int64)
    starts, values = pack_rows(count, children, parents)
    none = np.array([], np.int32)
    arrays = {
        "parent_starts": starts,
        "parents": values,
        "same": np.arange(count, dtype=np.int32),
        "edge_absent": np.array([], np.bool_),
        "edge_aspect": np.array([], np.uint8),
        **dict.fromkeys(("edge_disease", "edge_finding", "reveal_test", "reveal_finding", "reveal_disease"), none),
    }
    links: dict[int, set[int]] = {}
    for a, b in pairs:
        if a != b:
            links.setdefault(a, set()).add(b)
            links.setdefault(b, set()).add(a)
    return Paths(build_network(arrays, count)), links


def networks(count: int) -> st.SearchStrategy[tuple[int, list[tuple[int, int]]]]:
    ends = st.integers(0, count - 1)
    return st.tuples(st.just(count), st.lists(st.tuples(ends, ends), max_size=24))


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 14).flatmap(
        lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2), max_size=24))
    )
)
def test_every_pair_of_a_random_network(case):
    count, pairs = case
    paths, links = network_of(count, pairs)
    for one in range(count):
        for other in range(count):
            expected = search(links, one, other)
            assert paths.distance(one, other) == expected
            path = paths.path(one, other)
            assert (path is None) == (expected is None)
            if path is not None:
                assert (path[0], path[-1], len(path) - 1) == (one, other, expected)
                assert all(b in links[a] for a, b in pairwise(path))


def test_real_graph_against_a_plain_search(real_graph):
    count = len(real_graph.arrays["concept_kinds"])
    links: dict[int, set[int]] = {}
    for a, b in list_links(dict(real_graph.arrays), count).tolist():
        links.setdefault(a, set()).add(b)
    chance = random.Random(20)
    for _ in range(60):
        one, other = chance.randrange(count), chance.randrange(count)
        assert real_graph.paths.distance(one, other) == search(links, one, other)


def test_steps_in_words(small_graph):
    assert small_graph.distance("MA:malaria", "TEST:blood_smear") == 2
    assert explain(small_graph, "MA:malaria", "TEST:blood_smear") == [
        "Parasites on the smear is present in about 95% of Falciparum malaria (authored, estimate).",
        "Blood smear can reveal Parasites on the smear.",
    ]
    assert explain(small_graph, "MA:cholera", "ICD10CM:A00") == [
        "Cholera (MA:cholera) and Cholera (ICD10CM:A00) are the same."
    ]
    words = explain(small_graph, "MA:malaria", "MA:cholera")
    assert words[-1].startswith("What separates Falciparum malaria from Cholera: Malaria has fever")
    assert (
        explain(small_graph, "MA:malaria", "HP:0003593")[-1]
        == "Infantile onset (HP:0003593) is a kind of All (HP:0000001)."
    )
    assert small_graph.distance("MA:malaria", "GROUP:shaking_disease") == 3


@pytest.mark.parametrize(("one", "other"), [("HP:0002069", "HP:0001250"), ("HP:0001250", "HP:0002069")])
def test_is_a_is_told_in_the_right_direction(small_graph, one, other):
    assert explain(small_graph, one, other) == [
        "Bilateral tonic-clonic seizure (HP:0002069) is a kind of Seizure (HP:0001250)."
    ]
