"""Pairs of names out of files, for an agreement report: a run's directory, a report, or a table of one's own."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from medaction.bench.runs import RECORDS
from medaction.distill.lines import read_json_lines
from medaction.domain.case import Diagnosis
from medaction.knowledge import KnowledgeGraph
from medaction.metrics.judge import Verdict, is_decided, judge

from .asking import Pair
from .ruling import ALLOWED, Ruling


class RowsError(ValueError):
    """A file that holds no pairs. The message says which columns are needed."""


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """A pair with what concept match says of it, None where it cannot decide, and a person, if one was asked."""

    pair: Pair
    concept: Verdict | None
    human: Ruling | None = None


def read_pairs(path: Path, graph: KnowledgeGraph) -> list[JudgedPair]:
    """Each pair once; the first human label counts. Raises :class:`RowsError` and ``OSError``.

    A table has the columns ``truth`` and ``given``, and may have ``aliases`` (split by ``;``) and ``human``, which is
    ``same``, ``different`` or empty.
    """
    found: dict[Pair, JudgedPair] = {}
    for number, row in enumerate(_rows(path), start=1):
        if not row.get("truth") or "given" not in row:
            raise RowsError(f"{path.name}, row {number}: needs truth and given")
        if not row["given"]:
            continue
        read = _read(row, graph, f"{path.name}, row {number}")
        known = found.setdefault(read.pair, read)
        if known.human is None and read.human is not None:
            found[read.pair] = read
    if not found:
        raise RowsError(f"{path.name} holds no pair; give a run's directory, a report, or rows with truth and given")
    return list(found.values())


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    if path.is_dir():
        yield from read_json_lines(path / RECORDS)
    elif path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from csv.DictReader(file)
    elif path.suffix == ".json":
        try:
            yield from orjson.loads(path.read_bytes())["cases"]
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise RowsError(f"{path.name} is no report: it has no cases") from error
    elif not path.is_file():
        raise RowsError(f"{path} is no file")
    else:
        yield from read_json_lines(path)


def _read(row: Mapping[str, Any], graph: KnowledgeGraph, where: str) -> JudgedPair:
    aliases = row.get("aliases") or ()
    names = tuple(part.strip() for part in aliases.split(";")) if isinstance(aliases, str) else tuple(aliases)
    pair = Pair(row["truth"], row["given"], tuple(name for name in names if name))
    human = row.get("human") or None
    if human is not None and human not in [ruling.value for ruling in ALLOWED]:
        raise RowsError(f"{where}: human is {human!r}; it must be same, different or empty")
    truth = Diagnosis(pair.truth, concept_ids=tuple(row.get("concept_ids") or ()), aliases=pair.aliases)
    known = row["decided"] if "decided" in row else is_decided(graph, truth, pair.given)
    try:
        verdict = Verdict(row.get("verdict") or judge(graph, truth, pair.given))
    except ValueError as error:
        raise RowsError(f"{where}: {row['verdict']!r} is no verdict of ours") from error
    return JudgedPair(pair, verdict if known else None, None if human is None else Ruling(human))
