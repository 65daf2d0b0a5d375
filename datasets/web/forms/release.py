from django import forms


class SwitchForm(forms.Form):
    """Why a model is switched off or on again."""

    reason = forms.CharField(
        label="Reason",
        max_length=300,
        help_text="Everybody who would use this model reads it, and it is kept for good.",
        error_messages={"required": "Say why: everybody who uses this model will read it."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
