"""Thresholds of pruning."""

from django import forms

from medaction.distill.pruning import Thresholds

DEFAULTS = Thresholds()


def share(label: str, initial: float, help_text: str) -> forms.FloatField:
    """A number from 0 to 1."""
    widget = forms.NumberInput(attrs={"step": "0.01", "min": "0", "max": "1", "inputmode": "decimal"})
    return forms.FloatField(label=label, initial=initial, min_value=0, max_value=1, help_text=help_text, widget=widget)


class ThresholdsForm(forms.Form):
    """``thresholds``: what was sent, once it is valid."""

    dtc = share("DTC at least", DEFAULTS.dtc, "Of a retained branch, and of a prefix kept from one that ends wrong.")
    rac = share("RAC at least", DEFAULTS.rac, "The same, for the mean over its turns.")
    turn_rac = share("RAC of each turn at least", DEFAULTS.turn_rac, "A turn with less is the first at fault.")
    grounding = share("Grounding above", DEFAULTS.grounding, "A turn with this or less is the first at fault.")

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds(**{name: self.cleaned_data[name] for name in ("dtc", "rac", "turn_rac", "grounding")})


class SelectionForm(ThresholdsForm):
    name = forms.CharField(max_length=120, error_messages={"required": "Give the selection a name."})
