from typing import Any

import yaml
from django import forms
from django.db.models import QuerySet
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from diagnosis.models import Trajectory
from review.models import ReviewItem, RubricVersion
from review.rules import RubricError, load_shipped, read_content


class RubricVersionForm(forms.ModelForm):
    """The questions as YAML, checked as a whole; every fault is said where it is."""

    text = forms.CharField(
        label="Questions (YAML)",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 40, "spellcheck": "false"}),
        help_text="Step labels, errors, harm, confidence, why it is hard, questions. Save, then look at the preview.",
    )

    class Meta:
        model = RubricVersion
        fields = ("rubric", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "text" in self.fields:
            content = self.instance.content if self.instance.pk else load_shipped().model_dump(mode="json")
            self.fields["text"].initial = write_yaml(content)

    def clean_text(self) -> Any:
        try:
            return read_content(yaml.safe_load(self.cleaned_data["text"])).model_dump(mode="json")
        except yaml.YAMLError as error:
            raise forms.ValidationError(f"This is not YAML: {error}") from error
        except RubricError as error:
            raise forms.ValidationError(list(error.sentences)) from error


def write_yaml(content: Any) -> str:
    """As people write it: in the order of the rubric, without what is empty."""
    return yaml.safe_dump(_brief(content), sort_keys=False, allow_unicode=True, width=100)


def _brief(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _brief(each) for name, each in value.items() if each not in ("", [], None)}
    return [_brief(each) for each in value] if isinstance(value, list) else value


class BulkForm(forms.Form):
    """Which branches become items, and how they are served."""

    origin = forms.ChoiceField(choices=Trajectory.Origin.choices, widget=UnfoldAdminSelectWidget)
    words = forms.CharField(
        label="Cases whose id begins with",
        required=False,
        max_length=120,
        widget=UnfoldAdminTextInputWidget,
        help_text="Empty: all cases.",
    )
    most = forms.IntegerField(
        label="At most so many branches", min_value=1, max_value=5000, initial=50, widget=UnfoldAdminIntegerFieldWidget
    )
    source = forms.ChoiceField(choices=ReviewItem.Source.choices, widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(
        max_length=400,
        widget=UnfoldAdminTextInputWidget,
        help_text="Why they are to be judged. Reviewers see it only after their blind judgement.",
    )
    required = forms.IntegerField(
        label="Reviewers for each", min_value=1, max_value=20, initial=2, widget=UnfoldAdminIntegerFieldWidget
    )
    priority = forms.IntegerField(
        min_value=-100, max_value=100, initial=0, widget=UnfoldAdminIntegerFieldWidget, help_text="Higher comes first."
    )
    by_specialty = forms.BooleanField(label="Only for reviewers of the case's specialty", required=False, initial=False)

    def list_trajectories(self) -> QuerySet[Trajectory]:
        """Of the chosen origin and cases, newest first."""
        chosen = Trajectory.objects.filter(
            origin=self.cleaned_data["origin"], case__slug__startswith=self.cleaned_data["words"]
        )
        return chosen.select_related("case").defer("case__payload", "case__search")
