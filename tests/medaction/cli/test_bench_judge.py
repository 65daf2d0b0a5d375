"""``medaction bench judge`` and ``judge-agreement`` against a server that answers as a judge might."""

import json
from pathlib import Path

import pytest

from tests.fake_upstream import FakeUpstream
from tests.medaction.cli.conftest import Invoke, says


@pytest.fixture
def judge_server(upstream: FakeUpstream) -> FakeUpstream:
    upstream.default = says('{"verdict": "different"}')  # type: ignore[assignment]
    return upstream


def options(server: FakeUpstream) -> list[str]:
    return ["--judge-model", "fake", "--judge-url", server.url, "--parallel", "1", "--json"]


def test_agreement_with_concept_match_and_people(judge_server: FakeUpstream, invoke: Invoke, tmp_path: Path) -> None:
    table = tmp_path / "pairs.csv"
    table.write_text(
        "truth,given,aliases,human\n"
        "Pulmonary embolism,PE,,same\n"
        "Gout,Asthma,,different\n"
        "Gout,Podagric humours of the toe,gouty arthritis;podagra,same\n"
        "Gout,Psoriasis,,\n"
        "Gout,,,\n",
        encoding="utf-8",
    )
    judge_server.queue.extend([says('{"verdict": "same"}'), says('{"verdict": "different"}'), says("Incorrect")])
    kept = tmp_path / "rulings.jsonl"
    words = ["bench", "judge-agreement", str(table), *options(judge_server), "--rulings", str(kept)]
    report = json.loads(invoke(*words).stdout)
    assert (report["pairs"], report["undecided"]) == (4, 1)
    assert report["judge_vs_concept"]["percent"] == 1.0
    assert report["judge_vs_concept"]["n"] == 3
    assert report["judge_vs_concept"]["kappa"] == 1.0
    assert report["judge_vs_human"]["n"] == 2
    assert report["judge_vs_human"]["undecided"] == 1
    assert report["concept_vs_human"]["table"]["undecided"] == {"same": 1}
    assert report["where_concept_match_is_silent"] == {"same": 0, "different": 0, "undecided": 1}
    asked = len(judge_server.log)
    assert json.loads(invoke(*words).stdout) == report
    assert len(judge_server.log) == asked, "what was ruled is not asked again"


def test_a_run_is_judged_only_where_concept_match_is_silent(
    judge_server: FakeUpstream, invoke: Invoke, case_file: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    invoke("bench", "run", "--policy", "kg", "--cases", str(case_file), "--out", str(run))
    before = (run / "report.json").read_bytes()
    told = json.loads(invoke("bench", "judge", str(run), *options(judge_server)).stdout)
    assert (told["asked"], told["top1"], told["n"]) == (0, 1.0, 1)
    assert judge_server.log == []
    records = run / "records.jsonl"
    record = json.loads(records.read_bytes())
    unknown = {**record, "given": "Podagric humours", "verdict": "unlinked", "decided": False, "rank": None}
    records.write_text(json.dumps(unknown) + "\n", encoding="utf-8")
    told = json.loads(invoke("bench", "judge", str(run), *options(judge_server)).stdout)
    assert (told["asked"], told["different"], told["top1"]) == (1, 1, 0.0)
    assert len(judge_server.log) == 1
    assert (run / "report.json").read_bytes() == before
    assert json.loads((run / "judged.json").read_bytes())["cases"][0]["ruling"] == "different"


def test_a_run_asks_its_judge_when_it_is_told_to(
    judge_server: FakeUpstream, invoke: Invoke, case_file: Path, tmp_path: Path
) -> None:
    words = ["bench", "run", "--policy", "anchored", "--cases", str(case_file), "--out", str(tmp_path / "run")]
    judge = ["--judge-model", "fake", "--judge-url", judge_server.url]
    told = json.loads(invoke(*words, *judge).stdout)
    assert told["judged"]["n"] == told["n"] == 1
    assert told["judged"]["asked"] == 0, "the cue words' diseases are known to the graph"
    assert (tmp_path / "run" / "judged.json").is_file()
    assert "both" in invoke(*words, *judge[:2], code=2).output


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", "name,answer\nx,y\n", "needs truth and given"),
        ("a.jsonl", '{"truth": "Gout", "given": "Gout", "human": "correct"}\n', "must be same, different or empty"),
        ("a.jsonl", "", "holds no pair"),
        ("a.json", "{}", "is no report"),
        ("a.jsonl", "not json\n", "is not JSON"),
    ],
)
def test_a_file_that_holds_no_pairs_is_told(invoke: Invoke, tmp_path: Path, name: str, text: str, told: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    server = ["--judge-model", "fake", "--judge-url", "http://127.0.0.1:9/v1"]
    result = invoke("bench", "judge-agreement", str(tmp_path / name), *server, code=1)
    assert told in result.output
    assert "Traceback" not in result.output


def test_a_judge_that_is_not_there_is_told(invoke: Invoke, tmp_path: Path) -> None:
    table = tmp_path / "pairs.jsonl"
    table.write_text('{"truth": "Gout", "given": "Podagra"}\n', encoding="utf-8")
    server = ["--judge-model", "fake", "--judge-url", "http://127.0.0.1:9/v1"]
    assert "the judge cannot be asked" in invoke("bench", "judge-agreement", str(table), *server, code=1).output
