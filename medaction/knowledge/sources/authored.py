"""The authored layer: one disease a file under ``diseases/<system>/``, lists of findings under ``findings/``."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..documents import DataPath, Document, list_yaml, read_document
from ..problems import KnowledgeError, Problem
from ..schema import dotted, load_schema, violations
from ..spans import read_span


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value was written."""

    file: str
    line: int

    def problem(self, message: str) -> Problem:
        return Problem(self.file, self.line, message)


@dataclass(frozen=True, slots=True)
class AuthoredFinding:
    """``hpo`` says it *is* that HPO term (the entry adds names to it); ``is_a`` says it is narrower."""

    id: str
    name: str
    aliases: tuple[str, ...]
    kind: str
    hpo: str | None
    is_a: tuple[str, ...]
    background: float | None
    opposite: str | None
    tests: tuple[str, ...]
    polarity_words: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class FindingUse:
    """A finding as a disease names it, with its frequency band."""

    finding: str
    hpo: str | None
    band: str
    source: str
    place: Place


@dataclass(frozen=True, slots=True)
class TestUse:
    test: str
    finding: str
    hpo: str | None
    polarity: str
    sensitivity: float | None
    specificity: float | None
    source: str
    place: Place


@dataclass(frozen=True, slots=True)
class Competitor:
    disease: str
    separates: str
    place: Place


@dataclass(frozen=True, slots=True)
class Demographic:
    """Multiplies the prior for people of this sex (``any``) with ``low`` ≤ age in years < ``high``; 120 has no end."""

    sex: str
    low: float
    high: float
    factor: float
    source: str


@dataclass(frozen=True, slots=True)
class Duration:
    """Days that the present complaint has lasted; ``strict`` where the time is part of the definition."""

    low: float
    high: float
    strict: bool


@dataclass(frozen=True, slots=True)
class AuthoredDisease:
    id: str
    name: str
    aliases: tuple[str, ...]
    forms: tuple[str, ...]
    icd10cm: tuple[str, ...]
    xrefs: tuple[str, ...]
    is_a: tuple[str, ...]
    system: str
    must_not_miss: bool
    duration: Duration | None
    prior_band: str
    prior_source: str
    demographics: tuple[Demographic, ...]
    risk_factors: tuple[FindingUse, ...]
    findings: tuple[FindingUse, ...]
    tests: tuple[TestUse, ...]
    competitors: tuple[Competitor, ...]
    place: Place
    places: dict[DataPath, Place]

    def at(self, *path: str | int) -> Place:
        return self.places.get(path, self.place)


def read_diseases(paths: Iterable[Path], root: Path) -> tuple[list[AuthoredDisease], list[Problem]]:
    """Every file that keeps to the schema, and the problems of the others."""
    schema = load_schema("disease")
    diseases: list[AuthoredDisease] = []
    problems: list[Problem] = []
    for path in paths:
        document = _read(path, root, schema, problems)
        if document is None:
            continue
        disease = _disease(document)
        diseases.append(disease)
        if disease.id.removeprefix("MA:") != path.stem:
            problems.append(document.problem(("id",), f"id {disease.id} does not match the file name {path.name}"))
        if disease.system != path.parent.name:
            problems.append(
                document.problem(("system",), f"system {disease.system} is not the folder {path.parent.name}")
            )
    return diseases, problems


def read_findings(paths: Iterable[Path], root: Path) -> tuple[list[AuthoredFinding], list[Problem]]:
    schema = load_schema("findings")
    findings: list[AuthoredFinding] = []
    problems: list[Problem] = []
    for path in paths:
        if document := _read(path, root, schema, problems):
            findings.extend(
                _finding(row, Place(document.file, document.line((i,)))) for i, row in enumerate(document.data)
            )
    return findings, problems


def list_diseases(root: Path) -> list[Path]:
    return list(list_yaml(root / "diseases"))


def list_findings(root: Path) -> list[Path]:
    return list(list_yaml(root / "findings"))


def _read(path: Path, root: Path, schema: dict[str, Any], problems: list[Problem]) -> Document | None:
    try:
        document = read_document(path, path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name)
    except KnowledgeError as error:
        problems.extend(error.problems)
        return None
    wrong = violations(document.data, schema)
    problems.extend(document.problem(at, f"{dotted(at)}{message}") for at, message in wrong)
    return None if wrong else document


def _finding(row: dict[str, Any], place: Place) -> AuthoredFinding:
    return AuthoredFinding(
        id=row["id"],
        name=row["name"],
        aliases=tuple(row.get("aliases", ())),
        kind=row["kind"],
        hpo=row.get("hpo"),
        is_a=tuple(row.get("is_a", ())),
        background=row.get("background"),
        opposite=row.get("opposite"),
        tests=tuple(row.get("tests", ())),
        polarity_words=tuple(row.get("polarity_words", ())),
        place=place,
    )


def _disease(document: Document) -> AuthoredDisease:
    data = document.data
    return AuthoredDisease(
        id=data["id"],
        name=data["name"],
        aliases=tuple(data.get("aliases", ())),
        forms=tuple(data.get("forms", ())),
        icd10cm=tuple(data["icd10cm"]),
        xrefs=tuple(data.get("xrefs", ())),
        is_a=tuple(data.get("is_a", ())),
        system=data["system"],
        must_not_miss=data["must_not_miss"],
        duration=_duration(data.get("duration")),
        prior_band=data["prior"]["band"],
        prior_source=data["prior"].get("source", "estimate"),
        demographics=tuple(map(_demographic, data.get("demographics", ()))),
        risk_factors=_uses(document, "risk_factors"),
        findings=_uses(document, "findings"),
        tests=tuple(_test_use(row, _place(document, "tests", i)) for i, row in enumerate(data["tests"])),
        competitors=tuple(
            Competitor(row["disease"], row["separates"], _place(document, "competitors", i))
            for i, row in enumerate(data["competitors"])
        ),
        place=Place(document.file, 1),
        places={path: Place(document.file, line) for path, line in document.lines.items()},
    )


def _duration(row: dict[str, Any] | None) -> Duration | None:
    return Duration(read_span(row["from"]), read_span(row["to"]), row.get("strict", False)) if row else None


def _place(document: Document, *path: str | int) -> Place:
    return Place(document.file, document.line(path))


def _uses(document: Document, key: str) -> tuple[FindingUse, ...]:
    return tuple(
        FindingUse(
            row["finding"], row.get("hpo"), row["p"], row.get("source", "estimate"), _place(document, key, index)
        )
        for index, row in enumerate(document.data.get(key, ()))
    )


def _test_use(row: dict[str, Any], place: Place) -> TestUse:
    return TestUse(
        row["test"],
        row["finding"],
        row.get("hpo"),
        row.get("polarity", "present"),
        row.get("sensitivity"),
        row.get("specificity"),
        row.get("source", "estimate"),
        place,
    )


def _demographic(row: dict[str, Any]) -> Demographic:
    low, high = row.get("age", (0, 120))
    return Demographic(row.get("sex", "any"), low, high, row["factor"], row.get("source", "estimate"))
