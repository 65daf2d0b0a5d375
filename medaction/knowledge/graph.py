"""The compiled graph, answering in concepts and edges.

Loading maps one file; nothing is copied until it is asked for. Every answer is deterministic.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from .compiling.concepts import KINDS
from .compiling.edges import ASPECTS, POLARITIES, SEXES, SOURCES
from .model import Competitor, Concept, Edge, Grade, Kind, Link, Method, Source, Suggestion, TestEdge
from .normaliser import Normaliser
from .paths import Paths
from .ranking.priors import PriorTable
from .ranking.ranker import Ranker
from .similarity import Similarity
from .store import Array, Rows, Strings, read_store

ConceptLike = Concept | str
SITE = "site"
_IDENTIFIER = re.compile(r"\(((?:OMIM|ORPHA|DECIPHER):\d+)\)\s*$")


class UnknownConceptError(KeyError):
    """An id that the graph does not have."""


class KnowledgeGraph:
    """Diseases, findings and tests, and what joins them. ``meta`` carries hash, counts, sources and their licences."""

    def __init__(self, meta: dict[str, Any], arrays: dict[str, Array]) -> None:
        self.meta = meta
        self.arrays = arrays
        self._ids = arrays["concept_ids"]
        self._names = Strings(arrays["concept_name_blob"], arrays["concept_name_starts"])
        self._references = Strings(arrays["reference_blob"], arrays["reference_starts"])
        self._cards = Strings(arrays["card_blob"], arrays["card_starts"])
        self._read_cards: dict[int, dict[str, Any]] = {}
        self._card_of = {int(number): position for position, number in enumerate(arrays["card_concepts"])}
        self._opposite = dict(arrays["opposites"].tolist())
        self.ancestors = Rows(arrays["ancestor_starts"], arrays["ancestors"])
        self.descendants = Rows(arrays["descendant_starts"], arrays["descendants"])
        self.at = lru_cache(maxsize=50_000)(self._at)
        self.normaliser = Normaliser(arrays, self.at)

    @classmethod
    def load(cls, path: Path) -> "KnowledgeGraph":
        """Raises ``FileNotFoundError`` or :class:`medaction.knowledge.store.StoreError`."""
        return cls(*read_store(path))

    @property
    def hash(self) -> str:
        """The content hash, as stored with every score."""
        return str(self.meta["hash"])

    @property
    def sources(self) -> tuple[Source, ...]:
        return tuple(Source(**row) for row in self.meta["sources"])

    # Concepts ---------------------------------------------------------------------------------------------------------

    def get(self, concept: ConceptLike) -> Concept:
        """By id (also an old HPO id, or ``MF:`` of a finding that HPO has). Raises :class:`UnknownConceptError`."""
        if isinstance(concept, Concept):
            return concept
        raw = concept.encode()
        for ids, numbers in ((self._ids, None), (self.arrays["alternate_ids"], self.arrays["alternate_concepts"])):
            position = int(np.searchsorted(ids, raw))
            if position < len(ids) and ids[position] == raw:
                return self.at(position if numbers is None else int(numbers[position]))
        raise UnknownConceptError(concept)

    def _at(self, number: int) -> Concept:
        flag = int(self.arrays["concept_must_not_miss"][number])
        name = KINDS[self.arrays["concept_kinds"][number]]
        kind = Kind(name)
        return Concept(number, self._ids[number].decode(), self._names[number], kind, None if flag < 0 else bool(flag))

    def concept(self, text: str, kind: Kind | None = None) -> Link | None:
        """The concept that a written name means, or None. Never raises, never guesses: see :mod:`.normaliser`.

        An identifier in brackets at the end, as in :meth:`title`, decides.
        """
        return self._by_identifier(text, kind) or self.normaliser.link(text, kind)

    def _by_identifier(self, text: str, kind: Kind | None) -> Link | None:
        if not (found := _IDENTIFIER.search(text)):
            return None
        try:
            concept = self.get(found[1])
        except UnknownConceptError:
            return None
        return Link(text, concept, Method.EXACT, Grade.SAME) if kind in (None, concept.kind) else None

    def title(self, disease: ConceptLike, length: int) -> str:
        """A name of at most ``length`` characters that links back to the disease: with its identifier in brackets
        where the name alone, or what is left of it, is nobody's or another's."""
        concept = self.get(disease)
        if len(concept.name) <= length:
            link = self.normaliser.link(concept.name, concept.kind)
            if link is not None and link.grade is Grade.SAME and self.is_same(link.concept, concept):
                return concept.name
        room = length - len(concept.id) - 3
        name = concept.name if len(concept.name) <= room else f"{concept.name[: room - 1].rstrip(' ,;')}…"
        return f"{name} ({concept.id})"

    def suggest(self, text: str, kind: Kind | None = None, count: int = 5) -> tuple[Suggestion, ...]:
        """Near names for a person to choose from."""
        return self.normaliser.suggest(text, kind, count)

    def parents(self, concept: ConceptLike) -> tuple[Concept, ...]:
        return self._row("parent_starts", "parents", concept)

    def children(self, concept: ConceptLike) -> tuple[Concept, ...]:
        return self._row("child_starts", "children", concept)

    def equivalents(self, concept: ConceptLike) -> tuple[Concept, ...]:
        """The concept and the same disease in other vocabularies."""
        return tuple(map(self.at, self.similarity_index.equivalents(self.get(concept).index)))

    def is_same(self, one: ConceptLike, other: ConceptLike) -> bool:
        same = self.arrays["same"]
        return bool(same[self.get(one).index] == same[self.get(other).index])

    def is_a(self, child: ConceptLike, parent: ConceptLike) -> bool:
        """Whether one is, or is narrower than, the other."""
        return self.get(parent).index in self.ancestors[self.get(child).index]

    def opposite(self, finding: ConceptLike) -> Concept | None:
        """The finding that cannot be true at the same time (hyperkalaemia, hypokalaemia)."""
        number = self._opposite.get(self.get(finding).index)
        return None if number is None else self.at(number)

    def background(self, finding: ConceptLike) -> float:
        """P(finding) in a patient seen for any reason: an estimate, authored or derived."""
        return float(self.arrays["background"][self.get(finding).index])

    def list_authored(self) -> tuple[Concept, ...]:
        """The authored diseases, by id."""
        return tuple(map(self.at, self._card_of))

    def card(self, disease: ConceptLike) -> dict[str, Any] | None:
        """What an authored disease says of itself: system, codes, prior, demographics, competitors. None for others.

        Every caller is given the same dictionary: it is to be read only.
        """
        for member in self.equivalents(disease):
            if (position := self._card_of.get(member.index)) is not None:
                if position not in self._read_cards:
                    self._read_cards[position] = orjson.loads(self._cards[position])
                return self._read_cards[position]
        return None

    def competitors(self, disease: ConceptLike) -> tuple[Competitor, ...]:
        card = self.card(disease) or {"competitors": ()}
        return tuple(Competitor(self.get(row["disease"]), row["separates"]) for row in card["competitors"])

    def _row(self, starts: str, values: str, concept: ConceptLike) -> tuple[Concept, ...]:
        row = Rows(self.arrays[starts], self.arrays[values])[self.get(concept).index]
        return tuple(map(self.at, row.tolist()))

    # Edges ------------------------------------------------------------------------------------------------------------

    def edges_of(self, disease: ConceptLike) -> tuple[Edge, ...]:
        """Every statement about the disease and its equivalents, inheritance and onset included."""
        starts = self.arrays["edge_starts"]
        members = self.similarity_index.equivalents(self.get(disease).index)
        return tuple(self.edge(i) for number in members for i in range(starts[number], starts[number + 1]))

    def edges_with(self, finding: ConceptLike) -> tuple[Edge, ...]:
        """Every statement about exactly this finding."""
        rows = Rows(self.arrays["edge_finding_starts"], self.arrays["edges_by_finding"])
        return tuple(map(self.edge, rows[self.get(finding).index].tolist()))

    def edge(self, position: int) -> Edge:
        column = self.arrays
        p = float(column["edge_p"][position])
        sex = SEXES[column["edge_sex"][position]]
        onset = int(column["edge_onset"][position])
        return Edge(
            disease=self.at(int(column["edge_disease"][position])),
            finding=self.at(int(column["edge_finding"][position])),
            polarity="absent" if column["edge_absent"][position] else "present",
            p=None if np.isnan(p) else p,
            n=int(column["edge_n"][position]),
            source=SITE if self._is_site("edge_site", position) else SOURCES[column["edge_source"][position]],
            reference=self._references[int(column["edge_reference"][position])],
            aspect=ASPECTS[column["edge_aspect"][position]],
            sex=sex or None,
            onset=None if onset < 0 else self._names[onset],
        )

    def reference_numbers(self, references: Iterable[str]) -> frozenset[int]:
        """Which ``edge_reference`` values cite any of these (``PMID:…``), for leaving a case's own paper out."""
        return frozenset(n for reference in references for n in self._citations.get(reference, ()))

    @cached_property
    def _citations(self) -> dict[str, list[int]]:
        cited: dict[str, list[int]] = {}
        for number in range(len(self._references)):
            for reference in self._references[number].split(";"):
                cited.setdefault(reference, []).append(number)
        return cited

    # Tests ------------------------------------------------------------------------------------------------------------

    def tests_for(self, finding: ConceptLike) -> tuple[TestEdge, ...]:
        """Tests that reveal the finding: its own, else those of the most informative broader finding that has some."""
        number = self.get(finding).index
        starts = self.arrays["reveal_starts"]
        if starts[number] < starts[number + 1]:
            return tuple(self._test_edges(range(starts[number], starts[number + 1])))
        above = self.ancestors[number]
        having = above[starts[above] < starts[above + 1]]
        if not len(having):
            return ()
        nearest = int(having[np.argmax(self.arrays["information"][having])])
        source = self.at(nearest)
        edges = self._test_edges(range(starts[nearest], starts[nearest + 1]))
        return tuple(
            TestEdge(e.test, self.at(number), "present", source=e.source, inherited_from=source)
            for e in edges
            if e.disease is None
        )

    def findings_of(self, test: ConceptLike) -> tuple[TestEdge, ...]:
        """What a test can reveal, by id (``TEST:ecg``) or catalogue key (``ecg``)."""
        if isinstance(test, str) and ":" not in test:
            test = f"TEST:{test}"
        rows = Rows(self.arrays["reveal_test_starts"], self.arrays["reveals_by_test"])
        return tuple(self._test_edges(rows[self.get(test).index].tolist()))

    def tests_of(self, disease: ConceptLike) -> tuple[TestEdge, ...]:
        """The discriminating tests that an authored disease names."""
        members = self.similarity_index.equivalents(self.get(disease).index)
        return tuple(self._test_edges(np.flatnonzero(np.isin(self.arrays["reveal_disease"], members)).tolist()))

    def _test_edges(self, positions: Iterable[int]) -> Iterator[TestEdge]:
        column = self.arrays
        for i in positions:
            disease = int(column["reveal_disease"][i])
            sensitivity, specificity = float(column["reveal_sensitivity"][i]), float(column["reveal_specificity"][i])
            yield TestEdge(
                test=self.at(int(column["reveal_test"][i])),
                finding=self.at(int(column["reveal_finding"][i])),
                polarity=POLARITIES[column["reveal_polarity"][i]],
                disease=None if disease < 0 else self.at(disease),
                sensitivity=None if np.isnan(sensitivity) else round(sensitivity, 4),
                specificity=None if np.isnan(specificity) else round(specificity, 4),
                source=self._source_of_test(i),
            )

    def _source_of_test(self, position: int) -> str:
        if self._is_site("reveal_site", position):
            return SITE
        return "rule" if self.arrays["reveal_rule"][position] else "authored"

    def _is_site(self, column: str, position: int) -> bool:
        """Whether it is as a site's reviewers said. Only a graph with an overlay has such columns."""
        return column in self.arrays and bool(self.arrays[column][position])

    # Nearness ---------------------------------------------------------------------------------------------------------

    @cached_property
    def similarity_index(self) -> Similarity:
        return Similarity(self.arrays)

    @cached_property
    def paths(self) -> Paths:
        return Paths(self.arrays)

    @cached_property
    def prior_table(self) -> PriorTable:
        """Priors of the authored diseases, in the order of :meth:`list_authored`."""
        diseases = self.list_authored()
        return PriorTable(diseases, [self.card(disease) for disease in diseases])

    @cached_property
    def ranker(self) -> Ranker:
        """Made at the first question, in about half a second."""
        return Ranker(self.arrays)

    def similarity(self, one: ConceptLike | None, other: ConceptLike | None) -> float | None:
        """s in [0, 1] of spec §4: 1 for the same disease, else the larger of Lin and profile; None when either is."""
        if one is None or other is None:
            return None
        return self.similarity_index.of(self.get(one).index, self.get(other).index)

    def distance(self, one: ConceptLike, other: ConceptLike) -> int | None:
        """Steps on the shortest path over all relations; None when the two are not connected."""
        return self.paths.distance(self.get(one).index, self.get(other).index)
