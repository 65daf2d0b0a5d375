"""The same order to three oracles: ours refuses what the case does not say, the others answer it."""

from dataclasses import replace

import pytest

from benchmarks.oracles import NORMAL, Inventing, NormalOnMiss, Refusing, compare, list_withheld
from medaction.distill.policies.kg import open_extractor
from medaction.domain.case import Case
from medaction.domain.observation import Outcome
from medaction.knowledge import KnowledgeGraph, open_graph
from tests.medaction.distill.small_cases import make_case

SCAN = "CT pulmonary angiogram"


@pytest.fixture(scope="module")
def graph(request: pytest.FixtureRequest) -> KnowledgeGraph:
    return open_graph(request.config.cache.mkdir("knowledge"))


@pytest.fixture
def without_scan() -> Case:
    """Its scan shows an embolism, and the case does not say so."""
    case = make_case()
    return replace(case, menu=tuple(item for item in case.menu if item.name != SCAN))


def test_what_the_case_says_all_three_repeat(graph: KnowledgeGraph) -> None:
    for oracle in (Refusing(), NormalOnMiss(), Inventing(graph)):
        assert oracle.answer(make_case(), SCAN).text == "Filling defect in the right pulmonary artery"


def test_what_it_does_not_say_only_ours_refuses(graph: KnowledgeGraph, without_scan: Case) -> None:
    ours = Refusing().answer(without_scan, SCAN)
    assert (ours.outcome, ours.text) == (Outcome.UNAVAILABLE, "")
    assert NormalOnMiss().answer(without_scan, SCAN).text == NORMAL
    invented = Inventing(graph).answer(without_scan, SCAN).text
    assert invented.startswith("Present: ")
    assert invented not in str(without_scan.to_dict())


def test_an_invented_result_tells_the_truth_of_the_case(graph: KnowledgeGraph, without_scan: Case) -> None:
    gout = replace(without_scan, diagnosis=make_case(truth="Gout").diagnosis)
    oracle = Inventing(graph)
    assert oracle.answer(without_scan, SCAN).text != oracle.answer(gout, SCAN).text
    assert Refusing().answer(without_scan, SCAN) == Refusing().answer(gout, SCAN)


def test_the_comparison_withholds_abnormal_items_one_by_one(graph: KnowledgeGraph) -> None:
    case = make_case()
    withheld = [item.name for _, item in list_withheld(case, open_extractor(graph))]
    assert SCAN in withheld
    told = compare([case], graph)
    assert told["orders"] == len(withheld)
    ours, normal, invented = (told["oracles"][name] for name in ("ours", "normal", "invented"))
    assert ours["answers"] == {"unavailable": len(withheld)}
    assert (ours["abnormal_called_normal"], ours["made_up"]) == (0, 0)
    assert (normal["abnormal_called_normal"], normal["made_up"]) == (len(withheld), 0)
    assert invented["made_up"] > 0
    assert invented["mean_shift"] > ours["mean_shift"]
