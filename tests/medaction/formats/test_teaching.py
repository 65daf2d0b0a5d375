"""The cases that come with the package, and YAML that is wrong."""

import pytest

from medaction.domain.matching import matcher_for
from medaction.formats.readers import read_cases
from medaction.formats.teaching import load_teaching_cases

CASE = "id: a\no1: Text.\nmenu: [{key: cbc, name: CBC, result: Hb 9}]\ndiagnosis: Anaemia\n"


def test_enough_cases_come_with_the_package():
    cases = load_teaching_cases()
    assert len(cases) >= 12
    assert len({case.id for case in cases}) == len(cases)
    assert len({case.specialty for case in cases}) >= 8
    assert all(case.synthetic for case in cases)


@pytest.mark.parametrize("case", load_teaching_cases(), ids=lambda case: case.id)
def test_each_case_can_be_worked_up(case):
    assert len(case.menu) >= 6
    assert len(case.distractors) >= 2
    matcher = matcher_for(case.menu)
    for item in case.menu:
        assert [match.keys for _, match in matcher.resolve(item.name)] == [(item.key,)]
    assert all(item.cost is not None and item.risk is not None for item in matcher.items.values())


def test_a_folder_of_yaml_files_is_read_in_order(tmp_path):
    (tmp_path / "b.yaml").write_text(CASE.replace("id: a", "id: b"))
    (tmp_path / "a.yaml").write_text(CASE)
    (tmp_path / "c.yaml").write_text(CASE)
    (tmp_path / "readme.txt").write_text("not a case")
    rows = list(read_cases(tmp_path, "teaching"))
    assert [(row.file, bool(row.case)) for row in rows] == [("a.yaml", True), ("b.yaml", True), ("c.yaml", False)]
    assert rows[2].errors[0].message == "repeats the id of a.yaml line 1"


def test_a_yaml_file_is_recognised_by_its_name(tmp_path):
    path = tmp_path / "case.yaml"
    path.write_text(CASE)
    assert [row.case.id for row in read_cases(path)] == ["a"]


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"id: a\nmenu: [\n", 3, "is not YAML"),
        (b"id: a\n\tmenu: b\n", 2, "is not YAML"),
        (b"id: a\no1: na\xefve\n", 2, "is not UTF-8 (byte 0xEF)"),
        (b"", 1, "the file is empty"),
        (b"id: 2024-99-99\n", 1, "is not YAML: it holds a date"),
        (b"!!python/object/apply:os.system [echo]\n", 1, "is not YAML"),
        (b"[" * 50_000, 1, "is"),
        (b"x" * 3_000_000, 1, "is longer than"),
        (b"- a\n", 1, "must be an object, not a list"),
        (b"id: 5\n", 1, "must be a string, not a number"),
    ],
)
def test_bad_yaml_is_told(tmp_path, content, line, message):
    path = tmp_path / "case.yaml"
    path.write_bytes(content)
    ((first, *_),) = (row.errors for row in read_cases(path, "teaching"))
    assert first.line == line
    assert first.message.startswith(message)


def test_an_empty_folder_is_told(tmp_path):
    (row,) = read_cases(tmp_path, "teaching")
    assert row.errors[0].message == "the folder holds no YAML file"
