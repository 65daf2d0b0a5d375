"""Every name of every concept as a hash of its folded form, in tiers from the most to the least trusted."""

import re
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from ..store import Array, pack_rows, pack_strings
from ..text import fold, key_hash, word_bag
from .concepts import ConceptTable
from .inputs import Inputs

AUTHORED_NAME, AUTHORED_ALIAS, FORM, LABEL, SYNONYM, BAG, RESIDUAL = range(7)
_UNSPECIFIED = re.compile(r"(, unspecified.*| NOS| \[.*\])$")
# Codes that gather what has no code of its own: their inclusion terms are narrower than they are.
_RESIDUAL = re.compile(
    r"^(other|unspecified)\b|\bnot elsewhere classified|\bother specified|\bother and unspecified", re.I
)
_EMPTY = re.compile(r"^(other|unspecified|encounter for|personal history|family history)\b", re.IGNORECASE)


def list_names(inputs: Inputs, table: ConceptTable) -> Iterator[tuple[str, int, int]]:
    """(name, concept number, tier)."""
    for finding in inputs.findings:
        number = table.find(finding.hpo or finding.id)
        yield finding.name, number, AUTHORED_NAME
        yield from ((alias, number, AUTHORED_ALIAS) for alias in finding.aliases)
    for disease in inputs.diseases:
        number = table.find(disease.id)
        yield disease.name, number, AUTHORED_NAME
        yield from ((alias, number, AUTHORED_ALIAS) for alias in disease.aliases)
        yield from ((form, number, FORM) for form in disease.forms)
    for test in inputs.tests.values():
        number = table.find(f"TEST:{test.key}")
        yield test.name, number, AUTHORED_NAME
        yield from ((alias, number, AUTHORED_ALIAS) for alias in (*test.aliases, test.key.replace("_", " ")))
    for term in inputs.hpo.terms.values():
        if not term.obsolete:
            number = table.find(term.id)
            yield term.name, number, LABEL
            yield from ((s.text, number, SYNONYM) for s in term.synonyms if s.scope == "EXACT")
    for disease_id, name in inputs.annotations.names.items():
        yield name, table.find(disease_id), LABEL
    for node in inputs.icd.nodes.values():
        number = table.find(f"ICD10CM:{node.code}")
        if node.parent and not _EMPTY.match(node.name):
            yield node.name, number, LABEL
        for text in (node.name, *node.terms) if node.parent else ():
            bare = _UNSPECIFIED.sub("", text)
            grouped = text.endswith(" NOS") or bool(_RESIDUAL.search(node.name))
            fits = not grouped or _names_site(bare, node.name)
            if fits and not _EMPTY.match(bare) and (" with" not in node.name or " with" in text):
                yield bare, number, RESIDUAL if grouped else SYNONYM
    for number, concept_id in enumerate(table.ids):
        if concept_id.startswith("GROUP:"):
            yield table.names[number], number, SYNONYM


def _names_site(term: str, title: str) -> bool:
    """Whether a term repeats the site its code is about: "Epidermoid cyst" under "Other cysts of oral region" means
    one in the mouth, and would be wrong for any other."""
    site = title.split(",")[0].partition(" of ")[2]
    return set(fold(site).split()) <= set(fold(term).split())


def build_names(inputs: Inputs, table: ConceptTable) -> dict[str, Array]:
    """Sorted hashes with their concept and tier; the texts; and for each word the texts that hold it."""
    entries: dict[tuple[str, int], int] = {}
    bags: dict[str, set[int]] = defaultdict(set)
    form_bags: dict[str, set[int]] = defaultdict(set)
    for name, number, tier in list_names(inputs, table):
        key = fold(name)
        if not key:
            continue
        entries[key, number] = min(tier, entries.get((key, number), tier))
        if tier != RESIDUAL and " " in (bag := word_bag(key)):
            (form_bags if tier == FORM else bags)[bag].add(number)
    texts = sorted({key for key, _ in entries})
    hashes = [(key_hash(key), number, tier) for (key, number), tier in entries.items()]
    hashes += [(key_hash(bag), number, BAG) for bag, numbers in bags.items() for number in numbers]
    hashes += [(key_hash(bag), number, FORM) for bag, numbers in form_bags.items() for number in numbers]
    hashes.sort(key=lambda row: (row[0], row[2], row[1]))
    words: dict[str, list[int]] = defaultdict(list)
    for position, text in enumerate(texts):
        for word in set(text.split()):
            words[word].append(position)
    listed = sorted(words)
    rows = np.repeat(np.arange(len(listed)), [len(words[word]) for word in listed])
    values = np.array([position for word in listed for position in words[word]], np.int32)
    starts, packed = pack_rows(len(listed), rows, values)
    text_blob, text_starts = pack_strings(texts)
    word_blob, word_starts = pack_strings(listed)
    return {
        "name_hashes": np.array([row[0] for row in hashes], np.uint64),
        "name_concepts": np.array([row[1] for row in hashes], np.int32),
        "name_tiers": np.array([row[2] for row in hashes], np.uint8),
        "text_blob": text_blob,
        "text_starts": text_starts,
        "word_blob": word_blob,
        "word_starts": word_starts,
        "word_text_starts": starts,
        "word_texts": packed,
    }
