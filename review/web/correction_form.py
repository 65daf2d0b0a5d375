"""A corrected turn as it is written: the form in which a person takes a turn of their own, and the reason."""

from collections.abc import Mapping
from typing import Any

from django import forms

from diagnosis.web.turn_form import CELLS, DIAGNOSE, ORDER, TurnForm
from medaction.domain.actions import MAX_HYPOTHESES, FinalDiagnosis, Hypothesis, TestOrder, Turn
from review.rules import COMMENT_LIMIT
from review.rules.labels import clean_text

REASON = "reason"
NAMES = (
    "act",
    "reasoning",
    "orders",
    "diagnosis",
    *(f"{cell}_{rank}" for rank in range(1, MAX_HYPOTHESES + 1) for cell in CELLS),
)


class FinePercentField(forms.FloatField):
    """Also 33.5: what a model said is not rounded because a person looked at it."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> float | None:
        return super().to_python(str(value).strip().removesuffix("%").strip() if value is not None else value)


class CorrectionForm(TurnForm):
    """After ``is_valid``, ``turn`` is what was written."""

    percent_field = FinePercentField
    idempotency_key = None
    parent_seq = None
    reasoning = forms.CharField(
        required=False, max_length=COMMENT_LIMIT, widget=forms.Textarea(attrs={"rows": 5, "data-first": ""})
    )
    reason = forms.CharField(required=False, max_length=COMMENT_LIMIT, widget=forms.Textarea(attrs={"rows": 3}))

    @property
    def chosen_act(self) -> str:
        return self["act"].value() or ORDER


def read_written(post: Mapping[str, str]) -> dict[str, str]:
    """The fields of the turn as they were sent, without what cannot be stored or shown."""
    return {name: clean_text(post.get(name, "")) for name in NAMES}


def write_turn(turn: Turn, numbers: Mapping[str, int]) -> dict[str, str]:
    """A turn as fields of the form; evidence by the numbers of the pieces that were shown."""
    action = turn.action
    fields = dict.fromkeys(NAMES, "") | {
        "act": DIAGNOSE if isinstance(action, FinalDiagnosis) else ORDER,
        "reasoning": turn.reasoning,
        "orders": "\n".join(action.tests) if isinstance(action, TestOrder) else "",
        "diagnosis": action.dx if isinstance(action, FinalDiagnosis) else "",
    }
    for rank, hypothesis in enumerate(turn.differential[:MAX_HYPOTHESES], 1):
        fields[f"name_{rank}"] = hypothesis.dx
        fields[f"percent_{rank}"] = "" if hypothesis.p is None else f"{hypothesis.p * 100:.4g}"
        for side, cited in (("supporting", hypothesis.supporting), ("contradicting", hypothesis.contradicting)):
            fields[f"{side}_{rank}"] = " ".join(str(numbers[each]) for each in cited if each in numbers)
    return fields


def read_loosely(written: Mapping[str, str], numbers: Mapping[str, int]) -> Turn:
    """What is written, as far as it makes a turn already; to be compared, never to be run."""
    pieces = {str(number): piece for piece, number in numbers.items()}
    rows = [_read_row(written, rank, pieces) for rank in range(1, MAX_HYPOTHESES + 1)]
    orders = tuple(line.strip() for line in written.get("orders", "").splitlines() if line.strip())
    dx = written.get("diagnosis", "").strip()
    action = FinalDiagnosis(dx) if written.get("act") == DIAGNOSE and dx else TestOrder(orders) if orders else None
    if written.get("act") == DIAGNOSE and not dx:
        action = None
    return Turn(written.get("reasoning", "").strip(), tuple(row for row in rows if row is not None), action)


def _read_row(written: Mapping[str, str], rank: int, pieces: Mapping[str, str]) -> Hypothesis | None:
    name = written.get(f"name_{rank}", "").strip()
    if not name:
        return None
    try:
        p = round(float(written.get(f"percent_{rank}", "").strip().removesuffix("%")) / 100, 4)
    except ValueError:
        p = None
    sides = (
        tuple(pieces[word] for word in written.get(f"{side}_{rank}", "").replace(",", " ").split() if word in pieces)
        for side in ("supporting", "contradicting")
    )
    return Hypothesis(name, p, *sides)
