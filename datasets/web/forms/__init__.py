"""What people send."""

from .pruning import SelectionForm, ThresholdsForm
from .release import SwitchForm
from .run import CaseChoiceForm, RunFilterForm, RunForm
from .upload import UploadForm
from .version import DatasetForm, VersionForm

__all__ = [
    "CaseChoiceForm",
    "DatasetForm",
    "RunFilterForm",
    "RunForm",
    "SelectionForm",
    "SwitchForm",
    "ThresholdsForm",
    "UploadForm",
    "VersionForm",
]
