"""Starting a run."""

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet

from datasets.web.forms.pruning import ThresholdsForm
from diagnosis.models import Case
from diagnosis.selectors.cases import list_case_facets, list_cases
from medaction.distill.policies.catalogue import GRAPH_DROPOUT
from medaction.distill.policies.teachers import CHAT
from medaction.distill.shape import GrowthConfig, TreeShape
from medaction.domain.environment import EnvironmentSettings

ANY = ("", "Any")
SHAPE = TreeShape()
POLICIES = [
    ("kg", "Knowledge graph (kg): posterior over the graph, next test by information per cost"),
    ("kg-dropout", f"Knowledge graph without {GRAPH_DROPOUT:.0%} of its statements (kg-dropout)"),
    ("anchored", "Anchored: holds on to its first idea; reads no graph"),
    ("random", "Random tests and diagnoses; reads no evidence"),
    (
        "kg:0.6,kg-dropout:0.2,anchored:0.1,random:0.1",
        "Mixture: 60 % kg, 20 % kg-dropout, 10 % anchored, 10 % random",
    ),
]


class CaseChoiceForm(forms.Form):
    """Which cases: those of a filter, in the order of their ids, up to a number."""

    q = forms.CharField(label="Words", required=False, max_length=200)
    specialty = forms.ChoiceField(required=False)
    source = forms.ChoiceField(required=False)
    limit = forms.IntegerField(
        label="At most", required=False, min_value=1, max_value=50_000, help_text="Empty: all that match."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        facets = list_case_facets()
        for name in ("specialty", "source"):
            self.fields[name].choices = [ANY, *((value, value[:1].upper() + value[1:]) for value in facets[name])]

    def list_cases(self) -> QuerySet[Case]:
        """What the filter matches; all cases when it is not valid."""
        self.is_valid()
        values = {name: self.cleaned_data.get(name) or "" for name in ("specialty", "source")}
        cases = list_cases(query=self.cleaned_data.get("q") or "", **values).order_by("slug")
        return cases[: self.cleaned_data.get("limit") or None]


class RunForm(ThresholdsForm):
    """Everything else that decides a run."""

    name = forms.CharField(max_length=120, error_messages={"required": "Give the run a name."})
    policy = forms.ChoiceField(help_text="Who takes the turns.")
    seed = forms.IntegerField(min_value=0, max_value=2**31 - 1, initial=0, help_text="Decides every draw.")
    root = forms.IntegerField(label="Replies at the root", min_value=1, max_value=16, initial=SHAPE.root)
    below = forms.IntegerField(label="Replies below", min_value=1, max_value=8, initial=SHAPE.below)
    leaves = forms.IntegerField(label="Branches at most", min_value=1, max_value=128, initial=SHAPE.leaves)
    temperature = forms.FloatField(min_value=0, max_value=2, initial=SHAPE.temperature)
    horizon = forms.IntegerField(label="Turns at most", min_value=1, max_value=20, initial=5)
    nodes = forms.IntegerField(label="Nodes at most", min_value=3, max_value=5000, initial=SHAPE.nodes)
    tokens = forms.IntegerField(
        label="Generated tokens at most", required=False, min_value=1, help_text="Empty: no limit."
    )

    shape_fields = ("root", "below", "leaves", "temperature", "horizon", "nodes", "tokens")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = list(POLICIES)
        if settings.MODEL_URL:
            offered.append((CHAT, f"Language model: {settings.MODEL_LABEL or settings.MODEL_NAME}"))
        offered += [(f"scripted:{name}", f"Script: {name}") for name in settings.SCRIPTED_MODELS]
        self.fields["policy"].choices = offered

    @property
    def config(self) -> GrowthConfig:
        value = self.cleaned_data
        shape = TreeShape(
            value["root"], value["below"], value["leaves"], value["temperature"], value["nodes"], value["tokens"]
        )
        return GrowthConfig(shape, EnvironmentSettings(horizon=value["horizon"], menu_visible=False))

    def list_main(self) -> list[forms.BoundField]:
        return [self[name] for name in ("name", "policy", "seed")]

    def list_shape(self) -> list[forms.BoundField]:
        return [self[name] for name in self.shape_fields]

    def list_thresholds(self) -> list[forms.BoundField]:
        return [self[name] for name in ThresholdsForm.base_fields]


class RunFilterForm(forms.Form):
    """Which cases of a run are listed."""

    q = forms.CharField(label="Case", required=False, max_length=200)
    kind = forms.ChoiceField(
        label="With a branch that is",
        required=False,
        choices=[
            ANY,
            ("RETAINED", "Retained"),
            ("TRUNCATED", "Truncated"),
            ("REJECTED", "Rejected"),
            ("NOT_ASSESSABLE", "Not assessable"),
            ("FAILED", "Failed to grow"),
        ],
    )

    def value(self, name: str) -> str:
        self.is_valid()
        return self.cleaned_data.get(name, "")
