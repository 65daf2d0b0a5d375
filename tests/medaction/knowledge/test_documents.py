"""Files that cannot be read say where and why."""

import pytest

from medaction.knowledge.documents import read_document
from medaction.knowledge.problems import KnowledgeError
from medaction.knowledge.schema import load_schema, violations


def refused(path) -> str:
    with pytest.raises(KnowledgeError) as caught:
        read_document(path, path.name)
    return str(caught.value)


def test_every_value_knows_its_line(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("id: x\nrows:\n  - name: one\n  - name: two\n")
    document = read_document(path, path.name)
    assert document.data == {"id": "x", "rows": [{"name": "one"}, {"name": "two"}]}
    assert document.line(("rows", 1, "name")) == 4
    assert document.line(("rows", 1, "nowhere")) == 4


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "a.yaml: is empty"),
        (b"  \n ", "a.yaml: is empty"),
        (b"id: 1\nname: caf\xe9\n", "a.yaml:2: is not UTF-8 text (byte 0xe9)"),
        ("id: 1".encode("utf-16"), "is not UTF-8 text"),
        (b"a: [1, 2\nb: 3\n", "a.yaml:2: is not valid YAML"),
        (b"a: 1\nb: 2\na: 3\n", "a.yaml:3: repeats the key 'a'"),
        (b"a: !!python/object:os.system {}\n", "is not valid YAML"),
    ],
)
def test_unreadable_files(tmp_path, raw, said):
    path = tmp_path / "a.yaml"
    path.write_bytes(raw)
    assert said in refused(path)


def test_missing_file(tmp_path):
    assert "cannot be read" in refused(tmp_path / "none.yaml")


def test_schema_reports_every_violation_with_its_place():
    row = {"id": "MF:Upper", "name": "x", "kind": "sound", "background": 3, "extra": 1, "tests": ["a", "a"]}
    found = violations([row], load_schema("findings"))
    assert {path for path, _ in found} == {
        (0, "id"),
        (0, "name"),
        (0, "kind"),
        (0, "background"),
        (0, "extra"),
        (0, "tests", 1),
    }


def test_schema_takes_no_truth_value_for_a_number_and_no_unknown_keyword():
    assert violations(True, {"type": "number"})
    assert not violations(1, {"type": "number"})
    with pytest.raises(NotImplementedError):
        violations(1, {"type": "number", "multipleOf": 2})
