"""Three readings of a case, and all evidence in other orders."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from medaction.bench import BenchSettings, bench_case, build_report
from medaction.bench.ordering import summarise_orders, total_variation
from medaction.bench.readings import draw_orders, list_own
from medaction.bench.regret import summarise_regret
from medaction.distill.episode import run_episode
from medaction.distill.policies import Reply, View
from medaction.domain.actions import FinalDiagnosis, Hypothesis, TestOrder, Turn
from medaction.domain.observation import Outcome
from medaction.knowledge import KnowledgeGraph, open_graph
from tests.medaction.distill.small_cases import make_case

CASE = make_case()


@pytest.fixture(scope="module")
def graph(request: pytest.FixtureRequest) -> KnowledgeGraph:
    return open_graph(request.config.cache.mkdir("knowledge"))


@dataclass
class Reader:
    """Orders a D-dimer (twice) and an echocardiogram that the case has not, then reads: an angiogram first makes it
    sure, one that comes later leaves it in doubt."""

    name: str = "reader"
    label: str = "Reader"

    async def answer(self, view: View) -> Reply:
        if not view.must_diagnose and len(view.steps) < 2:
            return Reply(Turn("", (Hypothesis("Asthma", 0.5),), TestOrder(("D-dimer", "Echocardiogram"))), "")
        keys = [r.key for o in view.observations for r in o.results if r.outcome is Outcome.RESULT]
        sure = keys[:1] == ["ctpa"]
        dx = "Pulmonary embolism" if "ctpa" in keys else "Asthma"
        return Reply(Turn("", (Hypothesis(dx, 0.9 if sure else 0.6),), FinalDiagnosis(dx)), "")

    async def aclose(self) -> None:
        pass


async def test_own_evidence_is_what_was_found_once(graph: KnowledgeGraph) -> None:
    episode = await run_episode(CASE, Reader())
    outcomes = {result.outcome for o in episode.view.observations for result in o.results}
    assert outcomes == {Outcome.RESULT, Outcome.UNAVAILABLE, Outcome.DUPLICATE}
    assert [result.key for result in list_own(episode)] == ["ddimer"]


async def test_the_three_readings_and_other_orders(graph: KnowledgeGraph) -> None:
    settings = BenchSettings(regret=True, permutations=6)
    record = await bench_case(CASE, Reader(), graph, settings)
    assert record["rank"] is None
    assert record["readings"]["own"]["given"] == "Asthma"
    assert (record["readings"]["all"]["given"], record["readings"]["all"]["truth_p"]) == ("Pulmonary embolism", 0.6)
    told = build_report([record], {})["regret"]
    assert [told["top1"][name]["value"] for name in ("acquisition", "integration", "total")] == [1.0, 0.0, 1.0]
    assert told["top1"]["mcnemar"] == {"acquisition": 1.0, "integration": 1.0, "total": 1.0}
    ordering = record["ordering"]
    assert ordering["changed"] == [False] * 6
    firsts = [order[0].key == "ctpa" for order in draw_orders(CASE, settings)]
    assert ordering["total_variation"] == [pytest.approx(0.3) if first else 0.0 for first in firsts]
    assert True in firsts
    assert record == await bench_case(CASE, Reader(), graph, settings) | {"seconds": record["seconds"]}


async def test_static_reads_orders_against_itself(graph: KnowledgeGraph) -> None:
    record = await bench_case(CASE, Reader(), graph, BenchSettings(static=True, permutations=2))
    assert (record["readings"].keys(), len(record["ordering"]["changed"])) == ({"all"}, 2)
    assert summarise_regret([record]) is None


async def test_one_result_has_no_other_order(graph: KnowledgeGraph) -> None:
    alone = replace(CASE, menu=CASE.menu[:1])
    assert (await bench_case(alone, Reader(), graph, BenchSettings(permutations=2)))["ordering"] is None


def test_orders_are_seeded_and_never_the_cases_own() -> None:
    orders = draw_orders(CASE, BenchSettings(permutations=20, seed=5))
    assert orders == draw_orders(CASE, BenchSettings(permutations=20, seed=5))
    assert orders != draw_orders(CASE, BenchSettings(permutations=20, seed=6))
    assert all([result.key for result in order] != [item.key for item in CASE.menu] for order in orders)


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ({"a": 0.5, "b": 0.5}, {"a": 0.5, "b": 0.5}, 0.0),
        ({"a": 1.0}, {"b": 1.0}, 1.0),
        ({"a": 0.6, "b": 0.3}, {"a": 0.4, "b": 0.5}, 0.2),
        ({"a": 0.6}, {"a": 0.2}, 0.4),
        ({"a": None}, {"a": 0.2}, None),
        ({}, {"a": 0.2}, None),
    ],
)
def test_total_variation(one: dict[str, float | None], other: dict[str, float | None], distance: float | None) -> None:
    assert total_variation(one, other) == (distance if distance is None else pytest.approx(distance))


def _record(case: str, active: int | None, own: int | None, everything: int | None) -> dict[str, Any]:
    readings = {"own": {"rank": own, "truth_p": 0.5}, "all": {"rank": everything, "truth_p": 0.75}}
    return {"id": case, "group": case, "rank": active, "truth_p": None, "readings": readings}


def test_regret_by_hand() -> None:
    """Of ten cases all evidence solves nine, own evidence six, the run five; in one the run is right alone."""
    ranks = [(1, 1, 1)] * 4 + [(None, 1, 1)] * 2 + [(None, 2, 1)] * 3 + [(1, None, None)]
    told = summarise_regret([_record(str(place), *rank) for place, rank in enumerate(ranks)])
    assert told is not None
    top1 = told["top1"]
    assert [top1[name]["value"] for name in ("all", "own", "active")] == [0.9, 0.6, 0.5]
    assert [top1[name]["value"] for name in ("acquisition", "integration", "total")] == [0.3, 0.1, 0.4]
    assert top1["integration"]["ci"][0] < 0.1 < top1["integration"]["ci"][1]
    assert top1["mcnemar"] == {"acquisition": 0.25, "integration": 1.0, "total": pytest.approx(2 * 7 / 64)}
    assert told["top3"]["own"]["value"] == 0.9
    assert (told["truth_p"]["acquisition"]["value"], told["truth_p"]["integration"]["n"]) == (0.25, 0)


def test_orders_by_hand() -> None:
    cases = [([False, False], [True, True], [0.0, 0.1]), ([True, False], [False, True], [0.5, None])]
    records = [
        {
            "group": place,
            "readings": {"all": {"rank": 1}},
            "ordering": {"changed": changed, "right": right, "total_variation": distance},
        }
        for place, (changed, right, distance) in enumerate(cases)
    ]
    told = summarise_orders([*records, {"group": 2, "readings": {}, "ordering": None}])
    assert told is not None
    values = {name: told[name]["value"] for name in ("changed", "changed_orders", "total_variation", "spread")}
    assert values == {"changed": 0.5, "changed_orders": 0.25, "total_variation": 0.275, "spread": 0.5}
    assert (told["permutations"], told["changed"]["missing"]) == (2, 1)
