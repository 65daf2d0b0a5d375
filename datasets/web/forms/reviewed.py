"""What a version of judgements is made of."""

from typing import Any

from django import forms

from datasets.models import ReviewSnapshot
from datasets.selectors.judged import list_judged_rubrics
from datasets.web.forms.version import RecipeForm
from medaction.corpus.reviewed import LabelPolicy, Pass, Reliability
from medaction.corpus.reviewed.policy import read_policy

POLICIES = (
    (
        LabelPolicy.AUTHORITATIVE,
        "Authoritative: as adjudicated; else a single one, or several that agree in all labels",
    ),
    (LabelPolicy.MAJORITY, "Majority: of each turn the label that most gave; ties are left out"),
    (LabelPolicy.ALL, "All: every judgement by itself"),
    (LabelPolicy.WEIGHTS, "Weights: every judgement by itself, with the weight of its rater"),
)
PASSES = ((Pass.SECOND, "Second pass: the truth was shown"), (Pass.FIRST, "First pass: the future was hidden"))
RELIABILITIES = (
    (Reliability.AGREEMENT, "Agreement with the others on the same turns"),
    (Reliability.GOLD, "Answers to gold items"),
)
NATURE = "Say whose judgements these are: of clinicians who judged as such, or of a trial."


class ReviewedForm(RecipeForm):
    """``judged``: the versions of rubrics by which something was judged."""

    labels = forms.ChoiceField(
        label="Which judgements count", choices=POLICIES, initial=LabelPolicy.AUTHORITATIVE, widget=forms.RadioSelect
    )
    stage = forms.ChoiceField(label="Which pass", choices=PASSES, initial=Pass.SECOND, widget=forms.RadioSelect)
    reliability = forms.ChoiceField(
        label="What weights are made from",
        choices=RELIABILITIES,
        initial=Reliability.AGREEMENT,
        widget=forms.RadioSelect,
    )
    rubric = forms.TypedChoiceField(label="Judged by", required=False, coerce=int, empty_value=None)
    nature = forms.ChoiceField(
        label="Whose judgements",
        choices=ReviewSnapshot.Nature.choices,
        widget=forms.RadioSelect,
        error_messages={"required": NATURE},
    )
    aliases = forms.BooleanField(
        label="Write reviewers’ aliases instead of pseudonyms",
        required=False,
        help_text="An alias is the same in every version and leads to a person here.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.judged = list_judged_rubrics()
        several = [] if len(self.judged) == 1 else [("", "Choose one" if self.judged else "Nothing was judged yet")]
        self.fields["rubric"].choices = [*several, *((each.version.pk, str(each)) for each in self.judged)]

    @property
    def recipe(self) -> dict[str, Any]:
        value = self.cleaned_data
        return {**super().recipe, "review": read_policy(value["labels"], value["stage"], value["reliability"])}

    @property
    def source(self) -> dict[str, Any]:
        """What ``create_reviewed_version`` takes beside the recipe."""
        value = self.cleaned_data
        chosen = next((each.version for each in self.judged if each.version.pk == value["rubric"]), None)
        return {"nature": value["nature"], "rubric_version": chosen, "aliases": value["aliases"]}

    def list_choices(self) -> list[forms.BoundField]:
        return [self[name] for name in ("labels", "stage", "reliability", "nature")]
