"""One JSON document of any size and shape, member by member."""

import gzip
import json
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medaction.formats import members
from medaction.formats.members import peek, read_members

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    value=st.lists(JSON, max_size=5) | st.dictionaries(st.text(max_size=4), JSON, max_size=5),
    indent=st.sampled_from([None, 1]),
    chunk=st.integers(1, 40),
)
def test_members_are_what_the_document_says(tmp_path, monkeypatch, value, indent, chunk):
    monkeypatch.setattr(members, "_CHUNK", chunk)
    path = tmp_path / "x.json"
    path.write_text(json.dumps(value, indent=indent, ensure_ascii=False).replace("\ud800", "?"), "utf-8", "replace")
    wanted = json.loads(path.read_text("utf-8"))
    found = [json.loads(line.text) for line in read_members(path)]
    assert found == (wanted if isinstance(wanted, list) else [{key: part} for key, part in wanted.items()])


def test_a_large_document_on_one_line_is_read_in_little_memory(tmp_path):
    path = tmp_path / "x.json.gz"
    with gzip.open(path, "wt") as file:
        file.write('{"PMC0": ' + json.dumps("y" * 5_000_000))
        for number in range(1, 4000):
            file.write(f', "PMC{number}": ' + json.dumps({"text": "x" * 4000}))
        file.write("}")
    tracemalloc.start()
    found = [bool(line.problem) for line in read_members(path)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == [True, *[False] * 3999]
    assert peak < 8_000_000


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[{"a": 1}, {"b": ', "the document is cut off"),
        ('[{"a": 1}] x', "there is text after the end of the document"),
        ("", "the file is empty"),
    ],
)
def test_what_is_wrong_is_told_last(tmp_path, text, problem):
    path = tmp_path / "x.json"
    path.write_text(text)
    assert list(read_members(path))[-1].problem == problem


def test_bytes_that_are_no_text_are_told(tmp_path):
    path = tmp_path / "x.json"
    path.write_bytes(b'["a",\n"\xff"]')
    assert [line.problem for line in read_members(path)] == ["is not UTF-8 (byte 0xFF)"]
    path.write_bytes("[1]".encode("utf-16"))
    assert "save it as UTF-8" in next(read_members(path)).problem
    assert peek(tmp_path / "none.json") == ""
