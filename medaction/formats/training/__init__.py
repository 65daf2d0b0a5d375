"""Trees and their verdicts as rows to train on.

material   what every format is written from: the messages of a branch, and how far they are fit to be learned
sft, prompt_completion, preference, kto, stepwise, sharegpt, tree   one format each
catalogue  the formats by name

Rows of TRL's formats keep its column names; beside them stand the columns of ``material.provenance``. Every row is
checked before it is written (``check``); TRL's own formatters and ``datasets`` load them in the tests.
"""

from .catalogue import FORMATS, RowFormat
from .material import STEPS, BranchMaterial, Preference, TaughtTurn, TreeMaterial
from .shapes import RowFaultError

__all__ = [
    "FORMATS",
    "STEPS",
    "BranchMaterial",
    "Preference",
    "RowFaultError",
    "RowFormat",
    "TaughtTurn",
    "TreeMaterial",
]
