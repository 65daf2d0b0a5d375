"""A benchmark, a run of one, and which of its results are listed."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from datasets.models import BenchmarkResult
from datasets.selectors.benchmarks import FAILED, FORMAT
from datasets.services.contenders import Contender, list_contenders
from medaction.domain.environment import EnvironmentSettings

ACTIVE, STATIC = "active", "static"
WAYS = [
    (ACTIVE, "Active: it must order what it wants to know"),
    (STATIC, "All evidence at once: the upper bound, in one turn"),
]
RULES = EnvironmentSettings()


class BenchmarkForm(forms.Form):
    name = forms.CharField(max_length=120, error_messages={"required": "Give the benchmark a name."})
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=4000)
    horizon = forms.IntegerField(
        label="Turns at most", min_value=1, max_value=50, initial=RULES.horizon, help_text="The last must diagnose."
    )
    menu_visible = forms.BooleanField(label="Show the names of the tests that the case can answer", required=False)

    def list_words(self) -> list[forms.BoundField]:
        return [self[name] for name in ("name", "description", "horizon")]

    @property
    def protocol(self) -> EnvironmentSettings:
        value = self.cleaned_data
        return EnvironmentSettings(horizon=value["horizon"], menu_visible=value["menu_visible"])


class BenchmarkRunForm(forms.Form):
    """``values``: what was sent, as ``bench_settings`` reads it, once it is valid."""

    policy = forms.ChoiceField(label="Who takes the turns", widget=forms.RadioSelect)
    way = forms.ChoiceField(label="How", choices=WAYS, initial=ACTIVE, widget=forms.RadioSelect)
    seed = forms.IntegerField(min_value=0, max_value=2**31 - 1, initial=0, help_text="Decides every draw.")
    samples = forms.IntegerField(
        label="Samples of each case",
        min_value=1,
        max_value=20,
        initial=1,
        help_text="More than one needs a temperature.",
    )
    temperature = forms.FloatField(
        required=False, min_value=0, max_value=2, help_text="Empty: the policy's own single answer."
    )
    regret = forms.BooleanField(
        label="Regret: read each case again with its own evidence, and with all of it, at once", required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._contenders = {one.policy: one for one in list_contenders()}
        self.fields["policy"].choices = [(one.policy, one.label) for one in self._contenders.values()]

    @property
    def contender(self) -> Contender:
        return self._contenders[self.cleaned_data["policy"]]

    @property
    def values(self) -> dict[str, Any]:
        value = self.cleaned_data
        own = {name: value[name] for name in ("seed", "samples", "temperature", "regret")}
        return {**own, "static": value["way"] == STATIC}

    def list_choices(self) -> list[forms.BoundField]:
        return [self["policy"], self["way"]]

    def list_numbers(self) -> list[forms.BoundField]:
        return [self[name] for name in ("samples", "temperature", "seed")]


class ReviewForm(forms.Form):
    """Which results people shall look at, and why. ``shown``: the filter that was looked through, as a query."""

    reason = forms.CharField(max_length=300, error_messages={"required": "Say why they should be reviewed."})
    result = forms.TypedMultipleChoiceField(coerce=int, required=False)
    all = forms.BooleanField(required=False)
    q = forms.CharField(required=False, max_length=200)
    kind = forms.CharField(required=False, max_length=20)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.fields["result"].valid_value = lambda value: str(value).isdecimal() and len(str(value)) < 19

    def clean(self) -> dict[str, Any]:
        if not self.cleaned_data.get("all") and not self.cleaned_data.get("result"):
            raise forms.ValidationError("Tick at least one result, or send all that are shown.")
        return self.cleaned_data

    @property
    def shown(self) -> str:
        return urlencode({name: self.data[name] for name in ("q", "kind") if self.data.get(name)})

    @property
    def problem(self) -> str:
        return " ".join(error for errors in self.errors.values() for error in errors) + " Nothing was sent."


class ResultFilterForm(forms.Form):
    """Which results of a run are listed."""

    q = forms.CharField(label="Case or diagnosis", required=False, max_length=200)
    kind = forms.ChoiceField(
        label="That are",
        required=False,
        choices=[
            ("", "Any"),
            *BenchmarkResult.Outcome.choices,
            (FORMAT, "With an unreadable turn"),
            (FAILED, "Not worked up"),
        ],
    )

    def value(self, name: str) -> str:
        self.is_valid()
        return self.cleaned_data.get(name, "")
