"""``medaction bench compare`` and ``bench report`` over runs and report files."""

import json
from pathlib import Path

import orjson
import pytest

from tests.medaction.bench.test_page import make_report
from tests.medaction.cli.conftest import Invoke


@pytest.fixture
def two(tmp_path: Path) -> list[str]:
    names = []
    for name in ("one", "two"):
        path = tmp_path / f"{name}.json"
        path.write_bytes(orjson.dumps(make_report(name)))
        names.append(str(path))
    return names


def test_compare_prints_and_gives_json(invoke: Invoke, two: list[str]) -> None:
    told = json.loads(invoke("bench", "compare", *two, "--json").stdout)
    assert (told["n"], told["pairs"][0]["figures"]["top1"]["p_holm"]) == (32, 1.0)
    assert "First is right" in invoke("bench", "compare", *two).stdout


def test_compare_refuses_and_says_why(invoke: Invoke, two: list[str], tmp_path: Path) -> None:
    fewer = tmp_path / "fewer.json"
    fewer.write_bytes(orjson.dumps(make_report("fewer", n=20)))
    assert "--force-common" in invoke("bench", "compare", two[0], str(fewer), code=1).output
    told = json.loads(invoke("bench", "compare", two[0], str(fewer), "--force-common", "--json").stdout)
    assert told["n"] == 20
    assert "two runs" in invoke("bench", "compare", two[0], code=1).output
    (tmp_path / "letter.json").write_text('{"dear": "reader"}', encoding="utf-8")
    assert "is no report" in invoke("bench", "compare", two[0], str(tmp_path / "letter.json"), code=1).output
    assert "there is no" in invoke("bench", "compare", two[0], str(tmp_path / "nowhere"), code=1).output
    assert "no benchmark run" in invoke("bench", "compare", two[0], str(tmp_path), code=1).output


def test_report_writes_a_page_and_its_figures(invoke: Invoke, two: list[str], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    told = json.loads(invoke("bench", "report", *two, "--html", str(page), "--json").stdout)
    assert told == {"html": str(page), "json": str(page.with_suffix(".json")), "runs": 2}
    figures = json.loads(page.with_suffix(".json").read_bytes())
    assert [run["policy"] for run in figures["runs"]] == ["one", "two"]
    assert figures["comparison"]["n"] == 32
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert ".json" in invoke("bench", "report", *two, "--html", str(tmp_path / "page.json"), code=2).output
    assert (
        "was not written" in invoke("bench", "report", *two, "--html", str(tmp_path / "no" / "p.html"), code=1).output
    )


def test_runs_that_cannot_be_compared_still_make_a_page(invoke: Invoke, two: list[str], tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_bytes(orjson.dumps(make_report("other", graph="another")))
    page = tmp_path / "page.html"
    invoke("bench", "report", two[0], str(other), "--html", str(page))
    assert "Not compared: the runs were scored by another graph" in page.read_text(encoding="utf-8")
