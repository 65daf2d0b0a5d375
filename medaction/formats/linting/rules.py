"""The rules, one a function; each gives the issues that it finds."""

from collections.abc import Collection, Iterable, Iterator

from medaction.domain.case import Case, Category, MenuItem
from medaction.domain.naming import item_keys
from medaction.knowledge import Concept, Grade, Kind, KnowledgeGraph, Link, UnknownConceptError

from .issues import Code, LintIssue, Severity
from .mentions import DiseaseNames

LEAST_ITEMS = 2
PATHOGNOMONIC = 0.95
"""A test with at least this specificity for the disease may name it (a threshold of ours)."""
_MAY_NAME_IT = frozenset({Category.PATHOLOGY, Category.GENETIC})


def link_diagnosis(case: Case, graph: KnowledgeGraph) -> tuple[tuple[Concept, ...], tuple[Link, ...]]:
    """The concepts that the diagnosis means, and the links that are only broader (used where there is no better)."""
    written = (case.diagnosis.text, *case.diagnosis.aliases)
    links = [link for name in written if (link := _link(name, graph))]
    same = [link.concept for link in links if link.grade is Grade.SAME]
    for concept_id in case.diagnosis.concept_ids:
        try:
            same.append(graph.get(concept_id))
        except UnknownConceptError:
            continue
    broader = tuple(link for link in links if link.grade is Grade.BROADER)
    return tuple({concept.id: concept for concept in same}.values()), broader


def _link(name: str, graph: KnowledgeGraph) -> Link | None:
    """To a disease; else to a finding, for a diagnosis that HPO has as a finding (akathisia)."""
    link = graph.concept(name, Kind.DISEASE)
    if link and link.grade is Grade.SAME:
        return link
    finding = graph.concept(name, Kind.FINDING)
    return finding if finding and finding.grade is Grade.SAME else link


def check_diagnosis(case: Case, same: Collection[Concept], broader: Collection[Link]) -> Iterator[LintIssue]:
    if same:
        return
    where, name = "diagnosis.text", case.diagnosis.text
    if broader:
        only = next(iter(broader)).concept.name
        text = f"The graph knows “{name}” only as the broader “{only}”."
        yield LintIssue(Code.UNRESOLVED_DIAGNOSIS, Severity.WARNING, text, where)
    else:
        text = f"The graph has no concept for “{name}”, so nothing can be judged."
        yield LintIssue(Code.UNRESOLVED_DIAGNOSIS, Severity.ERROR, text, where)


def check_opening(case: Case, names: DiseaseNames) -> Iterator[LintIssue]:
    yield from _leaks(names, case.o1, Code.DIAGNOSIS_IN_O1, "The opening text names the diagnosis", "o1")


def check_results(case: Case, names: DiseaseNames, telling: Collection[str]) -> Iterator[LintIssue]:
    """``telling`` are the catalogue keys of tests that settle this disease, which may name it."""
    for number, item in enumerate(case.menu):
        if item.category in _MAY_NAME_IT or item_keys(item) & {*telling}:
            continue
        said = f"“{item.name}” names the diagnosis"
        yield from _leaks(names, item.result, Code.DIAGNOSIS_IN_RESULT, said, f"menu[{number}].result")


def _leaks(names: DiseaseNames, text: str, code: Code, said: str, where: str) -> Iterator[LintIssue]:
    mentions = list(names.mentions(text))
    if not mentions:
        return
    own = [mention for mention in mentions if not mention.of_relative]
    severity = Severity.ERROR if own else Severity.WARNING
    shown = (own or mentions)[0].words
    yield LintIssue(code, severity, f"{said}{'' if own else ' (of a relative)'}: “{shown}”.", where)


def list_telling_tests(graph: KnowledgeGraph, concepts: Iterable[Concept]) -> frozenset[str]:
    """Catalogue keys of the tests that the graph gives a high specificity for these diseases."""
    return frozenset(
        edge.test.id.removeprefix("TEST:")
        for concept in concepts
        if concept.kind is Kind.DISEASE
        for edge in graph.tests_of(concept)
        if (edge.specificity or 0) >= PATHOGNOMONIC
    )


def check_menu(case: Case) -> Iterator[LintIssue]:
    if len(case.menu) < LEAST_ITEMS:
        count = "one item" if case.menu else "no item"
        yield LintIssue(Code.FEW_ITEMS, Severity.ERROR, f"There is {count} to order; at least two are needed.", "menu")


def check_reach(case: Case, graph: KnowledgeGraph) -> Iterator[LintIssue]:
    if case.menu and not any(_reaches(item, graph) for item in case.menu):
        text = "The graph joins no item of the menu to a finding, so no order can be judged as grounded."
        yield LintIssue(Code.NO_REACHABLE_FINDING, Severity.ERROR, text, "menu")


def _reaches(item: MenuItem, graph: KnowledgeGraph) -> bool:
    """Whether the item's test has findings in the graph, or one of its own findings has a test there."""
    for key in item_keys(item):
        try:
            if graph.findings_of(key):
                return True
        except UnknownConceptError:
            continue
    return any(graph.tests_for(found) for finding in item.findings if (found := _finding(finding.concept, graph)))


def _finding(name: str, graph: KnowledgeGraph) -> Concept | None:
    try:
        return graph.get(name)
    except UnknownConceptError:
        link = graph.concept(name, Kind.FINDING)
        return link.concept if link else None


def check_group(case: Case, benchmarks: Collection[str]) -> Iterator[LintIssue]:
    if case.group_key in benchmarks:
        text = f"A benchmark holds a case of the same article or patient ({case.group_key}): never train on this one."
        yield LintIssue(Code.BENCHMARK_GROUP, Severity.ERROR, text, "group_key")
