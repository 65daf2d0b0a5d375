"""Diseases ranked for phenopackets, among all that HPO annotates: with and without what the case's own paper said.

`python -m benchmarks.phenopackets --cases FILE [--per-disease 2] [--cache DIR] [--json FILE]`. All findings of a packet
are given, and nothing else. Two figures, always together: (a) without the annotations that cite the case's own
references, for cases whose disease keeps five others; (b) as they are. Beside each, in the same run, a plain naive
Bayes over the same annotations. Diseases are halved by the hash of their ids: settings were chosen on the first half.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from medaction.bench.sampling import is_candidate, keep_told_elsewhere, sample_per_disease
from medaction.domain.case import Case, Polarity
from medaction.formats.readers import read_cases
from medaction.knowledge import KnowledgeGraph, UnknownConceptError, open_graph
from medaction.knowledge.ranking.ratios import Patch
from medaction.metrics.interval import bootstrap_interval
from medaction.metrics.judge import resolve_truth

FLOOR = 0.001
"""P of a finding that a disease does not state, for the plain naive Bayes."""
HALVES = ("dev", "check")

Finding = tuple[int, bool]
Scorer = Callable[[KnowledgeGraph, Sequence[Finding], frozenset[int]], Any]


@dataclass(frozen=True)
class Ranks:
    """``name``: who ranked; ``own_paper``: whether it was used; ``half``: which diseases; ``seconds`` of CPU."""

    name: str
    own_paper: bool
    half: str
    ranks: list[int]
    seconds: float

    def share(self, most: int) -> tuple[float, tuple[float, float] | None]:
        hits = [float(rank <= most) for rank in self.ranks]
        return sum(hits) / max(len(hits), 1), bootstrap_interval(hits)

    def to_dict(self) -> dict[str, Any]:
        figures = {f"top{most}": self.share(most) for most in (1, 3, 10)}
        return {
            "ranked_by": self.name,
            "own_paper": self.own_paper,
            "half": self.half,
            "n": len(self.ranks),
            **{name: round(value, 4) for name, (value, _) in figures.items()},
            **{f"{name}_ci": interval for name, (_, interval) in figures.items()},
            "cases_a_second": round(len(self.ranks) / max(self.seconds, 1e-9), 1),
        }


def ours(graph: KnowledgeGraph, findings: Sequence[Finding], cited: frozenset[int]) -> Any:
    _, ratios, unmet = graph.ranker.shares(findings, cited)
    return ratios.sum(0) + unmet


def plain_naive_bayes(graph: KnowledgeGraph, findings: Sequence[Finding], cited: frozenset[int]) -> Any:
    """Σ ln P, each P stated for the finding or a narrower one, else ``FLOOR``; 1 − P for an excluded one."""
    profiles = graph.ranker.profiles
    patch = None
    if cited:
        affected, left = profiles.without(cited)
        patch = Patch(profiles, affected, left, [number for number, _ in findings])
    total = np.zeros(profiles.size)
    for number, present in findings:
        p = profiles.probability(number)
        if patch is not None:
            p[patch.affected] = patch.p(np.array([number]))[:, 0]
        p = np.clip(p, FLOOR, 1 - FLOOR)
        total += np.log(p if present else 1 - p)
    return total


SCORERS: dict[str, Scorer] = {"medaction": ours, "plain naive Bayes": plain_naive_bayes}


def read_findings(graph: KnowledgeGraph, case: Case) -> list[Finding]:
    found: dict[int, bool] = {}
    for item in case.menu:
        for finding in item.findings:
            try:
                concept = graph.get(finding.concept)
            except UnknownConceptError:
                continue
            if concept.kind == "finding":
                present = finding.polarity is not Polarity.ABSENT
                found[concept.index] = found.get(concept.index, False) or present
    return sorted(found.items())


def measure(graph: KnowledgeGraph, cases: Sequence[Case], scorer: Scorer, *, own_paper: bool) -> list[int]:
    profiles = graph.ranker.profiles
    ranks = []
    for case in cases:
        cited = frozenset() if own_paper else graph.reference_numbers(case.references)
        scores = np.where(profiles.coded, scorer(graph, read_findings(graph, case), cited), -np.inf)
        places = {int(profiles.place[truth.index]) for truth in resolve_truth(graph, case.diagnosis)[0]}
        ranks.append(min(rank_of(scores, place) for place in places if place >= 0))
    return ranks


def rank_of(scores: Any, place: int) -> int:
    """From 1; of equal scores the earlier disease comes first, whichever is true."""
    return 1 + int((scores > scores[place]).sum()) + int((scores[:place] == scores[place]).sum())


def half_of(case: Case) -> str:
    key = next(iter(case.diagnosis.concept_ids), case.diagnosis.text)
    return HALVES[int(sha256(f"split{key}".encode()).hexdigest()[:8], 16) % 2]


def measure_all(graph: KnowledgeGraph, cases: Sequence[Case]) -> Iterator[Ranks]:
    for own_paper in (False, True):
        scored = cases if own_paper else keep_told_elsewhere(graph, cases)
        for name, scorer in SCORERS.items():
            for half in (*HALVES, "all"):
                chosen = [case for case in scored if half in ("all", half_of(case))]
                started = process_time()
                ranks = measure(graph, chosen, scorer, own_paper=own_paper)
                yield Ranks(name, own_paper, half, ranks, process_time() - started)


def say(share: tuple[float, tuple[float, float] | None]) -> str:
    value, interval = share
    return f"{value:.1%}" + (f" ({100 * interval[0]:.1f}–{100 * interval[1]:.1f})" if interval else "")


def show(console: Console, rows: Sequence[Ranks], about: dict[str, Any]) -> None:
    table = Table(title="Diseases for phenopackets, all evidence given")
    for column in ("annotations", "ranked by", "half", "n", "top-1", "top-3", "top-10", "cases/s"):
        table.add_column(column)
    for row in rows:
        table.add_row(
            "(b) all" if row.own_paper else "(a) without own paper",
            row.name,
            row.half,
            str(len(row.ranks)),
            *(say(row.share(most)) for most in (1, 3, 10)),
            f"{row.to_dict()['cases_a_second']:.0f}",
        )
    console.print(table)
    for name, value in about.items():
        console.print(f"{name}: {value}", highlight=False)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.phenopackets", description=__doc__)
    parser.add_argument("--cases", type=Path, required=True, help="phenopackets, one a line")
    parser.add_argument("--per-disease", type=int, default=2, help="at most so many cases of each disease")
    parser.add_argument("--cache", type=Path, help="folder of the compiled graph")
    parser.add_argument("--json", type=Path, help="write every figure there")
    arguments = parser.parse_args()
    graph = open_graph(arguments.cache)
    read = [row.case for row in read_cases(arguments.cases, "phenopackets") if row.case is not None]
    drawn = sample_per_disease(read, arguments.per_disease)
    cases = [case for case in drawn if is_candidate(graph, case)]
    about = {
        "candidates": f"{int(graph.ranker.profiles.coded.sum())} diseases: all that phenotype.hpoa annotates with "
        "findings; equivalents of OMIM, Orphanet and DECIPHER count as one",
        "cases": f"{len(cases)} of {len(drawn)} drawn; the disease of the others is not in this release of HPO",
        "graph": graph.hash,
    }
    rows = list(measure_all(graph, cases))
    show(Console(), rows, about)
    if arguments.json:
        report = {**about, "rows": [row.to_dict() for row in rows]}
        arguments.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
