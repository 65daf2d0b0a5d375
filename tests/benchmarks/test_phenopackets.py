"""The counting of the phenopackets benchmark."""

import numpy as np
import pytest

from benchmarks.phenopackets import Ranks, half_of, plain_naive_bayes, rank_of
from medaction.domain.case import Case
from medaction.knowledge import KnowledgeGraph, open_graph


@pytest.fixture(scope="module")
def graph(request: pytest.FixtureRequest) -> KnowledgeGraph:
    return open_graph(request.config.cache.mkdir("knowledge"))


def test_equal_scores_give_the_truth_no_favour():
    scores = np.array([3.0, 1.0, 3.0, 2.0])
    assert [rank_of(scores, place) for place in range(4)] == [1, 4, 2, 3]


def test_shares_and_halves():
    ranks = Ranks("x", own_paper=True, half="all", ranks=[1, 2, 11, 400], seconds=2.0).to_dict()
    assert (ranks["top1"], ranks["top3"], ranks["top10"], ranks["cases_a_second"]) == (0.25, 0.5, 0.5, 2.0)
    made = [
        Case.from_dict({"id": i, "o1": "A.", "menu": [], "diagnosis": {"text": "x", "concept_ids": ["OMIM:1"]}})
        for i in "abc"
    ]
    assert len({half_of(case) for case in made}) == 1, "a disease is wholly in one half"


def test_the_plain_reference_is_naive_bayes(graph):
    profiles = graph.ranker.profiles
    arachnodactyly = graph.get("HP:0001166").index
    stated = profiles.probability(arachnodactyly).clip(0.001, 0.999)
    assert plain_naive_bayes(graph, [(arachnodactyly, True)], frozenset()) == pytest.approx(np.log(stated))
    assert plain_naive_bayes(graph, [(arachnodactyly, False)], frozenset()) == pytest.approx(np.log(1 - stated))
