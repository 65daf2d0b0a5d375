"""The overlay of a site: what its reviewers decided about edges of the graph, a layer above all others.

It says of an edge that is there that it is right, that it is not, or that its band is another. It adds no edge, no
concept and no name. What it says of an edge that is gone (the authored file was corrected meanwhile) does nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from ..documents import read_document
from ..problems import KnowledgeError
from ..schema import dotted, load_schema, violations

FORMAT = "medaction.overlay/1"
HAS_FINDING, REVEALS = "has_finding", "reveals"
CONFIRM, REFUTE, TOO_HIGH, TOO_LOW = "confirm", "refute", "too_high", "too_low"
BANDED = (TOO_HIGH, TOO_LOW)
"""Verdicts that give the edge another band; only an edge from a disease to a finding has one."""
HEAD = "# Decided in the review of this site; written by the program, which overwrites what is changed here by hand.\n"

EdgeKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class SiteStatement:
    """``source`` is a disease (``has_finding``) or a test (``reveals``), ``target`` a finding, both by concept id.

    ``band`` is the frequency that a banded verdict gives instead, empty for the others. ``decided`` is a day.
    """

    source: str
    relation: str
    target: str
    verdict: str
    decided: date
    band: str = ""
    citations: tuple[str, ...] = ()

    @property
    def key(self) -> EdgeKey:
        return self.source, self.relation, self.target


def render_overlay(statements: Iterable[SiteStatement]) -> str:
    """The file, one statement an edge, by edge: the same statements give the same bytes."""
    rows = [_row(each) for each in sorted(statements, key=lambda each: each.key)]
    body = yaml.safe_dump({"format": FORMAT, "statements": rows}, sort_keys=False, allow_unicode=True, width=120)
    return HEAD + body


def read_overlay(path: Path) -> tuple[SiteStatement, ...]:
    """Raises :class:`KnowledgeError` for a file that is no overlay."""
    document = read_document(path, path.name)
    problems = [
        document.problem(at, f"{dotted(at)}{message}")
        for at, message in violations(document.data, load_schema("overlay"))
    ]
    if problems:
        raise KnowledgeError(problems)
    found: dict[EdgeKey, SiteStatement] = {}
    for index, row in enumerate(document.data["statements"]):
        place = ("statements", index)
        statement = _statement(row)
        banded = statement.verdict in BANDED
        if banded != bool(statement.band) or (banded and statement.relation != HAS_FINDING):
            problems.append(
                document.problem(place, "has a band exactly where a frequency is said to be too high or low")
            )
        if statement.key in found:
            problems.append(document.problem(place, f"is the second statement about {' '.join(statement.key)}"))
        found[statement.key] = statement
    if problems:
        raise KnowledgeError(problems)
    return tuple(found.values())


def _row(statement: SiteStatement) -> dict[str, Any]:
    row: dict[str, Any] = {
        "source": statement.source,
        "relation": statement.relation,
        "target": statement.target,
        "verdict": statement.verdict,
        "decided": statement.decided.isoformat(),
    }
    if statement.band:
        row["band"] = statement.band
    if statement.citations:
        row["citations"] = list(statement.citations)
    return row


def _statement(row: dict[str, Any]) -> SiteStatement:
    return SiteStatement(
        source=row["source"],
        relation=row["relation"],
        target=row["target"],
        verdict=row["verdict"],
        decided=date.fromisoformat(row["decided"]),
        band=row.get("band", ""),
        citations=tuple(row.get("citations", ())),
    )
