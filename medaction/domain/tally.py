"""What a work-up has cost so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from medaction.domain.case import RISKS
from medaction.domain.observation import Outcome, TestResult


@dataclass(frozen=True, slots=True)
class Tally:
    """``cost`` in US dollars sums what is known; ``unpriced`` counts results without a price.

    ``turnaround_minutes`` sums, over turns, the slowest result of each: tests ordered together run side by side.
    ``risk`` is the worst of all, or None when no risk is known.
    """

    cost: float = 0.0
    turnaround_minutes: int = 0
    risk: str | None = None
    results: int = 0
    unpriced: int = 0

    def add(self, results: Sequence[TestResult]) -> "Tally":
        """The tally after the results of one more turn."""
        new = [result for result in results if result.outcome is Outcome.RESULT]
        if not new:
            return self
        risks = [risk for risk in (self.risk, *(result.risk for result in new)) if risk is not None]
        return Tally(
            cost=self.cost + sum(result.cost or 0.0 for result in new),
            turnaround_minutes=self.turnaround_minutes + max(result.turnaround_minutes or 0 for result in new),
            risk=worst_risk(risks),
            results=self.results + len(new),
            unpriced=self.unpriced + sum(result.cost is None for result in new),
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "cost": self.cost,
            "turnaround_minutes": self.turnaround_minutes,
            "risk": self.risk,
            "results": self.results,
            "unpriced": self.unpriced,
        }


def worst_risk(risks: Sequence[str]) -> str | None:
    return max(risks, key=RISKS.index, default=None)
