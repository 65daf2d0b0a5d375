"""Which item of a menu an order means. A wrong match is worse than a miss, so every doubt is a miss.

In order: the item's name or alias as written; the catalogue, where all names of a test are one, a panel is answered by
its components (and a component by a panel whose text names it, or that is normal as a whole; any test by an item whose
text states its result); scans by means and body site; the same words in another order, with at most a small difference;
and last the one item that is the same test of a narrower place. Slips of the keyboard are undone first.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from medaction.domain.case import Category, MenuItem
from medaction.domain.catalogue import load_catalogue
from medaction.domain.naming import catalogue_key, fill_from_catalogue, is_known_name, item_keys
from medaction.domain.observation import MatchMethod
from medaction.domain.orders import clean_order, split_orders
from medaction.domain.scans import match_scan
from medaction.domain.spelling import Spelling
from medaction.domain.stated import is_blanket_normal, list_stated, states_in_sample
from medaction.domain.vocabulary import (
    NEEDS_SPECIMEN,
    SIDES,
    SITES,
    Wording,
    names_only_a_place,
    normalise,
    read_wording,
    says_blood,
)

__all__ = ["TOKEN_THRESHOLD", "Match", "OrderMatcher", "matcher_for", "normalise", "split_orders"]

TOKEN_THRESHOLD = 0.75
CORRECTED_SCORE = 0.9
"""For a match that needed a slip of the keyboard undone: less than a name as written (a setting of ours)."""
_MEMORY = 4096
_BRACKETS = re.compile(r"\(([^()]*)\)")
_WHOLE_EXAM = frozenset(
    {"physical exam", "physical examination", "full physical examination", "complete physical examination"}
    | {"complete physical exam", "full physical exam", "examination", "clinical examination", "thorough physical exam"}
    | {"focused physical exam", "focused physical examination", "general and systemic examination"}
)


@dataclass(frozen=True, slots=True)
class Match:
    """``keys`` are the menu items that answer, in the order of the menu; ``name`` is what to call them together.

    ``key`` is the one item's key, or the panel's own when several items answer; None is a miss. ``score`` is 1 except
    for TOKENS, where it is the share of words in common, or :data:`CORRECTED_SCORE` when a slip was undone.
    """

    key: str | None = None
    method: MatchMethod = MatchMethod.NONE
    score: float = 0.0
    keys: tuple[str, ...] = ()
    name: str = ""


MISS = Match()


class OrderMatcher:
    """Matches orders against one menu. Depends on nothing but the menu, so it can be shared."""

    def __init__(self, menu: Sequence[MenuItem], *, threshold: float = TOKEN_THRESHOLD) -> None:
        self.items = {item.key: fill_from_catalogue(item) for item in menu}
        self._threshold = threshold
        self._by_name: dict[str, str] = {}
        self._by_alias: dict[str, str | None] = {}
        self._catalogue_keys = {item.key: item_keys(item) for item in menu}
        self._stated = {item.key: list_stated(item) for item in menu}
        self._wordings: list[tuple[MenuItem, Wording]] = []
        for item in self.items.values():
            self._by_name.setdefault(normalise(item.name), item.key)
            for alias in item.aliases:
                if self._by_alias.setdefault(normalise(alias), item.key) != item.key:
                    self._by_alias[normalise(alias)] = None
            self._wordings += [(item, read_wording(name)) for name in (item.name, *item.aliases)]
        self._spelling = Spelling(word for item in menu for name in (item.name, *item.aliases) for word in _words(name))
        self._memory: dict[str, Match] = {}

    def resolve(self, text: str) -> tuple[tuple[str, Match], ...]:
        """The single orders in a text, each with its match. A text that is itself a name on the menu is not split."""
        whole = clean_order(text)
        match = self._named(whole)
        if match is not MISS:
            return ((whole, match),)
        if corrected := self._spelling.correct(text):
            # Before it is split: a misspelt body site would fall away from its scan.
            return tuple((order, _as_corrected(match)) for order, match in self.resolve(corrected))
        return tuple((order, self.match(order)) for order in split_orders(text))

    def match(self, order: str) -> Match:
        """The best match of a single order, or a miss. Total: any text is an order."""
        known = self._memory.get(order)
        if known is None:
            known = self._find(order)
            if len(self._memory) < _MEMORY:
                self._memory[order] = known
        return known

    def _find(self, order: str) -> Match:
        cleaned = clean_order(order)
        if not read_wording(cleaned).tokens:
            return MISS
        named = self._named(cleaned)
        if named is not MISS or (names_only_a_place(cleaned) and not is_known_name(cleaned)):
            return named
        if corrected := self._spelling.correct(cleaned):
            return _as_corrected(self._find(corrected))
        for finder in (self._catalogued, self._bracketed, self._scanned, self._worded, self._narrower):
            match = finder(cleaned)
            if match is not MISS:
                return MISS if self._is_other_sample(cleaned, match) else match
        return MISS

    def _is_other_sample(self, order: str, match: Match) -> bool:
        """ "Serum toxicology" is not answered by a urine screen, although both are a toxicology screen."""
        if not says_blood(order):
            return False
        samples = [read_wording(self.items[key].name).specimens for key in match.keys]
        return all(sample and "blood" not in sample for sample in samples) and not _names_sample(order, samples)

    def _named(self, order: str) -> Match:
        name = normalise(order)
        if key := self._by_name.get(name):
            return self._single(key, MatchMethod.EXACT)
        if key := self._by_alias.get(name):
            return self._single(key, MatchMethod.ALIAS)
        if name in _WHOLE_EXAM:
            exams = [item.key for item in self.items.values() if item.category is Category.EXAM]
            return self._several(exams, "physical_examination", "Physical examination")
        return MISS

    def _catalogued(self, order: str) -> Match:
        wanted = catalogue_key(order)
        if wanted is None:
            return MISS
        entry = load_catalogue()[wanted]
        same = [key for key, keys in self._catalogue_keys.items() if wanted in keys]
        if same:
            return self._several(same, wanted, entry.name)
        if entry.components:
            return self._panel(wanted, frozenset(entry.components))
        for key, keys in self._catalogue_keys.items():
            held = any(wanted in load_catalogue()[other].components for other in keys)
            text = self.items[key].result
            if held and (is_blanket_normal(text) or _mentions(text, entry.names)):
                return self._single(key, MatchMethod.CATALOGUE)
        stating = [key for key, stated in self._stated.items() if wanted in stated]
        return self._several(stating, wanted, entry.name)

    def _panel(self, wanted: str, components: frozenset[str]) -> Match:
        """A larger panel that holds this one, or else the components that are on the menu by themselves."""
        parts = []
        for key, keys in self._catalogue_keys.items():
            for other in keys:
                held = frozenset(load_catalogue()[other].components)
                if held >= components:
                    return self._single(key, MatchMethod.CATALOGUE)
                if other in components or (held and held < components):
                    parts.append(key)
                    break
        return self._several(parts, wanted, load_catalogue()[wanted].name)

    def _bracketed(self, order: str) -> Match:
        """ "Complete blood count (CBC)": try without the brackets, then what is inside them."""
        inside = _BRACKETS.findall(order)
        if not inside:
            return MISS
        outside = _BRACKETS.sub(" ", order).strip()
        if not read_wording(outside).tokens:
            return self._find(inside[0])
        for finder in (self._named, self._catalogued):
            match = finder(outside)
            if match is not MISS:
                return match
        wording = read_wording(outside)
        # "CSF analysis (glucose)" must not become blood glucose: the words outside say where from.
        if len(inside) > 1 or wording.sites or wording.specimens or catalogue_key(outside):
            return MISS
        named = self._named(inside[0])
        return named if named is not MISS else self._catalogued(inside[0])

    def _scanned(self, order: str) -> Match:
        keys, whole = match_scan(read_wording(order), self._wordings)
        if whole and keys:
            return self._single(keys[0], MatchMethod.TOKENS)
        return self._several(keys, normalise(order).replace(" ", "_"), order, MatchMethod.TOKENS)

    def _worded(self, order: str) -> Match:
        wording = read_wording(order)
        wanted = catalogue_key(order)
        best, best_score = MISS, 0.0
        for item, other in self._wordings:
            keys = self._catalogue_keys[item.key]
            if wanted is not None and keys and wanted not in keys:
                continue
            score = similarity(wording, other)
            if score < self._threshold or score < best_score:
                continue
            if score == best_score and best.key != item.key:
                best = MISS  # two items are equally near: the order does not say which
            elif score > best_score:
                best = Match(item.key, MatchMethod.TOKENS, round(score, 3), (item.key,), item.name)
            best_score = score
        return best

    def _narrower(self, order: str) -> Match:
        """ "Lymph node biopsy" by the cervical one, "MRI brain" by "head imaging": if just one item can be meant."""
        wording = read_wording(order)
        meant = dict.fromkeys(
            item.key
            for item, other in self._wordings
            if is_narrower_sample(wording, other) or is_unnamed_means(wording, other) or states_in_sample(item, wording)
        )
        return self._single(next(iter(meant)), MatchMethod.TOKENS) if len(meant) == 1 else MISS

    def _single(self, key: str, method: MatchMethod) -> Match:
        return Match(key, method, 1.0, (key,), self.items[key].name)

    def _several(self, keys: Sequence[str], key: str, name: str, method: MatchMethod = MatchMethod.CATALOGUE) -> Match:
        if len(keys) == 1:
            return self._single(keys[0], method)
        return Match(key, method, 1.0, tuple(keys), name) if keys else MISS


def _as_corrected(match: Match) -> Match:
    return match if match is MISS else replace(match, method=MatchMethod.TOKENS, score=CORRECTED_SCORE)


def _words(name: str) -> list[str]:
    return normalise(name).split()


def _names_sample(order: str, samples: Sequence[frozenset[str]]) -> bool:
    """Whether the order itself names each sample ("serum and urine electrophoresis")."""
    return all(read_wording(order).specimens & sample for sample in samples)


def similarity(order: Wording, name: Wording) -> float:
    """Share of words in common (Jaccard index), or 0 where place, side, specimen or means disagree."""
    if order.sites != name.sites or order.sides != name.sides or order.modalities != name.modalities:
        return 0.0
    if order.specimens != name.specimens and not _blood_is_meant(order, name):
        return 0.0
    if any(bool(order.tokens & pair) and order.tokens & pair != name.tokens & pair for pair in _OPPOSITES):
        return 0.0
    union = len(order.tokens | name.tokens)
    return len(order.tokens & name.tokens) / union if union else 0.0


def is_narrower_sample(order: Wording, name: Wording) -> bool:
    """Whether a name is the ordered sample of tissue, from within the ordered place, which the order must name."""
    if not (order.tokens & NEEDS_SPECIMEN and order.sites) or order.modalities != name.modalities:
        return False
    extra = name.tokens - order.tokens
    return order.tokens < name.tokens and extra <= SITES | SIDES and not extra & order.sites


def is_unnamed_means(order: Wording, name: Wording) -> bool:
    """Whether a name is imaging of just the ordered place, without saying by what means."""
    by_any = name.tokens == name.sites | {"scan"} and bool(name.sites) and name.sites == order.sites
    return by_any and order.modalities in ({"ct"}, {"mri"}) and order.rest <= {"scan"} and not order.sides


def _blood_is_meant(order: Wording, name: Wording) -> bool:
    if order.specimens - {"blood"} or name.specimens - {"blood"}:
        return False
    return not (order.tokens | name.tokens) & NEEDS_SPECIMEN


# Words of which one may not stand for another, nor be left out.
_OPPOSITES = tuple(
    frozenset(group.split())
    for group in (
        "igg igm iga ige",
        "antigen antibody",
        "direct indirect total free",
        "systolic diastolic",
        "arterial venous capillary artery",
        "upper lower",
        "a b c d e",
        "1 2 3 4 5 6 7 8 9 12 19",
        "t3 t4",
        "culture gram smear microscopy pcr cytology biopsy",
        "fasting random",
    )
)


def _mentions(text: str, names: Sequence[str]) -> bool:
    """Whether a result names a test, as whole words."""
    padded = f" {normalise(text)} "
    return any(f" {normalise(name)} " in padded for name in names)


@lru_cache(maxsize=4096)
def matcher_for(menu: tuple[MenuItem, ...], threshold: float = TOKEN_THRESHOLD) -> OrderMatcher:
    """The matcher of a menu, shared by all environments on it."""
    return OrderMatcher(menu, threshold=threshold)
