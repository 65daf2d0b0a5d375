"""Which finding a written name means: authored names first, then HPO labels, then HPO's exact synonyms."""

from collections import defaultdict
from collections.abc import Iterable
from difflib import get_close_matches

from .sources.authored import AuthoredFinding
from .sources.obo import Hpo
from .text import fold


class FindingNames:
    """Authored entries with ``hpo`` resolve to that HPO term: one meaning has one concept id."""

    def __init__(self, hpo: Hpo, findings: Iterable[AuthoredFinding]) -> None:
        self._hpo = hpo
        self._tiers: tuple[dict[str, set[str]], ...] = tuple(defaultdict(set) for _ in range(4))
        self.labels: dict[str, str] = {}
        for finding in findings:
            concept = finding.hpo or finding.id
            self.labels[concept] = finding.name
            self._tiers[0][fold(finding.name)].add(concept)
            for alias in finding.aliases:
                self._tiers[1][fold(alias)].add(concept)
        for term in hpo.terms.values():
            if term.obsolete:
                continue
            self.labels.setdefault(term.id, term.name)
            self._tiers[2][fold(term.name)].add(term.id)
            for synonym in term.synonyms:
                if synonym.scope == "EXACT":
                    self._tiers[3][fold(synonym.text)].add(term.id)
        self._spelled = {key: key for tier in self._tiers for key in tier}

    def resolve(self, name: str) -> str | None:
        """The one concept with this name in the strongest tier that has it; None when unknown or ambiguous."""
        found = self.candidates(name)
        return found[0] if len(found) == 1 else None

    def candidates(self, name: str) -> list[str]:
        key = fold(name)
        for tier in self._tiers:
            if key in tier:
                return sorted(tier[key])
        return []

    def suggest(self, name: str, count: int = 4) -> list[str]:
        """Names to offer an author: sharing the most words, or spelled nearly the same. Never used to link."""
        key = fold(name)
        words = set(key.split())
        shared = sorted(
            (-len(words & set(known.split())) / len(words | set(known.split())), len(known), known)
            for known in self._spelled
            if words & set(known.split())
        )
        near = get_close_matches(
            key, [known for _, _, known in shared[:400]] or list(self._spelled), n=count, cutoff=0.6
        )
        ordered = dict.fromkeys([*near, *(known for _, _, known in shared[:count])])
        labels = (self.labels[concept] for known in ordered for concept in self.candidates(known))
        return list(dict.fromkeys(labels))[:count]

    def explain_failure(self, name: str) -> str:
        """A sentence for an author: ambiguous between which, or unknown with the nearest names."""
        if found := self.candidates(name):
            meanings = " or ".join(f"{self.labels[c]} ({c})" for c in found)
            return f"finding {name!r} could be {meanings}: use one of those names"
        near = ", ".join(repr(label) for label in self.suggest(name))
        return f"finding {name!r} is unknown; nearest: {near or 'none'} (or add it to findings/<system>.yaml)"
