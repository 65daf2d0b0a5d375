"""All rules over one case."""

from collections.abc import Collection, Iterator

from medaction.domain.case import Case
from medaction.knowledge import KnowledgeGraph

from .issues import LintIssue
from .mentions import DiseaseNames
from .rules import (
    check_diagnosis,
    check_group,
    check_menu,
    check_opening,
    check_reach,
    check_results,
    link_diagnosis,
    list_telling_tests,
)


def lint_case(case: Case, graph: KnowledgeGraph, *, benchmarks: Collection[str] = ()) -> tuple[LintIssue, ...]:
    """Every issue of a case, in a stable order. ``benchmarks`` are the group keys that training must not touch."""
    return tuple(_lint(case, graph, benchmarks))


def _lint(case: Case, graph: KnowledgeGraph, benchmarks: Collection[str]) -> Iterator[LintIssue]:
    same, broader = link_diagnosis(case, graph)
    names = DiseaseNames((case.diagnosis.text, *case.diagnosis.aliases), same, graph)
    yield from check_opening(case, names)
    yield from check_results(case, names, list_telling_tests(graph, same))
    yield from check_menu(case)
    yield from check_diagnosis(case, same, broader)
    yield from check_reach(case, graph)
    yield from check_group(case, benchmarks)
