"""What facts say about a diagnosis: for it, against it, and how strongly. Never reads the truth."""

from collections.abc import Sequence
from functools import lru_cache
from math import exp, log

from medaction.knowledge import KnowledgeGraph
from medaction.knowledge.relation import UNKNOWN_P

from .differential import Held
from .facts import Fact, Facts
from .links import BOUND, Links


class Scales:
    """Weighs facts against diagnoses. ``log_ratio`` is in natural logarithms, at most :data:`links.BOUND` a fact."""

    def __init__(self, graph: KnowledgeGraph, links: Links) -> None:
        self.graph = graph
        self.links = links
        self.log_ratio = lru_cache(maxsize=1_000_000)(self._log_ratio)
        self.argues = lru_cache(maxsize=1_000_000)(self._argues)
        self.narrowest = lru_cache(maxsize=20_000)(self._narrowest)
        self.strongest = lru_cache(maxsize=200_000)(self._strongest)
        self.unexplained = lru_cache(maxsize=50_000)(self._unexplained)
        self.total = lru_cache(maxsize=200_000)(self._total)
        self.knows = lru_cache(maxsize=20_000)(links.knows)

    def can_judge(self, held: Held) -> bool:
        """Whether the graph knows the diagnosis and states something of it."""
        return held.concept is not None and self.knows(held.concept.index)

    def _log_ratio(self, fact: Fact, disease: int) -> float:
        """0 where the graph is silent."""
        if fact.is_disease:
            return BOUND * self._named(fact, disease)
        ratio = self.links.log_ratio(fact.number, fact.present, disease)
        if ratio is not None:
            return ratio
        opposite = self.graph.opposite(self.graph.at(fact.number)) if fact.present else None
        # What cannot be true beside the fact is as good as absent.
        against = self.links.log_ratio(opposite.index, False, disease) if opposite else None
        return min(against or 0.0, 0.0)

    def _argues(self, fact: Fact, disease: int) -> int:
        """1 for, -1 against, 0 neither: a likelihood ratio of at least 2, at most ½, or between."""
        if fact.is_disease:
            return self._named(fact, disease)
        ratio = self._log_ratio(fact, disease)
        return 1 if exp(ratio) >= 2 - 1e-9 else -1 if exp(ratio) <= 0.5 + 1e-9 else 0

    def _named(self, fact: Fact, disease: int) -> int:
        """A passage that names the disease, or a kind of it, speaks for it; one that denies it or what it is a kind
        of, against it."""
        ancestors, same = self.graph.ancestors, self.graph.arrays["same"]
        if same[fact.number] == same[disease]:
            return 1 if fact.present else -1
        kind_of = disease in ancestors[fact.number] or fact.number in ancestors[disease]
        if not kind_of:
            return 0
        return 1 if fact.present else -int(fact.number in ancestors[disease])

    def _narrowest(self, facts: Facts) -> Facts:
        """Without the broader of two present findings on one is-a line: they are one observation, told twice."""
        present = {fact.number for fact in facts if fact.present and not fact.is_disease}
        broader = {a for number in present for a in self.graph.ancestors[number].tolist() if a != number}
        return tuple(fact for fact in facts if not (fact.present and fact.number in broader and not fact.is_disease))

    def _total(self, facts: Facts, disease: int) -> float:
        """The natural log of the combined likelihood ratio, as if the facts were independent given the disease."""
        return sum(self.log_ratio(fact, disease) for fact in self.narrowest(facts))

    def _unexplained(self, facts: Facts, diseases: tuple[int, ...]) -> tuple[Fact | None, float]:
        """The most telling new finding for which none of these diseases accounts, and the log ratio of a disease that
        would: of one that a passage names, or that has the finding with P = :data:`UNKNOWN_P`. (None, 0) without any.
        """
        open_facts = [f for f in self.narrowest(facts) if f.present and all(self.argues(f, d) <= 0 for d in diseases)]
        ratios = [BOUND if f.is_disease else log(UNKNOWN_P / self._background(f.number)) for f in open_facts]
        best = max(range(len(ratios)), key=lambda place: ratios[place], default=None)
        if best is None or ratios[best] <= 0:
            return None, 0.0
        return open_facts[best], min(ratios[best], BOUND)

    def _background(self, finding: int) -> float:
        return self.graph.background(self.graph.at(finding))

    def _strongest(self, facts: Facts, disease: int, side: int) -> Fact | None:
        """The fact that argues most for (``side`` 1) or against (-1) the disease; None when none does."""
        siding = [fact for fact in facts if self.argues(fact, disease) == side]
        return max(siding, key=lambda fact: side * self.log_ratio(fact, disease), default=None)

    def must_not_miss(self, disease: int) -> bool:
        at, members = self.graph.at, self.graph.similarity_index.equivalents(disease)
        return any(at(number).must_not_miss for number in members)

    # Words ------------------------------------------------------------------------------------------------------------

    @lru_cache(maxsize=50_000)  # noqa: B019 - one object lives as long as its graph
    def name(self, fact: Fact) -> str:
        """As it begins a sentence."""
        name = self.graph.at(fact.number).name
        return name[:1].upper() + name[1:] if fact.present else f"The absence of {lower(name)}"


@lru_cache(maxsize=50_000)
def lower(name: str) -> str:
    """A small first letter, unless the word is an abbreviation or a name with capitals inside."""
    first = name.split(" ", 1)[0]
    return name[:1].lower() + name[1:] if first[1:] == first[1:].lower() and len(first) > 1 else name


def odds_shift(held: Sequence[Held], ratios: Sequence[float]) -> float | None:
    """By how much Bayes' rule would move the probability of some listed diagnosis; None where one has none.

    ``ratios``: the log ratios of the listed; what the list leaves open keeps 0.
    """
    p = [one.p for one in held]
    if any(value is None for value in p):
        return None
    before = [value or 0.0 for value in p]
    after = [value * exp(ratio) for value, ratio in zip(before, ratios, strict=True)]
    total = sum(after) + max(0.0, 1 - sum(before))
    return max((abs(a / total - b) for a, b in zip(after, before, strict=True)), default=0.0) if total else None
