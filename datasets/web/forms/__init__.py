"""What people send."""

from .benchmark import BenchmarkForm, BenchmarkRunForm, ResultFilterForm, ReviewForm
from .pairing import BulkPairForm, EntrantsPairForm, PairForm, RunPairForm
from .pruning import SelectionForm, ThresholdsForm
from .release import SwitchForm
from .reviewed import ReviewedForm
from .run import CaseChoiceForm, RunFilterForm, RunForm
from .upload import UploadForm
from .version import DatasetForm, RecipeForm, VersionForm

__all__ = [
    "BenchmarkForm",
    "BenchmarkRunForm",
    "BulkPairForm",
    "CaseChoiceForm",
    "DatasetForm",
    "EntrantsPairForm",
    "PairForm",
    "RecipeForm",
    "ResultFilterForm",
    "ReviewForm",
    "ReviewedForm",
    "RunFilterForm",
    "RunForm",
    "RunPairForm",
    "SelectionForm",
    "SwitchForm",
    "ThresholdsForm",
    "UploadForm",
    "VersionForm",
]
