"""A dataset, and what a version of it is made of."""

from typing import Any

from django import forms

from datasets.models import Benchmark, Selection, SplitGroup
from datasets.selectors.versions import list_selectable, list_sources
from medaction.corpus.recipe import DEFAULT_SPLITS


class DatasetForm(forms.Form):
    name = forms.CharField(max_length=120, error_messages={"required": "Give the dataset a name."})
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 4}), max_length=4000)


class SelectionChoices(forms.ModelMultipleChoiceField):
    def label_from_instance(self, selection: Selection) -> str:
        return f"{selection.run.name}: {selection.name}"


def share(split: SplitGroup.Split) -> forms.FloatField:
    widget = forms.NumberInput(attrs={"step": "any", "min": "0", "max": "100", "inputmode": "decimal"})
    label = f"{split.label}, % of case groups"
    return forms.FloatField(
        label=label, initial=round(100 * DEFAULT_SPLITS[split]), min_value=0, max_value=100, widget=widget
    )


class RecipeForm(forms.Form):
    """How a version is split, and what is kept apart from it. ``recipe``: what was sent, as services read it."""

    train = share(SplitGroup.Split.TRAIN)
    validation = share(SplitGroup.Split.VALIDATION)
    test = share(SplitGroup.Split.TEST)
    seed = forms.IntegerField(initial=0, min_value=0, max_value=2**31 - 1, help_text="Decides which group goes where.")
    benchmark_sources = forms.MultipleChoiceField(
        label="Sources that are benchmarks", required=False, widget=forms.CheckboxSelectMultiple
    )
    benchmarks = forms.MultipleChoiceField(label="Benchmarks", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["benchmark_sources"].choices = [(source, source) for source in list_sources()]
        self.fields["benchmarks"].choices = list(Benchmark.objects.order_by("name").values_list("key", "name"))

    @property
    def recipe(self) -> dict[str, Any]:
        """A split with a share of 0 is not made."""
        value = self.cleaned_data
        splits = {name: value[name] / 100 for name in SplitGroup.Split.values if value[name]}
        named = {name: value[name] for name in ("benchmark_sources", "benchmarks")}
        return {"splits": splits, "seed": value["seed"], **named}

    def list_splitting(self) -> list[forms.BoundField]:
        return [self[name] for name in (*SplitGroup.Split.values, "seed")]


class VersionForm(RecipeForm):
    selections = SelectionChoices(
        queryset=Selection.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one selection."},
    )
    field_order = ("selections",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["selections"].queryset = list_selectable()
