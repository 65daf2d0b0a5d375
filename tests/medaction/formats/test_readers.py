"""Whatever a file holds: a case, or an error with its line and field."""

import gzip
import json
import tracemalloc
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medaction.domain.case import Case
from medaction.formats.own_jsonl import write_own_jsonl
from medaction.formats.readers import FORMATS, read_cases
from medaction.formats.rows import RowError
from medaction.formats.teaching import load_teaching_cases

ROW = {
    "id": "a",
    "o1": "Text.",
    "menu": [{"key": "cbc", "name": "CBC", "result": "Hb 9"}],
    "diagnosis": "Anaemia",
}


def row(number: int, **changes) -> str:
    return json.dumps({**ROW, "id": f"case-{number}", **changes})


def errors(path: Path, name: str = "auto") -> list[tuple[int, str, str]]:
    return [(error.line, error.field, error.message) for found in read_cases(path, name) for error in found.errors]


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_bad_line_does_not_spoil_the_others(tmp_path):
    path = write(tmp_path / "cases.jsonl", *(row(number) for number in range(1, 17)), '{"id": "x",', row(18))
    rows = list(read_cases(path))
    assert [found.line for found in rows if found.case] == [*range(1, 17), 18]
    (wrong,) = (found for found in rows if found.errors)
    assert (wrong.line, wrong.errors[0].line) == (17, 17)
    assert wrong.errors[0].message.startswith("is not JSON")


def test_wrong_fields_are_named_with_their_line(tmp_path):
    path = write(
        tmp_path / "cases.jsonl",
        row(1),
        json.dumps({"id": "x"}),
        row(3, menu=[{"key": "k", "name": 5, "result": "r", "cost": "cheap"}]),
        "[]",
    )
    assert errors(path) == [
        (2, "o1", "is missing"),
        (2, "menu", "is missing"),
        (2, "diagnosis", "is missing"),
        (3, "menu[0].name", "must be a string, not a number"),
        (3, "menu[0].cost", "must be a number, not a string"),
        (4, "", "must be an object, not a list"),
    ]


def test_a_repeated_id_names_the_first_line(tmp_path):
    path = write(tmp_path / "cases.jsonl", row(1), row(2), row(1, o1="Other."))
    assert errors(path) == [(3, "id", "repeats the id of line 1")]


