"""From the parts of a turn to its meaning."""

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from medaction.domain import actions
from medaction.domain.actions import (
    MAX_HYPOTHESES,
    MAX_TESTS,
    Action,
    FinalDiagnosis,
    Hypothesis,
    TestOrder,
    Turn,
    normalise_probabilities,
)

MAX_CITATIONS = 12
_NUMBER = re.compile(r"\d+(?:\.\d*)?|\.\d+")
_CITED_ID = re.compile(r"\b(?:o1|r\d+)\.\d+\b")
_TYPES = {
    "order": "order orders test tests order_test order_tests request request_test request_tests investigate",
    "diagnose": "diagnose diagnosis final final_diagnosis commit answer",
}
_TYPE_NAMES = {spelling: name for name, spellings in _TYPES.items() for spelling in spellings.split()}


def read_turn(
    parts: Mapping[str, str], complete: AbstractSet[str], noticed: Mapping[str, None], *, must_diagnose: bool
) -> Turn:
    """The turn that these parts say. Only parts in ``complete`` count, except for the reasoning."""
    problems = dict(noticed)
    whole = {path: text.strip() for path, text in parts.items() if path in complete}
    differential = normalise_probabilities(tuple(_hypotheses(whole, problems)))
    action = _action(whole)
    if actions.NOT_JSON not in problems:
        if not differential:
            problems[actions.NO_DIFFERENTIAL] = None
        if action is None:
            problems[actions.NO_ACTION] = None
        elif must_diagnose and not isinstance(action, FinalDiagnosis):
            problems[actions.DIAGNOSIS_REQUIRED] = None
    return Turn(parts.get("reasoning", "").strip(), differential, action, tuple(problems))


def _hypotheses(whole: Mapping[str, str], problems: dict[str, None]) -> Iterator[Hypothesis]:
    for index in range(MAX_HYPOTHESES):
        base = f"differential.{index}"
        if dx := whole.get(f"{base}.dx", ""):
            written = whole.get(f"{base}.p", "")
            p = read_probability(written)
            if written and p is None:
                problems[actions.BAD_PROBABILITY] = None
            yield Hypothesis(dx, p, _citations(whole, f"{base}.for"), _citations(whole, f"{base}.against"))


def read_probability(written: str) -> float | None:
    """A probability from 0 to 1 out of ``0.55``, ``55 %``, ``55`` or ``about 0.5``; None when there is none."""
    found = _NUMBER.search(written)
    if not found or "-" in written[: found.start()]:
        return None
    value = float(found.group())
    if "%" in written or value > 1:
        value /= 100
    return value if value <= 1 else None


def _citations(whole: Mapping[str, str], base: str) -> tuple[str, ...]:
    """Observation ids, found even inside a sentence; a citation without an id is kept as written."""
    cited: dict[str, None] = {}
    for index in range(MAX_CITATIONS):
        if written := whole.get(f"{base}.{index}", ""):
            cited.update(dict.fromkeys(_CITED_ID.findall(written) or [written]))
    return tuple(cited)


def _action(whole: Mapping[str, str]) -> Action | None:
    tests = tuple(test for index in range(MAX_TESTS) if (test := whole.get(f"action.tests.{index}", "")))
    dx = whole.get("action.dx", "")
    kind = _TYPE_NAMES.get(whole.get("action.type", "").lower().replace(" ", "_"))
    if kind is None and bool(tests) != bool(dx):
        kind = "order" if tests else "diagnose"
    if kind == "order" and tests:
        return TestOrder(tests)
    if kind == "diagnose" and dx:
        return FinalDiagnosis(dx)
    return None
