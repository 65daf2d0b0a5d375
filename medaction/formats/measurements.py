"""Laboratory values of a phenopacket, word for word, and the findings that they mean."""

from collections.abc import Iterator
from typing import Any

from medaction.domain.case import Category, Finding, MenuItem
from medaction.domain.fields import Fields
from medaction.formats.durations import read_time
from medaction.formats.loinc2hpo import LabTerms, Outcome
from medaction.formats.osce_menu import slug

_WORDS = {
    "positive": Outcome.POSITIVE,
    "present": Outcome.POSITIVE,
    "negative": Outcome.NEGATIVE,
    "absent": Outcome.NEGATIVE,
    "high": Outcome.HIGH,
    "elevated": Outcome.HIGH,
    "low": Outcome.LOW,
    "decreased": Outcome.LOW,
    "normal": Outcome.NORMAL,
}


def read_measurements(fields: Fields, labs: LabTerms | None) -> Iterator[MenuItem]:
    """One item an assay, with the findings that ``labs`` give it. A packet may hold none."""
    by_name: dict[str, list[str]] = {}
    meant: dict[str, dict[Finding, None]] = {}
    for index, value in enumerate(fields.items("measurements", required=False)):
        inner = Fields(value, f"measurements[{index}]", fields.errors)
        assay = Fields(inner.raw("assay"), inner.path("assay"), fields.errors)
        name = assay.text("label", default="") or assay.text("id")
        _, when = read_time(inner.raw("timeObserved"), inner, "timeObserved")
        if text := _value_text(inner.raw("value")):
            by_name.setdefault(name, []).append(f"{text} (at {when})" if when else text)
            outcome = _outcome(inner.raw("value"))
            if labs is not None and outcome and (finding := labs.find(assay.text("id", default=""), outcome)):
                meant.setdefault(name, {})[finding] = None
    for name, texts in by_name.items():
        findings = tuple(meant.get(name, ()))
        yield MenuItem(
            f"measured_{slug(name)}", name, category=Category.LAB, result="; ".join(texts), findings=findings
        )


def _outcome(value: Any) -> Outcome | None:
    """Below, within or above the packet's own reference range; a word for a result without a number."""
    if not isinstance(value, dict):
        return None
    quantity, term = value.get("quantity"), value.get("ontologyClass")
    if isinstance(quantity, dict):
        limits = quantity.get("referenceRange")
        if not isinstance(limits, dict):
            return None
        figures = [quantity.get("value"), limits.get("low"), limits.get("high")]
        numbers = [float(figure) for figure in figures if isinstance(figure, (int, float))]
        if len(numbers) < len(figures):
            return None
        return Outcome.LOW if numbers[0] < numbers[1] else Outcome.HIGH if numbers[0] > numbers[2] else Outcome.NORMAL
    return _WORDS.get(str(term.get("label")).lower()) if isinstance(term, dict) else None


def _value_text(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    quantity, term = value.get("quantity"), value.get("ontologyClass")
    if isinstance(quantity, dict) and isinstance(quantity.get("value"), (int, float)):
        unit = quantity.get("unit")
        label = unit.get("label") or unit.get("id") if isinstance(unit, dict) else ""
        return f"{quantity['value']:g} {label or ''}".strip()
    return str(term.get("label") or "") if isinstance(term, dict) else ""