def test_a_very_long_line_is_skipped_in_little_memory(tmp_path):
    path = tmp_path / "cases.jsonl"
    with path.open("w") as file:
        file.write(row(1) + "\n")
        file.write(json.dumps({**ROW, "o1": "x" * 50_000_000}) + "\n")
        file.write(row(3) + "\n")
    tracemalloc.start()
    rows = list(read_cases(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [bool(found.case) for found in rows] == [True, False, True]
    assert (rows[1].line, rows[1].errors[0].message) == (2, "is longer than 2,097,152 bytes; it was skipped")
    assert rows[2].line == 3
    assert peak < 12_000_000


def test_a_long_last_line_without_an_end(tmp_path):
    path = tmp_path / "cases.jsonl"
    path.write_text(row(1) + "\n" + "x" * 3_000_000)
    assert [error[0] for error in errors(path)] == [2]


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path):
    path = tmp_path / "cases.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + row(1).encode() + b"\r\n\r\n" + row(2).encode() + b"\r\n")
    assert [(found.line, found.case.id) for found in read_cases(path)] == [(1, "case-1"), (3, "case-2")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_are_told(tmp_path, encoding):
    path = tmp_path / "cases.jsonl"
    path.write_bytes((row(1) + "\n" + row(2)).encode(encoding))
    ((line, _, message),) = errors(path)
    assert line == 1
    assert "save it as UTF-8" in message


def test_a_latin_1_line_is_told_and_the_others_are_read(tmp_path):
    path = tmp_path / "cases.jsonl"
    latin = json.dumps({**ROW, "o1": "naïve"}, ensure_ascii=False).encode("latin-1")
    path.write_bytes(row(1).encode() + b"\n" + latin + b"\n" + row(3).encode())
    ((line, _, message),) = errors(path)
    assert (line, message[:27]) == (2, "is not UTF-8 (byte 0xEF at ")
    assert len([found for found in read_cases(path) if found.case]) == 2


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_told(tmp_path, content):
    path = tmp_path / "cases.jsonl"
    path.write_bytes(content)
    assert errors(path) == [(1, "", "the file is empty")]


def test_what_is_no_file_is_told(tmp_path):
    assert errors(tmp_path) == [(1, "", "is a folder, not a file")]
    assert errors(tmp_path / "none.jsonl") == [(1, "", "the file does not exist")]
    assert errors(tmp_path / "none.yaml") == [(1, "", "the file does not exist")]
    assert errors(tmp_path / "file.jsonl\x00")[0][0] == 1


def test_one_document_on_many_lines_is_read(tmp_path):
    path = tmp_path / "cases.json"
    path.write_text(json.dumps([ROW, {**ROW, "id": "b"}], indent=2))
    assert [(found.line, found.case.id) for found in read_cases(path)] == [(2, "a"), (14, "b")]
    path.write_text(json.dumps(ROW, indent=2))
    assert [found.case.id for found in read_cases(path)] == ["a"]


def test_gzip_is_read_and_its_damage_told(tmp_path):
    path = tmp_path / "cases.jsonl.gz"
    data = gzip.compress("\n".join(row(number) for number in range(300)).encode())
    path.write_bytes(data)
    assert len([found for found in read_cases(path) if found.case]) == 300
    path.write_bytes(data[: len(data) // 2])
    assert errors(path)[-1][2] == "the gzip data is damaged or cut off"
    path.write_bytes(b"\x1f\x8bnot gzip")
    assert errors(path)[-1][2] == "the gzip data is damaged or cut off"


def test_text_that_a_database_refuses_is_told(tmp_path):
    path = write(tmp_path / "cases.jsonl", row(1, o1="a\x00b"), '{"id": "\\ud800"}')
    found = errors(path)
    assert (1, "o1", "contains a NUL character") in found
    assert any(line == 2 for line, _, _ in found)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=300)
    | st.text(max_size=200).map(str.encode)
    | st.lists(st.text(max_size=20)).map(repr).map(str.encode)
)
def test_no_file_makes_a_reader_raise(tmp_path, content):
    for name in ("cases.jsonl", "cases.yaml"):
        path = tmp_path / name
        path.write_bytes(content)
        for kind in FORMATS:
            for found in read_cases(path, kind):
                assert (found.case is None) == bool(found.errors)
                assert all(error.line >= 1 and error.message for error in found.errors)


def test_an_unknown_format_is_refused_at_once(tmp_path):
    with pytest.raises(ValueError, match="unknown format 'csv'"):
        read_cases(tmp_path / "x", "csv")


def test_a_folder_of_yaml_is_read_without_being_told(tmp_path):
    (tmp_path / "a.yaml").write_text(json.dumps(ROW))
    assert [found.case.id for found in read_cases(tmp_path)] == ["a"]


def test_written_cases_read_back(tmp_path):
    path = tmp_path / "out.jsonl"
    cases = load_teaching_cases()
    assert write_own_jsonl(cases, path) == len(cases)
    assert tuple(found.case for found in read_cases(path)) == cases
    assert all(orjson.loads(line)["format"] == "medaction.case/1" for line in path.read_bytes().splitlines())


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_text("old")

    def broken():
        yield Case.from_dict(ROW)
        raise RuntimeError("source failed")

    with pytest.raises(RuntimeError):
        write_own_jsonl(broken(), path)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["out.jsonl"]


def test_an_error_reads_as_a_sentence():
    assert str(RowError(17, "o1", "is missing")) == "line 17: o1 is missing"
    assert str(RowError(3, "", "is not JSON")) == "line 3: is not JSON"
