"""What the linter says of a case."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """ERROR: not fit as an exercise or for scoring. WARNING: a person should look."""

    ERROR = "error"
    WARNING = "warning"


class Code(StrEnum):
    DIAGNOSIS_IN_O1 = "DIAGNOSIS_IN_O1"
    DIAGNOSIS_IN_RESULT = "DIAGNOSIS_IN_RESULT"
    FEW_ITEMS = "FEW_ITEMS"
    UNRESOLVED_DIAGNOSIS = "UNRESOLVED_DIAGNOSIS"
    NO_REACHABLE_FINDING = "NO_REACHABLE_FINDING"
    BENCHMARK_GROUP = "BENCHMARK_GROUP"


BADGES = {
    Code.DIAGNOSIS_IN_O1: "Diagnosis in the opening text",
    Code.DIAGNOSIS_IN_RESULT: "Diagnosis in a result",
    Code.FEW_ITEMS: "Too little to find out",
    Code.UNRESOLVED_DIAGNOSIS: "Diagnosis not in the graph",
    Code.NO_REACHABLE_FINDING: "No finding the graph can judge",
    Code.BENCHMARK_GROUP: "Also in a benchmark",
}


@dataclass(frozen=True, slots=True)
class LintIssue:
    """``where`` is a field path such as ``menu[2].result``; ``message`` a sentence that a clinician can read."""

    code: Code
    severity: Severity
    message: str
    where: str

    @property
    def badge(self) -> str:
        return BADGES[self.code]

    def to_dict(self) -> dict[str, str]:
        return {
            "code": self.code.value,
            "severity": self.severity.value,
            "badge": self.badge,
            "message": self.message,
            "where": self.where,
        }


def is_sound(issues: Iterable[LintIssue]) -> bool:
    """Whether there is no error among them."""
    return all(issue.severity is not Severity.ERROR for issue in issues)
