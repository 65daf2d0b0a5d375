"""Scoring, intervals and the report."""

from dataclasses import replace

import orjson
import pytest

from medaction.bench import (
    BenchSettings,
    MixedRecordsError,
    Verdict,
    bench_case,
    build_report,
    judge,
    run_bench,
)
from medaction.bench.calibration import calibrate_records
from medaction.distill.policies.kg import KgPolicy
from medaction.domain.actions import Turn
from medaction.domain.branch import Branch, BranchStep
from medaction.domain.case import Diagnosis
from medaction.domain.observation import Observation
from medaction.knowledge import KnowledgeGraph, open_graph
from medaction.metrics import BranchScorer
from medaction.metrics.interval import bootstrap_interval
from medaction.metrics.judge import is_decided
from tests.medaction.distill.small_cases import make_case

KEYS = ["n", "top1", "top1_ci", "top3", "top10", "turns", "cost", "dtc", "rac", "coverage"]
KEYS += ["unavailable_rate", "format_failures"]


@pytest.fixture(scope="module")
def graph(request: pytest.FixtureRequest) -> KnowledgeGraph:
    return open_graph(request.config.cache.mkdir("knowledge"))


@pytest.mark.parametrize(
    ("truth", "given", "verdict"),
    [
        ("Pulmonary embolism", "pulmonary embolism", Verdict.SAME),
        ("Pulmonary embolism", "PE", Verdict.SAME),
        ("Pulmonary embolism", "Asthma", Verdict.OTHER),
        ("Acute appendicitis", "Incorrect", Verdict.UNLINKED),
        ("A thing nobody named", "Asthma", Verdict.UNLINKED),
        ("A thing nobody named", "a thing nobody named", Verdict.SAME),
        ("Pulmonary embolism", "Saddle embolus of pulmonary artery with acute cor pulmonale", Verdict.BROADER),
        ("Asthma", "", Verdict.UNLINKED),
    ],
)
def test_judge(graph: KnowledgeGraph, truth: str, given: str, verdict: Verdict) -> None:
    assert judge(graph, Diagnosis(truth), given) is verdict


def test_interval_is_seeded_and_holds_the_mean() -> None:
    values = [1.0] * 40 + [0.0] * 60
    found = bootstrap_interval(values, seed=3)
    assert found == bootstrap_interval(values, seed=3)
    assert found is not None
    assert found[0] < 0.4 < found[1]
    assert 0.15 < found[1] - found[0] < 0.25
    assert bootstrap_interval([]) is None


async def test_report(graph: KnowledgeGraph) -> None:
    cases = [make_case(), replace(make_case(truth="Gout"), id="small-2", group_key="small-2")]
    report = await run_bench(cases, KgPolicy(graph), graph, BenchSettings(seed=1))
    assert set(KEYS) <= set(report)
    assert (report["n"], report["top1"]) == (2, 0.5)
    assert all(0 < report[name] <= 1 for name in ("dtc", "rac", "coverage"))
    assert report["metrics"]["dtc"]["n"] == 2
    assert report["metrics"]["graph"] == graph.hash
    assert report["cases"][0]["dtc"] > report["cases"][1]["dtc"]
    assert report["figures"]["top1"] == {"value": 0.5, "n": 2, "ci": [0.0, 1.0], "missing": 0}
    assert report["calibration"]["ece"] is None
    assert "2 answers" in report["calibration"]["hidden"]
    path = report["cases"][0]["path"]
    assert [step["turn"] for step in path] == list(range(2, 2 + report["cases"][0]["turns"]))
    assert path[-1]["diagnosis"] == report["cases"][0]["given"]
    assert (path[-1]["truth_rank"], path[-1]["truth_p"]) == (1, report["cases"][0]["p"])
    static = await run_bench(cases, KgPolicy(graph), graph, BenchSettings(static=True))
    assert static["dtc"] is static["rac"] is static["coverage"] is None
    assert [record["rank"] for record in report["cases"]] == [1, None]
    assert report["cost"] > 0


async def test_a_record_needs_nothing_else(graph: KnowledgeGraph) -> None:
    """It goes through JSON, its branch scores as it did, and the report is a function of the records alone."""
    case = make_case()
    record = orjson.loads(orjson.dumps(await bench_case(case, KgPolicy(graph), graph, BenchSettings(), sample=2)))
    assert (record["id"], record["sample"], record["case_hash"]) == (case.id, 2, case.content_hash)
    steps = tuple(
        BranchStep(Turn.from_dict(step["turn"]), Observation.from_dict(step["observation"]))
        for step in record["branch"]["steps"]
    )
    branch = Branch(Observation.from_dict(record["branch"]["first"]), steps)
    assert branch.diagnosis == record["given"]
    assert BranchScorer(graph).score(branch, case).dtc == pytest.approx(record["dtc"], abs=1e-4)
    assert build_report([record], {}) == build_report([record], {})
    assert "branch" not in build_report([record], {})["cases"][0]


async def test_records_that_do_not_belong_together_make_no_report(graph: KnowledgeGraph) -> None:
    record = await bench_case(make_case(), KgPolicy(graph), graph, BenchSettings())
    with pytest.raises(MixedRecordsError, match="twice"):
        build_report([record, record], {})
    with pytest.raises(MixedRecordsError, match="2 graphs"):
        build_report([record, record | {"id": "other", "graph": "0"}], {})


async def test_no_records_make_an_empty_report() -> None:
    report = build_report([], {"policy": "nobody"})
    assert (report["n"], report["top1"], report["dtc"], report["unavailable_rate"]) == (0, None, None, None)


def test_calibration_by_hand() -> None:
    """20 answers at 0.9 of which 18 are right, 20 at 0.35 of which 4: gaps 0 and 0.15."""
    answers = [(0.9, 1)] * 18 + [(0.9, 2)] * 2 + [(0.35, 1)] * 4 + [(0.35, None)] * 16
    records = [{"p": p, "rank": rank, "given": "x", "group": place} for place, (p, rank) in enumerate(answers)]
    told = calibrate_records(records)
    assert told["ece"] == pytest.approx(0.5 * 0 + 0.5 * 0.15)
    brier = (18 * 0.01 + 2 * 0.81 + 4 * 0.65**2 + 16 * 0.35**2) / 40
    assert told["brier"] == pytest.approx(brier, abs=1e-4)
    assert [b["n"] for b in told["bins"]] == [0, 0, 0, 20, 0, 0, 0, 0, 0, 20]
    assert told["hidden"] is None
    assert told["ece_ci"][0] <= told["ece"] <= told["ece_ci"][1]
    assert told["brier_ci"][0] < told["brier"] < told["brier_ci"][1]
    assert calibrate_records(records) == told
    # Four copies of each answer under its own group are the same evidence, under groups of their own four times it.
    assert calibrate_records(records * 4)["ece_ci"] == told["ece_ci"]
    apart = calibrate_records([record | {"group": (n, record["group"])} for n in range(4) for record in records])
    assert apart["ece_ci"][1] < told["ece_ci"][1]


@pytest.mark.parametrize(
    ("truth", "given", "decided"),
    [
        ("Pulmonary embolism", "PE", True),
        ("Pulmonary embolism", "Asthma", True),
        ("Gout", "Tophaceous mumbo jumbo of kings", False),
        ("A thing nobody named", "Asthma", False),
        ("A thing nobody named", "a thing nobody named", True),
        ("Recurrent gout of the left big toe", "Gout", False),
    ],
)
def test_what_concept_match_can_decide(graph: KnowledgeGraph, truth: str, given: str, decided: bool) -> None:
    assert is_decided(graph, Diagnosis(truth), given) is decided
