"""Run directories into the database and back: the same hashes, once, all or nothing."""

from io import StringIO

import orjson
import pytest
from django.core.management import CommandError, call_command

from datasets.models import DistillationRun, RunCase, Score, Verdict
from datasets.services.errors import RunRefused
from datasets.services.run_export import export_run
from datasets.services.run_import import import_run
from diagnosis.models import Case, Trajectory, TrajectoryNode
from diagnosis.services import import_cases
from medaction.distill.lines import read_json_lines
from medaction.distill.runs import CASES, MANIFEST, SCORES, TREES, VERDICTS, open_run
from medaction.domain.canonical import content_hash
from medaction.formats.rows import CaseRow
from tests.datasets.directories import list_cases, write_directory

pytestmark = pytest.mark.django_db
TABLES = (DistillationRun, RunCase, Score, Verdict, Trajectory, TrajectoryNode, Case)


def counts() -> list[int]:
    return [table.objects.count() for table in TABLES]


def hashes(path) -> dict[str, list[str]]:
    files = (CASES, TREES, SCORES, VERDICTS)
    return {name: [content_hash(line) for line in read_json_lines(path / name)] for name in files}


def test_there_and_back_gives_the_same_hashes(tmp_path):
    write_directory(tmp_path / "run", 5)
    done = import_run(path=tmp_path / "run", name="Five")
    assert (done.created, done.run.state, done.run.grown_count) == (True, "SUCCEEDED", 5)
    assert (done.run.branch_count, done.run.retained_count, done.run.unassessable_count) == (15, 5, 5)
    export_run(run=done.run, path=tmp_path / "back")
    assert hashes(tmp_path / "back") == hashes(tmp_path / "run")
    assert open_run(tmp_path / "back").fingerprint == open_run(tmp_path / "run").fingerprint


def test_the_same_run_again_changes_nothing(tmp_path):
    write_directory(tmp_path / "run")
    first = import_run(path=tmp_path / "run")
    before = counts()
    second = import_run(path=tmp_path / "run", name="Again")
    assert (second.created, second.run.pk) == (False, first.run.pk)
    assert counts() == before


def test_a_run_without_scores_comes_in_without(tmp_path):
    write_directory(tmp_path / "run", judged=False)
    done = import_run(path=tmp_path / "run")
    assert (done.run.branch_count, done.run.retained_count, Score.objects.count()) == (9, 0, 0)
    export_run(run=done.run, path=tmp_path / "back")
    assert hashes(tmp_path / "back") == hashes(tmp_path / "run")


def spoil(path, name, change) -> None:
    lines = list(read_json_lines(path / name))
    (path / name).write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in change(lines)))


def other_content(lines):
    lines[1]["nodes"][2]["content"] = {"changed": True}
    return lines


def other_case(lines):
    lines[0]["case_hash"] = "0" * 64
    return lines


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        (TREES, lambda lines: lines[:2], "has 2 of 3 cases"),
        (TREES, lambda lines: lines[::-1], "not in their order"),
        (TREES, lambda lines: [lines[0], *lines], "holds a case twice"),
        (TREES, other_content, "was changed after it was written"),
        (TREES, other_case, "another revision of the case"),
        (TREES, lambda lines: [{"case": line["case"]} for line in lines], "not as"),
        (SCORES, lambda lines: lines[:1], "medaction distill score"),
        (VERDICTS, lambda lines: [{**line, "verdicts": [{"leaf": 99}]} for line in lines], "not as"),
        (CASES, lambda lines: lines[:2], "not the file"),
    ],
    ids=["unfinished", "order", "twice", "changed", "other case", "no tree", "half scored", "no branch", "cases"],
)
def test_a_run_that_is_not_whole_leaves_nothing(tmp_path, name, change, told):
    write_directory(tmp_path / "run")
    spoil(tmp_path / "run", name, change)
    with pytest.raises(RunRefused, match=told):
        import_run(path=tmp_path / "run")
    assert counts() == [0] * len(TABLES)


def test_a_manifest_that_was_changed_is_refused(tmp_path):
    write_directory(tmp_path / "run")
    manifest = orjson.loads((tmp_path / "run" / MANIFEST).read_bytes()) | {"seed": 99}
    (tmp_path / "run" / MANIFEST).write_bytes(orjson.dumps(manifest))
    with pytest.raises(RunRefused, match="changed after"):
        import_run(path=tmp_path / "run")


def test_cases_of_a_run_are_kept_but_not_offered(tmp_path):
    cases = write_directory(tmp_path / "run")
    import_cases(rows=[CaseRow(1, cases[0])])
    import_run(path=tmp_path / "run")
    assert list(Case.objects.filter(is_current=True).values_list("slug", flat=True)) == [cases[0].id]
    assert Case.objects.filter(slug=cases[0].id).count() == 1
    # What is imported as cases afterwards gets the next number.
    report = import_cases(rows=[CaseRow(line, case) for line, case in enumerate(list_cases(3), start=1)])
    assert (report.created, report.unchanged) == (2, 1)
    assert Case.objects.get(slug=cases[1].id, is_current=True).revision == 2


def test_commands(tmp_path):
    write_directory(tmp_path / "run")
    out = StringIO()
    call_command("import_run", str(tmp_path / "run"), "--json", stdout=out)
    told = orjson.loads(out.getvalue())
    assert (told["created"], told["cases"], told["scores"]) == (True, 3, 9)
    call_command("import_run", str(tmp_path / "run"), stdout=out)
    assert "here already" in out.getvalue()
    call_command("export_run", told["run"], str(tmp_path / "back"), stdout=out)
    assert hashes(tmp_path / "back") == hashes(tmp_path / "run")
    for command in (["import_run", str(tmp_path)], ["export_run", "nonsense", str(tmp_path / "x")]):
        with pytest.raises(CommandError):
            call_command(*command)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.doc").touch()
    with pytest.raises(CommandError, match="other things"):
        call_command("export_run", told["run"], str(tmp_path / "full"))
