"""Whole-graph checks behind ``medaction kg check``: what the linter says, and what only a compiled graph can show."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .graph import KnowledgeGraph
from .lint import lint
from .problems import KnowledgeError, Problem
from .sources.authored import list_diseases, list_findings, read_diseases, read_findings
from .sources.places import Places
from .store import content_hash_of
from .text import fold


@dataclass(frozen=True, slots=True)
class Report:
    """``errors`` stop a build; ``warnings`` are worth an author's minute."""

    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def check_inputs(places: Places) -> Report:
    """The authored layer against the vocabularies, without compiling."""
    try:
        errors, warnings = lint(places)
    except KnowledgeError as error:
        return Report(error.problems, ())
    return Report(tuple(errors), tuple(warnings))


def check_graph(graph: KnowledgeGraph, places: Places) -> Report:
    """Reachability, orphans, probability sanity, and that the cached file still is what was written."""
    errors: list[Problem] = []
    if content_hash_of(graph.arrays) != graph.hash:
        errors.append(Problem("compiled graph", 0, "its bytes do not match its hash: delete the cache and build again"))
    errors += _unreachable(graph)
    warnings = [*_orphans(graph, places), *_odd_probabilities(graph, places)]
    return Report(tuple(errors), tuple(sorted(warnings)))


def _unreachable(graph: KnowledgeGraph) -> Iterator[Problem]:
    """Findings that no test, history or examination item reveals, not even through a broader finding."""
    starts = graph.arrays["reveal_starts"]
    revealed = starts[1:] > starts[:-1]
    for number in np.flatnonzero(graph.arrays["concept_kinds"] == 1).tolist():
        if not revealed[number] and not revealed[graph.ancestors[number]].any():
            concept = graph.at(number)
            yield Problem("findings", 0, f"{concept.id} ({concept.name}) is revealed by no test, history or exam")


def _orphans(graph: KnowledgeGraph, places: Places) -> Iterator[Problem]:
    """Authored findings that nothing uses: no disease, no narrower or broader finding, no HPO term behind them."""
    findings, _ = read_findings(list_findings(places.authored), places.authored)
    used = np.diff(graph.arrays["edge_finding_starts"]) > 0
    for finding in findings:
        number = graph.get(finding.id).index
        family = (*graph.descendants[number].tolist(), *graph.ancestors[number].tolist())
        if not finding.hpo and not any(used[member] for member in family):
            yield finding.place.problem(f"{finding.name!r} is used by no disease")


def _odd_probabilities(graph: KnowledgeGraph, places: Places) -> Iterator[Problem]:
    """A disease none of whose findings is more usual than in anybody else: it could never be told apart."""
    diseases, _ = read_diseases(list_diseases(places.authored), places.authored)
    for disease in diseases:
        lifts = [
            edge.p / graph.background(edge.finding)
            for edge in graph.edges_of(disease.id)
            if edge.p and edge.aspect == "P" and edge.source == "authored"
        ]
        if lifts and max(lifts) < 5:
            yield disease.at("findings").problem("no finding is five times as usual as in other patients")
        for use in disease.findings:
            link = graph.concept(use.finding)
            if use.band in ("almost_always", "very_frequent") and link and graph.background(link.concept) > 0.3:
                yield use.place.problem(f"{use.finding!r} is so common in everybody that it says little")
            if fold(use.finding) == fold(disease.name):
                yield use.place.problem("the disease's own name is listed as its finding")
