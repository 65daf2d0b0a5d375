from typing import Any

from django import forms

MOST = 200
REASON = "Say why they should be compared."


class PairForm(forms.Form):
    """How pairs are served, and why they are compared."""

    reason = forms.CharField(
        label="Why they are compared",
        max_length=300,
        error_messages={"required": REASON},
        help_text="Reviewers read it after they have answered and asked for the truth.",
        widget=forms.TextInput(attrs={"class": "input"}),
    )
    required = forms.IntegerField(
        label="Reviewers for each", min_value=1, max_value=20, initial=2, widget=forms.NumberInput({"class": "input"})
    )
    priority = forms.IntegerField(
        min_value=-100,
        max_value=100,
        initial=0,
        help_text="Higher comes first.",
        widget=forms.NumberInput({"class": "input"}),
    )

    @property
    def values(self) -> dict[str, Any]:
        """As ``add_pair`` takes them."""
        return {name: self.cleaned_data[name] for name in ("reason", "required", "priority")}

    @property
    def problem(self) -> str:
        told = [f"{self.fields[name].label or name.capitalize()}: {error}" for name, error in self._each() if name]
        return " ".join([*told, "No pair was added."])

    def _each(self) -> list[tuple[str, str]]:
        return [(name, error) for name, errors in self.errors.items() for error in errors]


class BulkPairForm(PairForm):
    most = forms.IntegerField(
        label="At most so many pairs",
        min_value=1,
        max_value=MOST,
        initial=50,
        widget=forms.NumberInput({"class": "input"}),
    )


class RunPairForm(BulkPairForm):
    """``differing``: only siblings of which one has a retained branch and the other none."""

    differing = forms.BooleanField(
        label="Only where one way was retained and the other was not",
        required=False,
        help_text="By the verdicts that went along with growing.",
    )


class EntrantsPairForm(BulkPairForm):
    """``run``: the two that are compared."""

    run = forms.TypedMultipleChoiceField(coerce=str, widget=forms.MultipleHiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["run"].valid_value = lambda value: len(str(value)) < 40

    def clean_run(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["run"]
        if len(set(chosen)) != 2:
            raise forms.ValidationError("Choose two runs.")
        return chosen
