"""How far reviewers agree, from what they said. Pure: no Django, no database; numbers by ``medaction.agreement``.

table         judgements as columns of numbers       asked      what can be compared, and at which level of measurement
reliability   alpha, percent, first-error distance   matching   rater beside rater, gold, or what was adjudicated
drift         over time                              passes     blind, and with the truth
splitting     reducible and genuine disagreements    report     all of it as one JSON document; flat: as rows

A figure that is not defined is None with the reason in words, never 0 or 1. Intervals leave out one case at a time.
"""

from .asked import list_asked
from .flat import COLUMNS, list_rows
from .matching import Standing, match_reference
from .report import METRIC, Known, build_report, step_of
from .table import Judgement, Table, TableReader, read_table

__all__ = [
    "COLUMNS",
    "METRIC",
    "Judgement",
    "Known",
    "Standing",
    "Table",
    "TableReader",
    "build_report",
    "list_asked",
    "list_rows",
    "match_reference",
    "read_table",
    "step_of",
]
