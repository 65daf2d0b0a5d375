"""A person's own turn as they write it: a ranked differential, one line of reasoning, and orders or a diagnosis."""

from collections.abc import Mapping
from typing import Any

from django import forms

from diagnosis.selectors.shapes import Walkthrough
from diagnosis.web.forms import KeyForm
from medaction.domain.actions import MAX_HYPOTHESES, MAX_TESTS, Action, FinalDiagnosis, Hypothesis, TestOrder, Turn
from medaction.domain.actions import NO_DIFFERENTIAL as UNRANKED
from medaction.domain.orders import split_orders
from medaction.domain.vocabulary import normalise

ORDER, DIAGNOSE = "order", "diagnose"
CELLS = ("name", "percent", "supporting", "contradicting")
NAME_LENGTH = 160


class PercentField(forms.IntegerField):
    """A whole percentage; a percent sign behind it is forgiven."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> int | None:
        return super().to_python(str(value).strip().removesuffix("%").strip() if value is not None else value)


class TurnForm(KeyForm):
    """``numbers`` gives the citation number of each piece of the case that has been shown.

    After ``is_valid``, ``turn`` is what the person did.
    """

    percent_field: type[forms.Field] = PercentField
    parent_seq = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    act = forms.ChoiceField(choices=[(ORDER, ORDER), (DIAGNOSE, DIAGNOSE)], required=False)
    reasoning = forms.CharField(required=False, max_length=1000)
    orders = forms.CharField(
        required=False, max_length=1200, widget=forms.Textarea(attrs={"rows": 3, "data-orders": ""})
    )
    diagnosis = forms.CharField(required=False, max_length=NAME_LENGTH)

    def __init__(self, data: Mapping[str, Any] | None = None, *, numbers: Mapping[str, int], **options: Any) -> None:
        super().__init__(data, **options)
        self._piece_of = {number: piece for piece, number in numbers.items()}
        for rank in range(1, MAX_HYPOTHESES + 1):
            self.fields[f"name_{rank}"] = forms.CharField(required=False, max_length=NAME_LENGTH)
            self.fields[f"percent_{rank}"] = self.percent_field(required=False, min_value=0, max_value=100)
            for side in ("supporting", "contradicting"):
                self.fields[f"{side}_{rank}"] = forms.CharField(required=False, max_length=60)
            for cell in CELLS[1:]:
                self.fields[f"{cell}_{rank}"].widget.attrs["inputmode"] = "numeric"
        for name, field in self.fields.items():
            field.widget.attrs["autocomplete"] = "off"
            if name in self.errors:
                field.widget.attrs["aria-invalid"] = "true"

    @classmethod
    def blank(
        cls, walkthrough: Walkthrough, numbers: Mapping[str, int], draft: Mapping[str, Any] | None = None
    ) -> "TurnForm":
        """The form of the next turn: the differential as it stands, or ``draft``, what was written and not taken."""
        initial: dict[str, Any] = dict(draft or _differential(walkthrough, numbers))
        initial = {name: value for name, value in initial.items() if name not in ("idempotency_key", "act")}
        return cls(numbers=numbers, initial={**initial, "parent_seq": walkthrough.session.leaf_seq})

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The five lines of the differential, best first."""
        return [
            {"rank": rank, **{cell: self[f"{cell}_{rank}"] for cell in CELLS}} for rank in range(1, MAX_HYPOTHESES + 1)
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        differential = self._read_differential(cleaned)
        action = self._read_action(cleaned)
        if action is not None and not self.errors:
            problems = () if differential else (UNRANKED,)
            self.turn = Turn(cleaned["reasoning"], differential, action, problems)
        return cleaned

    def _read_action(self, cleaned: Mapping[str, Any]) -> Action | None:
        if cleaned.get("act") == DIAGNOSE:
            if cleaned.get("diagnosis"):
                return FinalDiagnosis(cleaned["diagnosis"])
            self.add_error("diagnosis", "Write the diagnosis that you commit to.")
            return None
        lines = [line.strip() for line in cleaned.get("orders", "").splitlines() if line.strip()]
        single = [order for line in lines for order in split_orders(line)]
        if not single and "orders" not in self.errors:
            hint = " To end the case with your diagnosis, press Commit." if cleaned.get("diagnosis") else ""
            self.add_error("orders", f"Name at least one test.{hint}")
        elif len(single) > MAX_TESTS:
            self.add_error(
                "orders", f"A turn carries out {MAX_TESTS} tests; these are {len(single)}. Take some out for now."
            )
        else:
            return TestOrder(tuple(lines))
        return None

    def _read_differential(self, cleaned: Mapping[str, Any]) -> tuple[Hypothesis, ...]:
        rows: list[Hypothesis] = []
        taken: set[str] = set()
        for rank in range(1, MAX_HYPOTHESES + 1):
            name, percent, *cited = (cleaned.get(f"{cell}_{rank}") for cell in CELLS)
            if not name:
                if percent is not None or any(cited):
                    self.add_error(f"name_{rank}", f"Line {rank} has a figure but no diagnosis.")
                continue
            if normalise(name) in taken:
                self.add_error(f"name_{rank}", f"{name} is listed twice.")
            taken.add(normalise(name))
            sides = [self._read_numbers(f"{side}_{rank}", cleaned) for side in ("supporting", "contradicting")]
            rows.append(Hypothesis(name, None if percent is None else round(percent / 100, 4), *sides))
        total = round(sum(row.p or 0 for row in rows) * 100)
        if total > 100:
            self.add_error("percent_1", f"The probabilities add up to {total} %. Together they can be at most 100 %.")
        return tuple(rows)

    def _read_numbers(self, name: str, cleaned: Mapping[str, Any]) -> tuple[str, ...]:
        pieces: dict[str, None] = {}
        for word in (cleaned.get(name) or "").replace(",", " ").split():
            piece = self._piece_of.get(int(word)) if word.isascii() and word.isdigit() and len(word) < 6 else None
            if piece is None:
                self.add_error(name, f"“{word}” is not the number of anything that the case has shown.")
            else:
                pieces[piece] = None
        return tuple(pieces)


def _differential(walkthrough: Walkthrough, numbers: Mapping[str, int]) -> dict[str, Any]:
    """The board's differential as values of the form."""
    values: dict[str, Any] = {}
    for row in walkthrough.board.differential:
        values[f"name_{row.rank}"] = row.dx
        values[f"percent_{row.rank}"] = row.percent
        for side, cited in (("supporting", row.supporting), ("contradicting", row.contradicting)):
            values[f"{side}_{row.rank}"] = " ".join(str(numbers[each.id]) for each in cited if each.id in numbers)
    return values
