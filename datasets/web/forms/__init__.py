"""What people send."""

from .pruning import SelectionForm, ThresholdsForm
from .run import CaseChoiceForm, RunFilterForm, RunForm
from .upload import UploadForm

__all__ = ["CaseChoiceForm", "RunFilterForm", "RunForm", "SelectionForm", "ThresholdsForm", "UploadForm"]
