"""What a run holds, counted: verdicts by rule and policy, what is kept and how different it is."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from medaction.domain.actions import TestOrder
from medaction.domain.branch import Branch
from medaction.domain.naming import catalogue_key
from medaction.domain.vocabulary import normalise
from medaction.metrics import BranchScore

from .judging import TreeVerdicts, prune_all
from .preferences import preference_pairs
from .pruning import KEPT, Thresholds, Verdict
from .record import TreeRecord
from .trajectories import drop_contained, list_trajectories

STEPS = (-0.2, -0.1, 0.0, 0.1, 0.2)
"""How far each threshold is moved, alone, for a table of sensitivity."""


@dataclass
class Survey:
    """Sums over trees. ``distinct``: each kept path once; ``maximal``: without those that begin another one."""

    trees: int = 0
    branches: int = 0
    turns: int = 0
    distinct: int = 0
    maximal: int = 0
    pairs: int = 0
    cases_kept: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    rules: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    policies: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    test_sets: int = 0
    first_ideas: int = 0
    diagnoses: int = 0

    def add(self, record: TreeRecord, scores: Sequence[BranchScore], verdicts: TreeVerdicts) -> None:
        kept = list_trajectories(record, verdicts.verdicts)
        paths = [Branch.from_nodes(nodes) for _, nodes in record.branches()]
        self.trees += 1
        self.branches += len(paths)
        self.turns += record.usage["turns"]
        self.distinct += len(kept)
        self.maximal += len(drop_contained(kept))
        self.pairs += len(preference_pairs(record, scores, verdicts.verdicts))
        self.cases_kept += bool(kept)
        for verdict in verdicts.verdicts:
            self.verdicts[verdict.verdict] += 1
            self.rules[verdict.verdict][verdict.rule] += 1
            self.policies[record.policy][verdict.verdict] += 1
        self.test_sets += len({_tests_of(path) for path in paths})
        self.first_ideas += len({h.dx for path in paths for turn in path.turns for h in turn.differential[:1]})
        self.diagnoses += len({normalise(path.diagnosis) for path in paths if path.diagnosis})

    def to_dict(self) -> dict[str, Any]:
        kept = sum(self.verdicts[verdict] for verdict in KEPT)
        return {
            "trees": self.trees,
            "branches": self.branches,
            "turns": self.turns,
            "verdicts": {verdict.value: self.verdicts[verdict] for verdict in Verdict},
            "rules": {verdict: dict(counts.most_common()) for verdict, counts in sorted(self.rules.items())},
            "policies": {
                policy: {verdict.value: counts[verdict] for verdict in Verdict}
                for policy, counts in sorted(self.policies.items())
            },
            "kept": kept,
            "kept_distinct": self.distinct,
            "kept_maximal": self.maximal,
            "cases_with_kept": self.cases_kept,
            "preference_pairs": self.pairs,
            "per_case": {
                "branches": _each(self.branches, self.trees),
                "kept": _each(kept, self.trees),
                "kept_distinct": _each(self.distinct, self.trees),
                "test_sets": _each(self.test_sets, self.trees),
                "leading_diagnoses": _each(self.first_ideas, self.trees),
                "final_diagnoses": _each(self.diagnoses, self.trees),
            },
        }


def _each(count: int, of: int) -> float | None:
    return round(count / of, 2) if of else None


def _tests_of(path: Branch) -> frozenset[str]:
    """All tests that a branch orders, whatever their order and wording."""
    orders = [turn.action.tests for turn in path.turns if isinstance(turn.action, TestOrder)]
    return frozenset(catalogue_key(test) or normalise(test) for tests in orders for test in tests)


def vary_thresholds(trees: Iterable[Sequence[BranchScore]], thresholds: Thresholds) -> list[dict[str, Any]]:
    """Verdict counts with each threshold moved alone by ``STEPS``; a row of values outside 0 … 1 is left out."""
    settings = [
        (name, changed)
        for name, value in asdict(thresholds).items()
        for step in STEPS
        if 0 <= (moved := round(value + step, 4)) <= 1
        for changed in [replace(thresholds, **{name: moved})]
    ]
    counts: list[Counter[str]] = [Counter() for _ in settings]
    for scores in trees:
        for counter, (_, changed) in zip(counts, settings, strict=True):
            counter.update(verdict.verdict for verdict in prune_all(scores, changed))
    return [
        {
            "threshold": name,
            "value": getattr(changed, name),
            "chosen": changed == thresholds,
            **{verdict.value: counter[verdict] for verdict in Verdict},
        }
        for counter, (name, changed) in zip(counts, settings, strict=True)
    ]
