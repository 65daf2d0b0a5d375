"""Scores of a run's trees, in this process or in several; always in the order of the trees."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path

import orjson

from medaction.domain.case import Case
from medaction.knowledge import KnowledgeGraph, open_graph
from medaction.metrics import BranchScorer

from .judging import score_tree_record
from .pool import map_in_processes
from .record import TreeRecord
from .runs import Run

Work = tuple[TreeRecord, Case]


@dataclass(frozen=True, slots=True)
class Scored:
    """``line``: the scores of one tree as JSON."""

    line: bytes
    case: str
    branches: int


def score_trees(
    run: Run, done: Iterable[str], graph: KnowledgeGraph, *, processes: int = 1, cache: Path | None = None
) -> Generator[Scored]:
    """The trees of cases that are not ``done``. Raises ``TreeError``, and :class:`.pool.PoolError`."""
    cases, skipped = run.cases(), set(done)
    work = ((record, cases[record.case]) for record in run.trees() if record.case not in skipped)
    if processes > 1:
        yield from map_in_processes(_score_here, work, processes, start=_begin, args=(cache,))
        return
    scorer = BranchScorer(graph)
    for one in work:
        yield _score(one, scorer)


def _score(work: Work, scorer: BranchScorer) -> Scored:
    record, case = work
    scores = score_tree_record(record, case, scorer)
    return Scored(orjson.dumps(scores.to_dict()), record.case, len(scores.branches))


_scorers: list[BranchScorer] = []
"""The one of this process."""


def _begin(cache: Path | None) -> None:
    _scorers[:] = [BranchScorer(open_graph(cache))]


def _score_here(work: Work) -> Scored:
    return _score(work, _scorers[0])
