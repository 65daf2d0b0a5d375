"""What people send. Every form that starts work carries a key, so that sending it twice does the work once."""

from uuid import uuid4

from django import forms
from django.http import HttpRequest

from diagnosis.selectors.cases import list_case_facets

ANY = ("", "Any")
ORIGINS = [ANY, ("synthetic", "Synthetic teaching cases"), ("published", "Published cases")]


class CaseFilterForm(forms.Form):
    q = forms.CharField(
        label="Search presentations",
        required=False,
        max_length=200,
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "data-search": "",
                "placeholder": "weakness, fever, child …",
                "autocomplete": "off",
            }
        ),
    )
    specialty = forms.ChoiceField(required=False)
    difficulty = forms.ChoiceField(required=False)
    origin = forms.ChoiceField(label="Kind", required=False, choices=ORIGINS)
    source = forms.ChoiceField(required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, values in list_case_facets().items():
            self.fields[name].choices = [ANY, *((value, value[:1].upper() + value[1:]) for value in values)]

    def value(self, name: str) -> str:
        """The valid value of a field; empty for a missing or an impossible one."""
        self.is_valid()
        return self.cleaned_data.get(name, "")

    @property
    def is_narrowed(self) -> bool:
        return any(self.value(name) for name in self.fields)


class KeyForm(forms.Form):
    idempotency_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class WatchForm(KeyForm):
    model_key = forms.CharField(max_length=120, error_messages={"required": "Choose the model that works the case up."})


def shown_from(request: HttpRequest, *, default: int) -> int:
    """``?from=``: the first turn that the asking page does not show as settled. Nonsense counts as absent."""
    value = request.GET.get("from", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else default
