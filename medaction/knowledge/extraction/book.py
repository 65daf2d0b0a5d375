"""The names to look for: findings (authored and HPO), authored diseases, and measured things."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from medaction.domain.case import Category
from medaction.domain.catalogue import load_catalogue, load_quantities
from medaction.domain.quantities import Quantity

from ..compiling.concepts import KINDS
from ..compiling.names import BAG
from ..graph import KnowledgeGraph
from ..model import Kind
from ..store import Strings
from ..text import fold, key_hash
from ..wording import FILLER_WORDS, SAME_WORDS, SEVERITIES, SIDES
from .cues import read_yaml

LONGEST_BAG = 5
_LEVEL_WORDS = {
    **dict.fromkeys(("elevated", "raized", "high", "increased"), "high"),
    **dict.fromkeys(("low", "reduced", "decreased"), "low"),
    "positive": "positive",
}
# HPO: abnormality of metabolism or homeostasis; of blood and blood-forming tissues.
_LABORATORY = frozenset({"HP:0001939", "HP:0001871"})
_LEVELS = ("high", "low", "positive", "normal")
_RAW = read_yaml("wording.yaml")
# Words that say nothing about which finding is meant; and names too broad to be evidence, or named by accident.
_IDLE = FILLER_WORDS | SIDES | SEVERITIES | frozenset(_RAW["idle"])
_TOO_BROAD = frozenset(_RAW["too_broad"])


@dataclass(slots=True)
class Measure:
    """A measured thing: the finding at each level (``high``, ``low``, ``positive``, ``normal``), and what of the test
    catalogue it is. ``bare`` and ``most`` are those of :func:`.ranges.usual_level`."""

    findings: dict[str, str] = field(default_factory=dict)
    quantities: tuple[Quantity, ...] = ()
    bare: tuple[str, ...] | None = None
    most: float = float("inf")


@dataclass(frozen=True, slots=True)
class Named:
    """What a name means: a finding or a disease, or both when they share it. ``also``: further findings of a drug."""

    finding: str | None = None
    disease: str | None = None
    also: tuple[str, ...] = ()

    @property
    def concepts(self) -> tuple[str, ...]:
        return tuple(concept for concept in (self.finding, self.disease, *self.also) if concept is not None)


class Book:
    """``names`` and ``bags`` by folded words, ``measures`` by name, ``normals`` by phrase. Built in about a second."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        raw = _RAW
        self._same = {fold(word): fold(meaning) for word, meaning in raw["same"].items()}
        names: dict[str, Named] = {}
        for key, number in list_keys(graph, "finding", authored_only=False):
            if key not in _TOO_BROAD and len(key) > 2:
                names[key] = Named(finding=graph.at(number).id)
        findings = {key: named.finding for key, named in names.items() if named.finding}
        for phrase, name in raw["phrases"].items():
            names[fold(phrase)] = Named(finding=resolve(graph, name))
        for key, found in _drugs(graph).items():
            names[key] = Named(found[0], None, found[1:])
        for key, number in list_keys(graph, "disease", authored_only=True):
            names[key] = replace(names.get(key, Named()), disease=graph.at(number).id)
        for key in [key for key in names if " and " in key and all(half in names for half in key.split(" and "))]:
            del names[key]  # "nausea and vomiting" is two findings, which may be denied together
        self.names = names
        self.lengths = _lengths(names)
        parts = {fold(whole): [fold(part) for part in rows] for whole, rows in raw["parts"].items()}
        self.bags = self._bag_index(names, parts)
        self.normals = {fold(phrase): tuple(resolve(graph, n) for n in rows) for phrase, rows in raw["normal"].items()}
        self.normal_lengths = _lengths(self.normals)
        self.measures = self._measures(graph, findings)
        self.measure_lengths = _lengths(self.measures)

    def content(self, key: str) -> tuple[str, ...]:
        """A folded word as it counts in a bag: one or two words, or none when it says nothing."""
        if key in _IDLE:
            return ()
        word = self._same.get(key, key)
        return tuple(SAME_WORDS.get(part, part) for part in word.split())

    def bag(self, words: Iterable[str]) -> str:
        return " ".join(sorted(set(words)))

    def _bag_index(self, names: Mapping[str, Named], parts: Mapping[str, list[str]]) -> dict[str, Named]:
        """By the sorted words of each name; then, where no name has them, with a part named for the whole ("knee
        swelling" is joint swelling). A word set that means two findings is left out."""
        bags: dict[str, set[Named]] = defaultdict(set)
        wholes: dict[str, set[Named]] = defaultdict(set)
        for key, named in names.items():
            words = {part for word in key.split() for part in self.content(word)}
            plain = SIDES.isdisjoint(key.split()) and SEVERITIES.isdisjoint(key.split())
            shrunk = len(words) == 1 and (" " in key or named.finding is None)
            if not plain or shrunk or not 1 <= len(words) <= LONGEST_BAG or " ".join(words) in _TOO_BROAD:
                continue
            bags[self.bag(words)].add(named)
            for whole in words & set(parts) if named.finding and len(words) > 1 else ():
                for part in parts[whole]:
                    wholes[self.bag({*(words - {whole}), *self.content(part)})].add(named)
        for bag, found in wholes.items():
            bags.setdefault(bag, found)
        return {bag: next(iter(found)) for bag, found in bags.items() if len(found) == 1}

    def _measures(self, graph: KnowledgeGraph, findings: Mapping[str, str]) -> dict[str, Measure]:
        """Those of ``measures.yaml``, and every thing of which the vocabulary knows an "elevated" or a "positive"."""
        measures: dict[str, Measure] = {}
        known = load_quantities()
        for row in read_yaml("measures.yaml"):
            levels = {level: resolve(graph, row[level]) for level in _LEVELS if level in row}
            measure = Measure(
                levels,
                tuple(known[key] for key in row.get("quantities", ())),
                tuple(row["bare"]) if "bare" in row else None,
                row.get("most", float("inf")),
            )
            for name in row["names"]:
                measures[" ".join(fold(str(name)).split())] = measure
        for key, concept in findings.items():
            words = key.split()
            if len(words) < 2 or not (_LEVEL_WORDS.get(words[0]) or words[-1] == "positive"):
                continue
            if "positive" not in words and not _is_laboratory(graph, concept):
                continue
            if level := _LEVEL_WORDS.get(words[0]):
                thing = " ".join(words[1:])
            else:
                level, thing = "positive", " ".join(words[:-1])
            for name in {thing, thing.removesuffix(" level"), thing.removeprefix("serum ")}:
                if len(name) > 2 and name not in _TOO_BROAD:
                    measures.setdefault(name, Measure()).findings.setdefault(level, concept)
        for name in [name for name in measures if name.endswith(" antibody")]:
            measures.setdefault(name.removesuffix(" antibody"), measures[name])
        return measures


