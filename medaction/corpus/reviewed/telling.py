"""What a row says of the judgements that it comes from, and how much it weighs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .policy import LabelPolicy, Pass, ReviewPolicy

UNKNOWN = 0.5
"""Weight of a rater of whom nothing is known; see ``reliability.weigh_raters``."""


@dataclass(frozen=True, slots=True)
class Teller:
    """``source``: the nature of the judgements, so that no row of a metric can be taken for an expert's."""

    source: str
    policy: ReviewPolicy
    rubric: str
    weights: Mapping[str, float]

    def weigh(self, rater: str) -> float:
        return self.weights.get(rater, UNKNOWN) if self.policy.labels is LabelPolicy.WEIGHTS else 1.0

    def tell(
        self, raters: Sequence[str], seconds: Sequence[int | None], month: str, stage: Pass, weight: float
    ) -> dict[str, Any]:
        """The columns. ``seconds`` None: not measured."""
        return {
            "label_source": self.source,
            "label_policy": self.policy.labels.value,
            "rubric": self.rubric,
            "review_pass": stage.value,
            "raters": list(raters),
            "seconds": list(seconds),
            "judged": month,
            "weight": weight,
        }
