"""The figures of a data card."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from medaction.formats.training import TreeMaterial


class Counts:
    """Adds up trees. ``rows``: rows written so far."""

    def __init__(self) -> None:
        self.rows = 0
        self._trees = 0
        self._branches = 0
        self._turns: Counter[int] = Counter()
        self._verdicts: dict[str, Counter[str]] = {}
        self._cases: dict[str, tuple[str, str]] = {}
        self._rows_by_licence: Counter[str] = Counter()
        self._diagnoses: set[str] = set()
        self._specialties: Counter[str] = Counter()
        self._orders: set[str] = set()
        self._coverage: list[float] = []
        self._unassessed = 0
        self._metrics: set[str] = set()
        self._synthetic: set[str] = set()

    def add(self, tree: TreeMaterial, rows: int) -> None:
        case = tree.case
        self._trees += 1
        self.rows += rows
        self._rows_by_licence[case.licence or "unknown"] += rows
        if case.id not in self._cases:
            self._cases[case.id] = (case.source, case.licence or "unknown")
            self._diagnoses.add(case.diagnosis.text.casefold())
            self._specialties[case.specialty or "not given"] += 1
            if case.synthetic:
                self._synthetic.add(case.id)
        for branch in tree.branches:
            self._branches += 1
            self._verdicts.setdefault(tree.policy, Counter())[branch.verdict] += 1
            self._turns[len(branch.turns)] += 1
        self._read_verdicts(tree.verdicts)
        self._read_orders(tree.record["nodes"])

    def _read_verdicts(self, verdicts: Sequence[dict[str, Any]]) -> None:
        for verdict in verdicts:
            self._metrics.add(verdict["metric_version"])
            coverage = verdict["values"]["coverage"]
            if coverage is None:
                self._unassessed += 1
            else:
                self._coverage.append(coverage)

    def _read_orders(self, nodes: Sequence[dict[str, Any]]) -> None:
        for node in nodes:
            action = node["content"]["turn"]["action"] if "turn" in node["content"] else None
            if action and action["type"] == "order":
                self._orders.update(test.casefold() for test in action["tests"])

    def to_dict(self) -> dict[str, Any]:
        """Turn counts are means over all branches; coverage is the mean of the branches where it could be told."""
        licences = Counter(licence for _, licence in self._cases.values())
        turns = sum(count * branches for count, branches in self._turns.items())
        return {
            "counts": {
                "cases": len(self._cases),
                "synthetic_cases": len(self._synthetic),
                "trees": self._trees,
                "branches": self._branches,
                "rows": self.rows,
                "branches_per_tree": round(self._branches / self._trees, 2) if self._trees else None,
                "turns_per_branch": round(turns / self._branches, 2) if self._branches else None,
            },
            "verdicts": {name: dict(sorted(found.items())) for name, found in sorted(self._verdicts.items())},
            "diversity": {
                "diagnoses": len(self._diagnoses),
                "orders": len(self._orders),
                "specialties": dict(sorted(self._specialties.items())),
            },
            "metrics": {
                "versions": sorted(self._metrics),
                "coverage": round(sum(self._coverage) / len(self._coverage), 4) if self._coverage else None,
                "coverage_n": len(self._coverage),
                "coverage_unknown": self._unassessed,
            },
            "sources": dict(sorted(Counter(source for source, _ in self._cases.values()).items())),
            "licences": {
                name: {"cases": count, "rows": self._rows_by_licence[name]} for name, count in sorted(licences.items())
            },
        }
