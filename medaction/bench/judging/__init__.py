"""A language model as judge, for the pairs of names that concept match cannot decide, and how far to trust it.

ruling     Ruling, and what a judge's text must be to count as one
asking     the question, word for word; its schema and hash; LanguageJudge
book       rulings kept in a file, so that nothing is asked twice
judged     which records are asked about, and the figures with the judge's rulings beside those without
rows       pairs out of a run, a report or a table
agreement  the judge beside concept match and beside people: kappa, percent, table

Concept match comes first and is never overruled. A ruling never changes a record: ``top1`` stays what the graph says,
``judged.top1`` stands beside it.
"""

from .agreement import compare_judges, report_agreement
from .asking import LanguageJudge, Pair, judge_hash, open_judge
from .book import RulingBook, ask_all
from .judged import list_undecided, summarise_judged
from .rows import RowsError, read_pairs
from .ruling import Ruling, read_ruling

__all__ = [
    "LanguageJudge",
    "Pair",
    "RowsError",
    "Ruling",
    "RulingBook",
    "ask_all",
    "compare_judges",
    "judge_hash",
    "list_undecided",
    "open_judge",
    "read_pairs",
    "read_ruling",
    "report_agreement",
    "summarise_judged",
]
