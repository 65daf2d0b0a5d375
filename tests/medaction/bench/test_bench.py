"""Scoring, intervals and the report."""

import pytest

from medaction.bench import BenchSettings, Verdict, judge, run_bench
from medaction.distill.policies.kg import KgPolicy
from medaction.domain.case import Diagnosis
from medaction.knowledge import KnowledgeGraph, open_graph
from medaction.metrics.interval import bootstrap_interval
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
    cases = [make_case(), make_case(truth="Gout")]
    report = await run_bench(cases, KgPolicy(graph), graph, BenchSettings(seed=1))
    assert set(KEYS) <= set(report)
    assert (report["n"], report["top1"]) == (2, 0.5)
    assert all(0 < report[name] <= 1 for name in ("dtc", "rac", "coverage"))
    assert report["metrics"]["dtc"]["n"] == 2
    assert report["metrics"]["graph"] == graph.hash
    assert report["cases"][0]["dtc"] > report["cases"][1]["dtc"]
    static = await run_bench(cases, KgPolicy(graph), graph, BenchSettings(static=True))
    assert static["dtc"] is static["rac"] is static["coverage"] is None
    assert [record["rank"] for record in report["cases"]] == [1, None]
    assert report["cost"] > 0
