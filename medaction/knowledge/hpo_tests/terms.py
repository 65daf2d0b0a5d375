"""Every HPO term with the test that finds it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from medaction.domain.case import Category
from medaction.domain.catalogue import load_catalogue

from ..sources import obo
from ..sources.places import find_places


@dataclass(frozen=True, slots=True)
class Test:
    """A menu item to be: what a clinician orders, asks or examines."""

    key: str
    name: str
    aliases: tuple[str, ...]
    category: Category
    roots: Mapping[str, str]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """``plain`` is the layperson's word where HPO has one; else the label."""

    id: str
    label: str
    plain: str
    test: Test


class TermTable:
    """All terms of one release. An id that the release lacks goes by its label, in the end to the history."""

    def __init__(self, terms: Mapping[str, Term], tests: tuple[Test, ...]) -> None:
        self._terms = terms
        self.tests = tests
        self._rest = next(test for test in tests if "HP:0000118" in test.roots)

    def term(self, term_id: str, label: str) -> Term:
        known = self._terms.get(term_id)
        if known is not None:
            return known
        low = label.lower()
        test = next((test for test in self.tests if any(word.lower() in low for word in test.words)), self._rest)
        return Term(term_id, label, label, test)


@lru_cache(maxsize=1)
def load_terms() -> TermTable:
    """The installed release (read in about a second, once). Raises ``medaction.knowledge.KnowledgeError``."""
    return read_terms(find_places().obo)


def read_terms(path: Path) -> TermTable:
    """The terms of an ``hp.obo``. Raises ``medaction.knowledge.KnowledgeError``."""
    tests = load_tests()
    stanzas = obo.read_obo(path).terms
    finder = _NearestTest(stanzas, tests)
    terms: dict[str, Term] = {}
    for stanza in stanzas.values():
        if stanza.obsolete or (test := finder.test_of(stanza.id)) is None:
            continue
        plain = next((s.text for s in stanza.synonyms if s.layperson and s.scope == "EXACT"), stanza.name)
        for term_id in (stanza.id, *stanza.alt_ids):
            terms[term_id] = Term(term_id, stanza.name, plain, test)
    return TermTable(terms, tests)


@lru_cache(maxsize=1)
def load_tests() -> tuple[Test, ...]:
    """The authored rows, in their order."""
    text = files(__package__).joinpath("tests.yaml").read_text(encoding="utf-8")
    return tuple(_read_tests(yaml.safe_load(text)))


def _read_tests(rows: list[dict[str, Any]]) -> Iterator[Test]:
    catalogue = load_catalogue()
    for row in rows:
        key = row["key"]
        own = "name" in row
        yield Test(
            key=key,
            name=row["name"] if own else catalogue[key].name,
            aliases=tuple(row.get("aliases", ())),
            category=Category(row["category"]) if own else catalogue[key].category,
            roots=row["roots"],
            words=tuple(row.get("words", ())),
        )


class _NearestTest:
    """The row whose root is the most specific ancestor of a term: the one with the most ancestors itself."""

    def __init__(self, stanzas: Mapping[str, obo.Term], tests: tuple[Test, ...]) -> None:
        self._stanzas = stanzas
        self._ancestors: dict[str, frozenset[str]] = {}
        self._nearest: dict[str, tuple[int, Test] | None] = {}
        for test in tests:
            for root in test.roots:
                if root in stanzas:
                    self._nearest[root] = (len(self._above(root)), test)

    def test_of(self, term_id: str) -> Test | None:
        found = self._find(term_id)
        return found[1] if found else None

    def _find(self, term_id: str) -> tuple[int, Test] | None:
        if term_id not in self._nearest:
            above = [found for parent in self._stanzas[term_id].parents if (found := self._find(parent))]
            self._nearest[term_id] = max(above, key=lambda found: found[0], default=None)
        return self._nearest[term_id]

    def _above(self, term_id: str) -> frozenset[str]:
        if term_id not in self._ancestors:
            parents = self._stanzas[term_id].parents
            self._ancestors[term_id] = frozenset(parents).union(*map(self._above, parents))
        return self._ancestors[term_id]
