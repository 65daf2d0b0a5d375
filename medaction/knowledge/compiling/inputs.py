"""Everything a build reads, and one hash over all of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import file_digest, sha256
from importlib.resources import files
from pathlib import Path

from ..documents import read_document
from ..names import FindingNames
from ..problems import KnowledgeError, Problem
from ..rules import lint_diseases, lint_findings, lint_references
from ..schema import load_schema, violations
from ..sources.authored import (
    AuthoredDisease,
    AuthoredFinding,
    list_diseases,
    list_findings,
    read_diseases,
    read_findings,
)
from ..sources.catalogue import CatalogueTest, read_catalogue
from ..sources.genes import read_genes
from ..sources.hpoa import Annotations, read_hpoa
from ..sources.icd10cm import Icd, read_codes, read_tabular
from ..sources.obo import Hpo, read_obo
from ..sources.overlay import SiteStatement, read_overlay
from ..sources.places import Places

_COMPILING_MODULES = ("catalogue_rules", "documents", "model", "names", "rules", "schema", "store", "text", "wording")
_COMPILING_FOLDERS = ("compiling", "sources", "schemas")


@dataclass(frozen=True, slots=True)
class Inputs:
    """``reach``: for a branch of HPO, the catalogue tests that reveal its findings when they have none of their own."""

    hpo: Hpo
    annotations: Annotations
    genes: dict[str, frozenset[str]]
    icd: Icd
    tests: dict[str, CatalogueTest]
    findings: list[AuthoredFinding]
    diseases: list[AuthoredDisease]
    reach: dict[str, tuple[str, ...]]
    finding_names: FindingNames
    statements: tuple[SiteStatement, ...] = ()


def read_inputs(places: Places) -> Inputs:
    """Raises :class:`KnowledgeError` with every problem of every file."""
    hpo = read_obo(places.obo)
    annotations = read_hpoa(places.hpoa)
    genes = read_genes(places.genes)
    tests = read_catalogue(places.catalogue)
    keys = frozenset(tests)
    findings, problems = read_findings(list_findings(places.authored), places.authored)
    diseases, broken = read_diseases(list_diseases(places.authored), places.authored)
    finding_names = FindingNames(hpo, findings)
    problems += broken
    problems += lint_findings(findings, hpo, keys)
    problems += lint_diseases(diseases, finding_names, hpo, keys, read_codes(places.icd_codes))
    problems += lint_references(diseases)
    problems += _unknown_xrefs(diseases, annotations)
    problems += _unknown_terms(annotations, hpo)
    problems += contradictions(diseases, findings, finding_names)
    reach = _read_reach(places.authored / "reach.yaml", hpo, keys, problems)
    if problems:
        raise KnowledgeError(problems)
    icd = read_tabular(places.icd_tabular)
    statements = read_overlay(places.overlay) if places.overlay else ()
    return Inputs(hpo, annotations, genes, icd, tests, findings, diseases, reach, finding_names, statements)


def hash_inputs(places: Places) -> str:
    """SHA-256 over every input file and the code that compiles them, so that a stale graph is never used."""
    digest = sha256()
    listed = [places.obo, places.hpoa, places.genes, places.icd_codes, places.icd_tabular]
    listed += [path for folder in (places.catalogue, places.authored) for path in sorted(folder.rglob("*.yaml"))]
    code = Path(str(files("medaction.knowledge")))
    listed += [code / f"{name}.py" for name in _COMPILING_MODULES]
    listed += [places.overlay] if places.overlay else []
    listed += [path for folder in _COMPILING_FOLDERS for path in sorted((code / folder).glob("*.[pj]*"))]
    for path in listed:
        if path.is_file():
            with path.open("rb") as file:
                digest.update(path.name.encode() + file_digest(file, "sha256").digest())
    return digest.hexdigest()


def contradictions(
    diseases: list[AuthoredDisease], findings: list[AuthoredFinding], names: FindingNames
) -> Iterator[Problem]:
    """Two findings that exclude each other, both said to be usual in one disease."""
    opposite = {f.hpo or f.id: f.opposite for f in findings if f.opposite}
    identity = {f.id: f.hpo or f.id for f in findings}
    usual = {"almost_always", "very_frequent"}
    for disease in diseases:
        places = {names.resolve(use.finding): use for use in disease.findings if use.band in usual}
        for concept, use in places.items():
            other = opposite.get(concept or "")
            if other and (rival := places.get(identity.get(other, other))):
                message = f"{use.finding!r} and {rival.finding!r} exclude each other, yet both are {use.band}"
                yield use.place.problem(message)


def _unknown_xrefs(diseases: list[AuthoredDisease], annotations: Annotations) -> Iterator[Problem]:
    for disease in diseases:
        for key, ids in (("xrefs", disease.xrefs), ("is_a", disease.is_a)):
            for index, xref in enumerate(ids):
                if xref.startswith(("OMIM:", "ORPHA:")) and xref not in annotations.names:
                    yield disease.at(key, index).problem(f"{xref} is not in {annotations.file}")


def _unknown_terms(annotations: Annotations, hpo: Hpo) -> Iterator[Problem]:
    known = {term.id for term in hpo.terms.values() if not term.obsolete}
    known |= {alt for term in hpo.terms.values() for alt in term.alt_ids}
    for row in annotations.rows:
        for term in (row.term, *row.onset.split(";")):
            if term and term not in known:
                yield Problem(annotations.file, row.line, f"{term} is not a current term of HPO {hpo.version}")


def _read_reach(path: Path, hpo: Hpo, tests: frozenset[str], problems: list[Problem]) -> dict[str, tuple[str, ...]]:
    try:
        document = read_document(path, path.name)
    except KnowledgeError as error:
        problems.extend(error.problems)
        return {}
    wrong = violations(document.data, load_schema("reach"))
    problems.extend(document.problem(at, message) for at, message in wrong)
    if wrong:
        return {}
    for index, row in enumerate(document.data):
        term = hpo.terms.get(row["branch"])
        if term is None or term.obsolete:
            problems.append(document.problem((index,), f"{row['branch']} is not a current term of HPO"))
        elif term.name != row["name"]:
            problems.append(document.problem((index,), f"{row['branch']} is {term.name!r}, not {row['name']!r}"))
        for test in row["tests"]:
            if test not in tests:
                problems.append(document.problem((index, "tests"), f"{test} is not a key of the test catalogue"))
    return {row["branch"]: tuple(row["tests"]) for row in document.data}
