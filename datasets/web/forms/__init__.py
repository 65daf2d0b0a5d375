"""What people send."""

from .benchmark import BenchmarkForm, BenchmarkRunForm, ResultFilterForm, ReviewForm
from .pruning import SelectionForm, ThresholdsForm
from .release import SwitchForm
from .run import CaseChoiceForm, RunFilterForm, RunForm
from .upload import UploadForm
from .version import DatasetForm, VersionForm

__all__ = [
    "BenchmarkForm",
    "BenchmarkRunForm",
    "CaseChoiceForm",
    "DatasetForm",
    "ResultFilterForm",
    "ReviewForm",
    "RunFilterForm",
    "RunForm",
    "SelectionForm",
    "SwitchForm",
    "ThresholdsForm",
    "UploadForm",
    "VersionForm",
]
