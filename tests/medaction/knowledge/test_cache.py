"""The compiled file follows its inputs: same inputs, same file; changed inputs, another; a broken file is rebuilt."""

import pytest

from medaction.knowledge import KnowledgeError, open_graph
from medaction.knowledge.cache import graph_path
from medaction.knowledge.compiling.inputs import hash_inputs


def test_built_once_then_found(small, tmp_path):
    built = []
    first = open_graph(tmp_path / "cache", places=small.places, on_build=lambda: built.append(1))
    second = open_graph(tmp_path / "cache", places=small.places, on_build=lambda: built.append(2))
    assert built == [1]
    assert first.hash == second.hash
    assert first.meta["input_hash"] == hash_inputs(small.places)


def test_changed_input_is_noticed(small, tmp_path):
    before = open_graph(tmp_path / "cache", places=small.places)
    small.edit("data/diseases/infectious/malaria.yaml", "jungle fever", "swamp fever")
    after = open_graph(tmp_path / "cache", places=small.places)
    assert before.concept("swamp fever") is None
    assert after.concept("swamp fever").concept.id == "MA:malaria"
    assert before.concept("jungle fever").concept.id == "MA:malaria"


def test_broken_file_is_built_again(small, tmp_path):
    cache = tmp_path / "cache"
    open_graph(cache, places=small.places)
    path = graph_path(cache, hash_inputs(small.places))
    path.write_bytes(path.read_bytes()[:100])
    assert open_graph(cache, places=small.places).get("MA:malaria")


def test_wrong_input_keeps_the_older_graph(small, tmp_path):
    cache = tmp_path / "cache"
    open_graph(cache, places=small.places)
    kept = sorted(cache.iterdir())
    small.edit("data/diseases/infectious/malaria.yaml", "finding: Jaundice", "finding: Jaundyce")
    with pytest.raises(KnowledgeError):
        open_graph(cache, places=small.places)
    assert sorted(cache.iterdir()) == kept
