"""Three ways to answer an order that the case does not say, on the same orders: refuse, call it normal, make it up.

`python -m benchmarks.oracles [--cases FILE] [--limit N] [--json FILE]`. From each case one item with an abnormal
result is taken out of the menu and then ordered: what is true is known, and the case no longer says it. Every item that
the policy reads a finding in gets its turn. Counted: what each oracle answers, how often it calls an abnormal test
normal, and what that does to the kg policy's belief in the true diagnosis, against the same view without the order.

The two others are small re-implementations of a behaviour, in our words, without a language model:

* `normal`: AgentClinic's measurement agent is told to answer with normal readings what its data do not hold (prompt of
  the measurement agent in `agentclinic.py`, github.com/SamuelSchmidgall/AgentClinic; arXiv 2405.07960).
* `invented`: SDBench's gatekeeper may write findings that the case file lacks, consistent with the case, which it reads
  with its diagnosis (arXiv 2506.22405). Here: the finding of that test which is likeliest in the true disease, if it
  is likely (P ≥ ½); else normal.

A real language model in their place is less regular than this; the fault is in what it is asked to do.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from medaction.cli.case_files import load_cases
from medaction.distill.policies.kg import KgPolicy, open_extractor
from medaction.distill.policies.policy import Reply, Step, View
from medaction.domain.actions import TestOrder, Turn
from medaction.domain.case import Case, MenuItem, Polarity
from medaction.domain.environment import Environment
from medaction.domain.naming import catalogue_key
from medaction.domain.observation import Observation, Outcome, TestResult
from medaction.formats.teaching import load_teaching_cases
from medaction.knowledge import Concept, KnowledgeGraph, find_relation, open_graph
from medaction.knowledge.graph import UnknownConceptError
from medaction.knowledge.model import Kind
from medaction.metrics.judge import Verdict, judge

NORMAL = "Normal readings."
LIKELY = 0.5


class Oracle(Protocol):
    name: str

    def answer(self, case: Case, order: str) -> TestResult:
        """What the case's environment says to one order, as the first result of turn 2."""
        ...


class Refusing:
    """Ours: the case's own words, or UNAVAILABLE."""

    name = "ours"

    def answer(self, case: Case, order: str) -> TestResult:
        return Environment(case).step(TestOrder((order,))).observation.results[0]


class NormalOnMiss:
    """What is not in the data is normal."""

    name = "normal"

    def answer(self, case: Case, order: str) -> TestResult:
        found = Refusing().answer(case, order)
        if found.outcome is not Outcome.UNAVAILABLE:
            return found
        return replace(found, outcome=Outcome.RESULT, name=order, text=NORMAL)


class Inventing:
    """What is not in the data is written to fit the true diagnosis."""

    name = "invented"

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._graph = graph

    def answer(self, case: Case, order: str) -> TestResult:
        found = Refusing().answer(case, order)
        if found.outcome is not Outcome.UNAVAILABLE:
            return found
        return replace(found, outcome=Outcome.RESULT, name=order, text=self._write(case, order))

    def _write(self, case: Case, order: str) -> str:
        truth = true_disease(self._graph, case)
        key = catalogue_key(order)
        if truth is None or key is None:
            return NORMAL
        try:
            shown = {edge.finding for edge in self._graph.findings_of(key)}
        except UnknownConceptError:
            return NORMAL
        stated = [
            (relation.p, finding) for finding in shown if (relation := find_relation(self._graph, finding, truth))
        ]
        likeliest = max(stated, key=lambda one: (one[0], one[1].id), default=None)
        return NORMAL if likeliest is None or likeliest[0] < LIKELY else f"Present: {likeliest[1].name}."


def true_disease(graph: KnowledgeGraph, case: Case) -> Concept | None:
    for identifier in case.diagnosis.concept_ids:
        try:
            return graph.get(identifier)
        except UnknownConceptError:
            continue
    link = graph.concept(case.diagnosis.text, Kind.DISEASE)
    return None if link is None else link.concept


@dataclass
class Count:
    """``shift``: the sum of changes of P(true diagnosis) in the policy's differential."""

    answers: Counter[str] = field(default_factory=Counter)
    normal: int = 0
    made_up: int = 0
    shift: float = 0.0


def list_withheld(case: Case, extractor: Any) -> Iterator[tuple[Case, MenuItem]]:
    """The case without one item whose result holds an abnormal finding, and the item."""
    for item in case.menu:
        found = extractor.extract(item.result, name=item.name)
        if any(one.polarity is not Polarity.ABSENT for one in found):
            yield replace(case, menu=tuple(other for other in case.menu if other is not item)), item


def compare(cases: Sequence[Case], graph: KnowledgeGraph) -> dict[str, Any]:
    policy = KgPolicy(graph)
    extractor = open_extractor(graph)
    oracles: list[Oracle] = [Refusing(), NormalOnMiss(), Inventing(graph)]
    counts = {oracle.name: Count() for oracle in oracles}
    orders = 0
    for case in cases:
        for part, item in list_withheld(case, extractor):
            orders += 1
            first = Environment(part).reset()
            before = belief(graph, policy, part, View(first))
            for oracle in oracles:
                result = oracle.answer(part, item.name)
                count = counts[oracle.name]
                own_words = result.outcome is not Outcome.RESULT or bool(result.keys)
                count.answers["stated" if result.keys else result.outcome.value.lower()] += 1
                count.normal += result.text == NORMAL
                count.made_up += not own_words and result.text != NORMAL
                step = Step(Reply(Turn(action=TestOrder((item.name,))), ""), Observation("r2", results=(result,)))
                count.shift += belief(graph, policy, part, View(first, (step,))) - before
    return {
        "cases": len(cases),
        "orders": orders,
        "oracles": {
            name: {
                "answers": dict(count.answers),
                "abnormal_called_normal": count.normal,
                "made_up": count.made_up,
                "mean_shift": round(count.shift / orders, 4) if orders else None,
            }
            for name, count in counts.items()
        },
    }


def belief(graph: KnowledgeGraph, policy: KgPolicy, case: Case, view: View) -> float:
    """P of the true diagnosis in the differential; 0 when it is not listed."""
    listed = policy.decide(view).turn.differential
    return sum(h.p or 0.0 for h in listed if judge(graph, case.diagnosis, h.dx) is Verdict.SAME)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.oracles", description=__doc__)
    parser.add_argument("--cases", type=Path, help="a case file; without it our teaching cases")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    cases = load_cases(arguments.cases) if arguments.cases else list(load_teaching_cases())
    told = compare(cases[: arguments.limit], open_graph())
    print(f"{told['orders']} abnormal items withheld and ordered, {told['cases']} cases")
    print(
        f"{'oracle':>10} {'unavailable':>12} {'other item':>11} {'said normal':>12} {'made up':>8} {'Δ P(truth)':>11}"
    )
    for name, row in told["oracles"].items():
        answers = row["answers"]
        print(
            f"{name:>10} {answers.get('unavailable', 0):>12} {answers.get('stated', 0):>11} "
            f"{row['abnormal_called_normal']:>12} {row['made_up']:>8} {row['mean_shift']:>+11.4f}"
        )
    if arguments.json:
        arguments.json.write_text(json.dumps({"benchmark": "oracles", **told}, indent=1))


if __name__ == "__main__":
    main()
