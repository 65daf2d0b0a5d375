"""loinc2hpo (The Jackson Laboratory): a laboratory result, as LOINC code and outcome, to the HPO term that it means.

The table is an optional input that the project does not contain: it carries the LOINC notice, which goes with its
copies. An ``N`` or ``NEG`` outcome names the abnormal term that is *absent*.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from medaction.domain.case import Finding, Polarity
from medaction.formats.lines import read_lines
from medaction.formats.rows import RowError

_COLUMNS = ("loincId", "outcome", "hpoTermId")
_MOST_ERRORS = 100


class Outcome(StrEnum):
    """As the table writes them: low, normal, high, negative, positive."""

    LOW = "L"
    NORMAL = "N"
    HIGH = "H"
    NEGATIVE = "NEG"
    POSITIVE = "POS"


@dataclass(frozen=True, slots=True)
class LabTerms:
    """HPO id by (LOINC code, outcome). ``errors`` are the rows that were left out, the first hundred of them."""

    terms: Mapping[tuple[str, Outcome], str]
    errors: tuple[RowError, ...] = ()

    def find(self, loinc: str, outcome: Outcome) -> Finding | None:
        """The finding of a result, or None when the table does not say. ``loinc`` may carry its ``LOINC:`` prefix."""
        term = self.terms.get((loinc.removeprefix("LOINC:"), outcome))
        if term is None:
            return None
        absent = outcome in (Outcome.NORMAL, Outcome.NEGATIVE)
        return Finding(term, Polarity.ABSENT if absent else Polarity.PRESENT)


def read_lab_terms(path: str | Path) -> LabTerms:
    """The table of a ``loinc2hpo-annotations.tsv``. What is wrong with the file or a row is an error, never raised."""
    terms: dict[tuple[str, Outcome], str] = {}
    errors: list[RowError] = []
    header: list[str] = []
    for line in read_lines(Path(path)):
        cells = line.text.split("\t")
        problem, field = line.problem, ""
        if not problem and not header:
            header = cells
            missing = [name for name in _COLUMNS if name not in header]
            if missing:
                return LabTerms({}, (RowError(line.number, missing[0], "is missing from the header"),))
            continue
        if not problem:
            field, problem = _keep(dict(zip(header, cells, strict=False)), terms)
        if problem and len(errors) < _MOST_ERRORS:
            errors.append(RowError(line.number, field, problem))
    if not header and not errors:
        errors.append(RowError(1, "", "the file is empty"))
    return LabTerms(terms, tuple(errors))


def _keep(row: Mapping[str, str], terms: dict[tuple[str, Outcome], str]) -> tuple[str, str]:
    """Keep a row, or say which field is wrong and why. An outcome that is a SNOMED code is left out in silence."""
    code, outcome, term = (row.get(name, "").strip() for name in _COLUMNS)
    if not code:
        return "loincId", "is blank"
    if ":" in outcome:
        return "", ""
    if outcome not in set(Outcome):
        return "outcome", f"must be one of {', '.join(Outcome)}; it is {outcome[:20]!r}"
    if not term.startswith("HP:"):
        return "hpoTermId", f"must be an HPO id; it is {term[:20]!r}"
    if terms.setdefault((code, Outcome(outcome)), term) != term:
        return "hpoTermId", f"differs from an earlier row for {code} {outcome}"
    return "", ""
