"""``medaction bench run`` as a script uses it."""

import json
from pathlib import Path

import pytest

from tests.fake_upstream import FakeUpstream
from tests.medaction.cli.conftest import Invoke, says
from tests.medaction.domain.test_headed import ASKING, ENDING
from tests.medaction.formats.test_medrbench import ENTRY


def test_figures_and_the_whole_report(invoke: Invoke, case_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    printed = json.loads(invoke("bench", "run", "--policy", "kg", "--cases", str(case_file), "--json", str(out)).stdout)
    report = json.loads(out.read_bytes())
    assert (printed["n"], printed["top1"], printed["noise"]) == (1, 1.0, None)
    assert report["cases"][0]["id"] == "small-1"
    assert {key: value for key, value in report.items() if key != "cases"}.keys() == printed.keys()


def test_static_orders_nothing(invoke: Invoke, case_file: Path) -> None:
    printed = json.loads(invoke("bench", "run", "--policy", "kg", "--cases", str(case_file), "--static").stdout)
    assert (printed["static"], printed["unavailable_rate"], printed["turns"]) == (True, None, 1.0)


@pytest.mark.parametrize("kind", ["typos", "paraphrase"])
def test_noise_changes_what_arrives_and_is_repeatable(
    kind: str, invoke: Invoke, case_file: Path, tmp_path: Path
) -> None:
    options = ["--policy", "kg", "--cases", str(case_file), "--noise", kind, "--noise-share", "1", "--noise-seed", "3"]
    reports = []
    for name in ("one.json", "two.json"):
        invoke("bench", "run", *options, "--json", str(tmp_path / name))
        reports.append(json.loads((tmp_path / name).read_bytes()))
    expected = {"seed": 3, "typos": float(kind == "typos"), "paraphrases": float(kind == "paraphrase")}
    assert reports[0]["noise"] == expected
    assert [_without_time(case) for case in reports[0]["cases"]] == [_without_time(c) for c in reports[1]["cases"]]


def _without_time(record: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in record.items() if key != "seconds"}


def test_wrong_options_end_with_two(invoke: Invoke, case_file: Path) -> None:
    cases = ["--cases", str(case_file)]
    assert "give either" in invoke("bench", "run", *cases, code=2).output
    assert "nothing is ordered" in invoke(
        "bench", "run", *cases, "--policy", "kg", "--static", "--noise", "typos", code=2
    ).output.replace("\n", " ").replace("│ ", "").replace("  ", " ")
    invoke("bench", "run", *cases, "--policy", "kg", "--noise", "whispers", code=2)


def test_a_file_without_cases_ends_with_one(invoke: Invoke, tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("", encoding="utf-8")
    result = invoke("bench", "run", "--policy", "kg", "--cases", str(empty), code=1)
    assert "holds no case" in result.output


def test_a_protocol_by_its_name(invoke: Invoke, case_file: Path) -> None:
    options = ["--policy", "kg", "--cases", str(case_file), "--protocol"]
    printed = json.loads(invoke("bench", "run", *options, "medrbench-1turn").stdout)
    assert (printed["protocol"], printed["horizon"], printed["n"]) == ("medrbench-1turn", 2, 1)
    assert "there is no" in invoke("bench", "run", *options, "medrbench", code=2).output
    assert "decides" in invoke("bench", "run", *options, "medrbench-free", "--static", code=2).output


def test_a_model_is_asked_in_the_words_of_the_protocol(invoke: Invoke, upstream: FakeUpstream, tmp_path: Path) -> None:
    file = tmp_path / "diagnosis_1.json"
    file.write_text(json.dumps({"PMC1": ENTRY}), encoding="utf-8")
    upstream.queue.extend(map(says, (ASKING, ENDING)))
    run = ("bench", "run", "--cases", str(file), "--model", "fake", "--base-url", upstream.url)
    printed = json.loads(invoke(*run, "--protocol", "medrbench-free", "--out", str(tmp_path / "run")).stdout)
    assert (printed["n"], printed["top1"], printed["turns"]) == (1, 1.0, 2.0)
    first, second = (record.body["messages"] for record in upstream.log)
    assert "### Additional Information Required:" in first[-1]["content"]
    assert "no relevant ancillary test information" in second[-1]["content"]
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_bytes())
    assert manifest["policy"]["settings"]["chat"]["dialect"] == "headed"
    assert manifest["about"]["protocol"] == "medrbench-free"
