"""Case files into the database: all rows or none, and every fault named."""

import json
from io import StringIO

import orjson
import pytest
from django.core.management import CommandError, call_command

from diagnosis.models import Case
from diagnosis.services import import_cases
from medaction.formats.rows import CaseRow
from medaction.formats.teaching import load_teaching_cases
from tests.medaction.shared_data import shared_file

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("import_cases", *arguments, stdout=out, stderr=err)
    except SystemExit as end:
        return end.code, out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def write(path, *cases):
    path.write_bytes(b"\n".join(case if isinstance(case, bytes) else orjson.dumps(case) for case in cases))
    return str(path)


@pytest.fixture
def records():
    return [case.to_dict() for case in load_teaching_cases()[:3]]


def test_a_file_is_imported_and_importing_it_again_changes_nothing(tmp_path, records):
    path = write(tmp_path / "cases.jsonl", *records)
    assert run(path, "--json")[0] == 0
    assert Case.objects.filter(is_current=True).count() == 3
    code, out, _ = run(path, "--json")
    assert code == 0
    assert json.loads(out) == {"created": 0, "updated": 0, "unchanged": 3, "errors": [], "dry_run": False}


def test_changed_content_is_a_new_revision_and_the_old_one_stays(tmp_path, records):
    run(write(tmp_path / "cases.jsonl", *records))
    records[1]["title"] = "Another title"
    _, out, _ = run(write(tmp_path / "cases.jsonl", *records), "--json")
    assert (json.loads(out)["updated"], json.loads(out)["unchanged"]) == (1, 2)
    revisions = Case.objects.filter(slug=records[1]["id"]).order_by("revision")
    assert list(revisions.values_list("revision", "is_current")) == [(1, False), (2, True)]


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (b'{"id": "half', ""),
        (b'{"id": "no-presentation", "menu": [], "diagnosis": "x"}', "o1"),
        (b'{"id": "nul", "o1": "a\\u0000b", "menu": [], "diagnosis": "x"}', ""),
        (b'{"id": "not a slug!", "o1": "a", "menu": [], "diagnosis": "x"}', "id"),
        (b'{"id": "long", "title": "' + b"x" * 300 + b'", "o1": "a", "menu": [], "diagnosis": "x"}', "title"),
        (b"\xff\xfe broken", ""),
    ],
)
def test_one_bad_row_stops_all(tmp_path, records, bad, field):
    path = write(tmp_path / "cases.jsonl", records[0], bad, records[1])
    code, out, _ = run(path, "--json")
    assert code == 1
    fault = json.loads(out)["errors"][0]
    assert (fault["file"], fault["line"]) == ("cases.jsonl", 2)
    assert fault["field"] == field or field == ""
    assert Case.objects.count() == 0


def test_the_message_names_file_line_and_field(tmp_path, records):
    path = write(tmp_path / "cases.jsonl", records[0], b'{"id": "x", "menu": [], "diagnosis": "y"}')
    code, _, err = run(path)
    assert code == 1
    assert err.startswith("cases.jsonl:2: o1 ")
    assert "nothing was imported" in err


def test_the_same_id_in_two_files_is_an_error(tmp_path, records):
    first, second = write(tmp_path / "a.jsonl", records[0]), write(tmp_path / "b.jsonl", records[0])
    code, out, _ = run(first, second, "--json")
    assert code == 1
    assert json.loads(out)["errors"][0]["file"] == "b.jsonl"


def test_a_dry_run_writes_nothing(tmp_path, records):
    code, out, _ = run(write(tmp_path / "cases.jsonl", *records), "--dry-run", "--json")
    assert (code, json.loads(out)["created"]) == (0, 3)
    assert Case.objects.count() == 0


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    code, out, _ = run(str(tmp_path / "absent.jsonl"), "--json")
    assert code == 1
    assert "does not exist" in json.loads(out)["errors"][0]["message"]


def test_the_teaching_cases_import():
    assert run("--teaching")[0] == 0
    assert Case.objects.filter(synthetic=True).count() == len(load_teaching_cases()) >= 12


def test_nothing_to_import_is_refused():
    with pytest.raises(CommandError):
        run()


def test_all_of_agentclinic_imports():
    assert run(str(shared_file("agentclinic/cases.jsonl")))[0] == 0
    assert Case.objects.count() == 107


def test_the_service_refuses_a_repeated_id_in_its_rows():
    case = load_teaching_cases()[0]
    report = import_cases(rows=[CaseRow(1, case), CaseRow(2, case)])
    assert [error.line for error in report.errors] == [2]
    assert Case.objects.count() == 0
