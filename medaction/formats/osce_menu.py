"""AgentClinic's nested findings, flattened to what a clinician would order, every word of every result kept."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from medaction.domain.case import Category, MenuItem

# Headings over several tests: opened, so that each test can be ordered by its own name.
_HEADINGS = re.compile(
    r"^(?:blood|lab|laboratory|imaging|basic laboratory|additional|other|special|screening|serum|infectious disease|"
    r"hematologic|hematology|assessment|x rays?|biopsy|chemistry|metabolic|imaging and other|serology)"
    r"(?: (?:tests?|work|results?|studies|tools|testing|laboratory (?:analysis|values)|chemistr(?:y|ies)|biochemistry|"
    r"electrolytes|panel|values|analysis|electrophoresis))*$"
)
# Labels that describe a part of a result, never a test.
_PARTS = re.compile(
    r"^(?:(?:preliminary |other |histopathology )?findings?|results?|level|comments?|interpretation|optional|analysis|"
    r"histopathology|microscopic description|scores|appearance|others?|suggestion|random)$"
)
# Panels of blood tests, whose lines may be ordered by their own names.
_BLOOD_PANEL = re.compile(
    r"\b(?:blood|cbc|liver|thyroid|coagulation|iron|hormon\w+|electrolytes?|std|sti|cd4|toxicology)\b"
)
_NOT_BLOOD = re.compile(
    r"\b(?:urin\w*|stool|csf|lumbar|joint|arthrocentesis|sputum|biopsy|smear|gas(?:es)?|pressure|glucose)\b"
)
_UNSPECIFIC = re.compile(r"^(?:ph|color|other findings|.*\bserum glucose|bands)$")

_CATEGORIES = (
    (Category.PATHOLOGY, r"biops|histo|cytolog|immunofluorescence|flow cytometry|bone marrow|scraping"),
    (Category.GENETIC, r"genetic|karyotyp|sequencing"),
    (
        Category.IMAGING,
        r"\bct\b|\bmri\b|x ?rays?|radiograph|ultraso|imaging|echocardio|mammogra|barium|pyelogram|angiogra|doppler",
    ),
    (
        Category.PROCEDURE,
        r"scop(?:y|ies)|lumbar puncture|arthrocentesis|aspiration|electro(?:cardio|encephalo|myo)gra|nerve conduction|"
        r"audiometr|hearing|audiology|polysomnograph|spirometr|pulmonary function|autonomic|vestibular|nystagmo|"
        r"tuberculin",
    ),
    (Category.EXAM, r"vital signs|manoeuvre|maneuver|consult|blood pressure"),
    (Category.OTHER, r"diary|checklist|psychological|depression screen|anxiety screen|adhd"),
)


def flatten(node: Mapping[str, Any], *, exams: bool) -> tuple[MenuItem, ...]:
    """Menu items of a tree of findings. Names and keys are unique; a result holds every leaf below its item."""
    items: dict[str, MenuItem] = {}
    for name, value in _tests(node, exams=exams):
        lines = list(_lines(value))
        if not lines:
            continue
        key = _unique(slug(name), items)
        category = Category.EXAM if exams else guess_category(name)
        aliases = _aliases(name, value, category)
        items[key] = MenuItem(key, name, aliases=aliases, category=category, result="\n".join(lines))
    return tuple(items.values())


def clean_name(label: str) -> str:
    """``Complete_Blood_Count`` → ``Complete Blood Count``."""
    return " ".join(label.replace("_", " ").split())


def slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "item"


def leaf_text(value: Any) -> str:
    """A leaf as text: strings as they are, lists joined, yes and no spelt out."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return "; ".join(filter(None, map(leaf_text, value)))
    if isinstance(value, Mapping):
        return "; ".join(_lines(value))
    return "" if value is None else str(value).strip()


def _tests(node: Mapping[str, Any], *, exams: bool, under: str = "") -> Iterator[tuple[str, Any]]:
    for label, value in node.items():
        name = clean_name(label)
        if under and _plain(under) == "biopsy" and "biopsy" not in name.lower():
            name = f"{name} Biopsy"
        elif under and _PARTS.match(_plain(name)):
            name = f"{under}: {name}"
        if not exams and isinstance(value, Mapping) and _is_heading(name, value):
            yield from _tests(value, exams=exams, under=name)
        else:
            yield name, value


def _is_heading(name: str, children: Mapping[str, Any]) -> bool:
    """Whether tests hang below this name, rather than the lines of one result."""
    labels = [_plain(clean_name(label)) for label in children]
    parts = [bool(_PARTS.match(label)) for label in labels]
    if _HEADINGS.match(_plain(name)):
        return not all(parts)
    return not any(parts) and all(isinstance(child, Mapping) for child in children.values())


def _lines(value: Any) -> Iterator[str]:
    """``label: text`` for each leaf; a label that only says "findings" is left out where it stands alone."""
    if not isinstance(value, Mapping):
        if text := leaf_text(value):
            yield text
        return
    for label, child in value.items():
        name = clean_name(label)
        alone = len(value) == 1 and _PARTS.match(_plain(name))
        for line in _lines(child):
            yield line if alone else f"{name}: {line}"


def _aliases(name: str, value: Any, category: Category) -> tuple[str, ...]:
    plain = _plain(name)
    if category is not Category.LAB or not isinstance(value, Mapping) or len(value) < 2:
        return ()
    if not _BLOOD_PANEL.search(plain) or _NOT_BLOOD.search(plain):
        return ()
    labels = map(clean_name, value)
    return tuple(label for label in labels if not (_PARTS.match(_plain(label)) or _UNSPECIFIC.match(_plain(label))))


def guess_category(name: str) -> Category:
    """By the words of a name; a laboratory test where they say nothing."""
    plain = _plain(name)
    return next((category for category, words in _CATEGORIES if re.search(words, plain)), Category.LAB)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name.lower()).strip()


def _unique(key: str, taken: Mapping[str, MenuItem]) -> str:
    number = 2
    unique = key
    while unique in taken:
        unique = f"{key}_{number}"
        number += 1
    return unique