def resolve(graph: KnowledgeGraph, name: str) -> str:
    """The id of an authored wording's finding. Raises ``ValueError`` for a name that the graph does not know."""
    link = graph.concept(name, Kind.FINDING)
    if link is None:
        raise ValueError(f"extraction names the finding {name!r}, which the graph does not know")
    return link.concept.id


def _drugs(graph: KnowledgeGraph) -> dict[str, tuple[str, ...]]:
    """Folded names of medicines, each with the findings that taking it is."""
    found: dict[str, dict[str, None]] = {}
    for finding, drugs in read_yaml("drugs.yaml").items():
        for drug in drugs:
            found.setdefault(fold(drug), {})[resolve(graph, finding)] = None
    return {drug: tuple(findings) for drug, findings in found.items()}


def _is_laboratory(graph: KnowledgeGraph, concept: str) -> bool:
    """Whether a laboratory shows the finding: only then can "increased" beside its name mean it."""
    number = graph.get(concept).index
    if any(graph.at(above).id in _LABORATORY for above in graph.ancestors[number].tolist()):
        return True
    catalogue = load_catalogue()
    starts = graph.arrays["reveal_starts"]
    tests = graph.arrays["reveal_test"][starts[number] : starts[number + 1]]
    keys = (graph.at(int(test)).id.removeprefix("TEST:") for test in tests)
    return any(catalogue[key].category is Category.LAB for key in keys if key in catalogue)


def list_keys(graph: KnowledgeGraph, kind: str, *, authored_only: bool) -> Iterator[tuple[str, int]]:
    """Every folded name of one kind of concept with the concept's number; ambiguous names are left out."""
    column = graph.arrays
    concepts, tiers = column["name_concepts"], column["name_tiers"]
    wanted = (column["concept_kinds"][concepts] == KINDS.index(kind)) & (tiers < BAG)
    if authored_only:
        wanted &= np.isin(concepts, column["card_concepts"])
    best: dict[int, tuple[int, set[int]]] = {}
    for position in np.flatnonzero(wanted).tolist():
        hashed, tier, number = int(column["name_hashes"][position]), int(tiers[position]), int(concepts[position])
        known = best.get(hashed)
        if known is None or tier < known[0]:
            best[hashed] = (tier, {number})
        elif tier == known[0]:
            known[1].add(number)
    for text in _texts(graph):
        found = best.get(key_hash(text))
        if found and len(found[1]) == 1:
            yield text, next(iter(found[1]))


def _texts(graph: KnowledgeGraph) -> Iterator[str]:
    blob, starts = graph.arrays["text_blob"], graph.arrays["text_starts"].tolist()
    if len(blob) and int(blob.max()) < 128:
        whole = bytes(blob).decode()
        yield from (whole[start:end] for start, end in pairwise(starts))
    else:
        texts = Strings(blob, graph.arrays["text_starts"])
        yield from (texts[number] for number in range(len(texts)))


def _lengths(phrases: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """For each first word, how long the phrases that begin with it are, longest first."""
    lengths: dict[str, set[int]] = defaultdict(set)
    for phrase in phrases:
        words = phrase.split()
        if words:
            lengths[words[0]].add(len(words))
    return {word: tuple(sorted(found, reverse=True)) for word, found in lengths.items()}
