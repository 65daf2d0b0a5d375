"""`medaction cases`, as a person calls it."""

import json

import pytest
from typer.testing import CliRunner

from medaction.cli import app
from medaction.formats.own_jsonl import write_own_jsonl
from medaction.formats.teaching import load_teaching_cases

RUN = CliRunner()
BAD = '{"id": "x"}\n'


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "cases.jsonl"
    write_own_jsonl(load_teaching_cases()[:3], path)
    return path


def test_check(file):
    done = RUN.invoke(app, ["cases", "check", str(file)])
    assert (done.exit_code, done.output.startswith("3 cases with ")) == (0, True)
    file.write_text(file.read_text() + BAD)
    done = RUN.invoke(app, ["cases", "check", str(file), "--json"])
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    assert found["cases"] == 3
    assert found["errors"][0] == {"line": 4, "field": "o1", "message": "is missing", "file": ""}


def test_convert(file, tmp_path):
    out = tmp_path / "out.jsonl"
    assert RUN.invoke(app, ["cases", "convert", str(file), str(out)]).exit_code == 0
    assert out.read_bytes() == file.read_bytes()
    out.unlink()
    file.write_text(file.read_text() + BAD)
    done = RUN.invoke(app, ["cases", "convert", str(file), str(out)])
    assert (done.exit_code, out.exists()) == (1, False)
    assert "line 4: o1 is missing; nothing was written" in done.stderr
    done = RUN.invoke(app, ["cases", "convert", str(file), str(out), "--skip-errors", "--json"])
    assert json.loads(done.stdout) == {"written": 3, "skipped": 1}


def test_convert_into_a_folder_that_is_not_there(file, tmp_path):
    done = RUN.invoke(app, ["cases", "convert", str(file), str(tmp_path / "none" / "out.jsonl")])
    assert done.exit_code == 1
    assert "Traceback" not in done.output


def test_lint(file, real_graph, graph_cache, tmp_path):
    arguments = ["cases", "lint", str(file), "--cache", str(graph_cache)]
    assert RUN.invoke(app, arguments).exit_code == 0
    done = RUN.invoke(app, [*arguments, "--benchmark", str(file), "--json"])
    found = json.loads(done.stdout)
    assert (done.exit_code, found["sound"], found["counts"]) == (1, 0, {"BENCHMARK_GROUP (error)": 3})


def test_draft(tmp_path):
    report = tmp_path / "report.txt"
    report.write_text("History: Mr John Smith, a 40-year-old man, coughs.\nTests:\n- CRP: 90\nDiagnosis: Pneumonia\n")
    found = json.loads(RUN.invoke(app, ["cases", "draft", str(report), "--json"]).stdout)
    assert (found["diagnosis"], found["menu"][0]["name"]) == ("Pneumonia", "CRP")
    assert "Smith" not in json.dumps(found)
    assert "Diagnosis: Pneumonia" in RUN.invoke(app, ["cases", "draft", str(report)]).stdout
    assert RUN.invoke(app, ["cases", "draft", str(tmp_path / "none")]).exit_code == 1


def test_a_format_that_does_not_exist(file):
    assert RUN.invoke(app, ["cases", "check", str(file), "--format", "xml"]).exit_code == 2
