"""ICD-10-CM from the ``simple-icd-10-cm`` wheel's data files: the code list, and the tabular list with its terms.

Seventh-character extensions ("initial encounter") say nothing about a diagnosis and are left out of the hierarchy.
"""

from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, fromstring  # nosec

from ..documents import read_text
from ..problems import KnowledgeError, Problem

_TERMS = ("inclusionTerm", "includes")


@dataclass(frozen=True, slots=True)
class IcdNode:
    """``parent`` is the code above it, None for a chapter; ``terms`` are inclusion terms."""

    code: str
    name: str
    parent: str | None
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Icd:
    version: str
    nodes: dict[str, IcdNode]


def read_codes(path: Path) -> set[str]:
    """Every category and code, with its dot (``I26.9``); chapters and blocks are left out."""
    codes = set()
    for line in read_text(path, path.name).split():
        if line[0].isalpha() and "-" not in line:
            codes.add(line if len(line) <= 3 else f"{line[:3]}.{line[3:]}")
    return codes


def read_tabular(path: Path) -> Icd:
    """Chapters, blocks, categories and codes. Raises :class:`KnowledgeError` when the file is not that XML."""
    text = read_text(path, path.name)
    try:
        root = fromstring(text)  # noqa: S314  # nosec: a pinned, hashed wheel's own file
    except ParseError as error:
        raise KnowledgeError([Problem(path.name, error.position[0], f"is not valid XML: {error}")]) from error
    nodes: dict[str, IcdNode] = {}
    for chapter in root.iter("chapter"):
        code = f"chapter-{chapter.findtext('name', '')}"
        nodes[code] = IcdNode(code, _plain(chapter.findtext("desc", "")), None, ())
        for section in chapter.findall("section"):
            block = section.get("id", "")
            # A chapter's only block may be a single category (U07): its id would then be the category's own.
            diagnoses = section.findall("diag")
            if "-" in block:
                nodes[block] = IcdNode(block, _plain(section.findtext("desc", "")), code, ())
            for diagnosis in diagnoses:
                _add(diagnosis, block if "-" in block else code, nodes)
    if not nodes:
        raise KnowledgeError([Problem(path.name, 0, "holds no chapter")])
    return Icd(root.findtext("version", ""), nodes)


def _add(element: Element, parent: str, nodes: dict[str, IcdNode]) -> None:
    code = element.findtext("name", "")
    terms = tuple(note.text for kind in _TERMS for group in element.findall(kind) for note in group if note.text)
    nodes[code] = IcdNode(code, element.findtext("desc", ""), parent, terms)
    for child in element.findall("diag"):
        _add(child, code, nodes)


def _plain(description: str) -> str:
    """Block names end with their code range in brackets."""
    return description.rsplit(" (", 1)[0]
