"""A file of cases."""

from django import forms

from medaction.formats.readers import FORMATS

FORMAT_LABELS = {
    "auto": "Tell it from the content",
    "own_jsonl": "Our own, one case a line",
    "agentclinic": "AgentClinic",
    "medrbench": "MedR-Bench",
    "phenopackets": "GA4GH phenopackets",
    "table": "Table (CSV or TSV)",
    "teaching": "Teaching case (YAML)",
}


class UploadForm(forms.Form):
    file = forms.FileField(
        label="File",
        help_text="JSON lines, JSON, CSV, TSV or YAML, gzipped or in a zip archive. At first it is only checked.",
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )
    format = forms.ChoiceField(choices=[(name, FORMAT_LABELS.get(name, name)) for name in FORMATS], initial="auto")
    licence = forms.CharField(
        max_length=120,
        required=False,
        help_text="For cases that name none themselves, for example CC BY 4.0. A case without a licence is refused.",
    )
