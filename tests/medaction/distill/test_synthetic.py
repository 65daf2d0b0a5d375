"""Synthetic cases: drawn from the graph, the same for the same seed, marked, and playable."""

import pytest

from medaction.distill.episode import run_episode
from medaction.distill.policies.kg import KgPolicy
from medaction.distill.synthetic import draw_case, draw_cases
from medaction.domain.case import Case
from medaction.domain.observation import Outcome
from medaction.knowledge import KnowledgeGraph
from medaction.metrics.judge import Verdict, judge


def test_a_seed_decides_all(graph: KnowledgeGraph) -> None:
    assert list(draw_cases(graph, 5, 1)) == list(draw_cases(graph, 5, 1))
    assert list(draw_cases(graph, 5, 1)) != list(draw_cases(graph, 5, 2))


def test_each_is_marked_of_another_disease_and_says_what_the_graph_says(graph: KnowledgeGraph) -> None:
    cases = list(draw_cases(graph, 20, 3))
    assert len(cases) == 20
    assert len({case.group_key for case in cases}) == 20
    for case in cases:
        assert case.synthetic
        assert case.licence
        assert case.diagnosis.text.casefold() not in case.o1.casefold()
        assert Case.from_dict(case.to_dict()) == case
        had = {edge.finding.name.casefold() for edge in graph.edges_of(case.diagnosis.concept_ids[0])}
        for item in case.menu:
            said = {finding.casefold() for finding in item.result.rstrip(".").split("; ")}
            assert said <= had | {"no abnormality"}


def test_a_disease_told_by_too_little_makes_no_case(graph: KnowledgeGraph) -> None:
    made = [draw_case(graph, disease, 0) for disease in graph.list_authored()[:60]]
    assert any(made)
    assert None in made


@pytest.mark.parametrize("seed", [1, 4])
async def test_they_can_be_worked_up(graph: KnowledgeGraph, policy: KgPolicy, seed: int) -> None:
    right = shown = 0
    for case in draw_cases(graph, 12, seed):
        episode = await run_episode(case, policy)
        right += judge(graph, case.diagnosis, episode.diagnosis or "") is Verdict.SAME
        shown += any(r.outcome is Outcome.RESULT for o in episode.view.observations for r in o.results)
    assert right >= 6
    assert shown >= 10
