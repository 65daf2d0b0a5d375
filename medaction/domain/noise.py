"""Orders written less well, for robustness runs: seeded slips of the keyboard, and other words for the same test.

The same text and seed give the same noise. A paraphrase keeps the meaning (another name of the catalogue, or a request
around it); a typo changes one letter of one longer word, as fingers do.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from medaction.domain.actions import Action, TestOrder
from medaction.domain.case import MenuItem
from medaction.domain.catalogue import load_catalogue
from medaction.domain.matching import matcher_for
from medaction.domain.naming import catalogue_key
from medaction.domain.vocabulary import normalise

_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {
    letter: "".join(row[max(0, at - 1) : at] + row[at + 1 : at + 2])
    for row in _KEYBOARD
    for at, letter in enumerate(row)
}
_SHORTEST_WORD = 5  # a slip in an abbreviation makes another abbreviation, which no reader could undo
_REQUESTS = (
    "{}",
    "please order {}",
    "I would like to obtain {}",
    "{} to look for the cause",
    "let us check {}",
    "repeat {}",
)


@dataclass(frozen=True, slots=True)
class NoiseSettings:
    """``typos`` and ``paraphrases`` are the shares of orders (0 … 1) that get one; ``seed`` makes it repeatable."""

    seed: int = 0
    typos: float = 0.0
    paraphrases: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.typos <= 1 and 0 <= self.paraphrases <= 1):
            raise ValueError("typos and paraphrases must be between 0 and 1")


def add_noise(action: Action | None, settings: NoiseSettings) -> Action | None:
    """The action with noise in its orders; a diagnosis, or an unreadable turn, stays as it is."""
    if not isinstance(action, TestOrder):
        return action
    return TestOrder(tuple(noisy_order(order, settings) for order in action.tests))


def noisy_order(order: str, settings: NoiseSettings) -> str:
    """One order as a hurried writer might put it."""
    # Seeded by the text: Python's hash of a string differs from process to process, random's own seeding does not.
    chance = random.Random(f"{settings.seed}\x00{order}")  # noqa: S311 - not for secrets
    if chance.random() < settings.paraphrases:
        order = paraphrase(order, chance)
    if chance.random() < settings.typos:
        order = misspell(order, chance)
    return order


def paraphrase(order: str, chance: random.Random) -> str:
    """Another name of the same test, where the catalogue knows it, in one of a few ways of asking."""
    key = catalogue_key(order)
    if key is not None:
        names = [name for name in load_catalogue()[key].names if normalise(name) != normalise(order)]
        # A name that means several tests would change the order.
        own = [name for name in names if catalogue_key(name) == key]
        order = chance.choice(own) if own else order
    return chance.choice(_REQUESTS).format(order)


def misspell(order: str, chance: random.Random) -> str:
    """One slip in one word of five letters or more; a text without such a word is left alone."""
    words = order.split(" ")
    long = [at for at, word in enumerate(words) if len(word) >= _SHORTEST_WORD and word.isalpha()]
    if not long:
        return order
    at = chance.choice(long)
    words[at] = _slip(words[at], chance)
    return " ".join(words)


def _slip(word: str, chance: random.Random) -> str:
    place = chance.randrange(1, len(word) - 1)
    kind = chance.choice(("swap", "drop", "double", "neighbour"))
    if kind == "swap":
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if kind == "drop":
        return word[:place] + word[place + 1 :]
    if kind == "double":
        return word[:place] + word[place] + word[place:]
    near = _NEIGHBOURS.get(word[place].lower(), "")
    return word[:place] + (chance.choice(near) if near else word[place]) + word[place + 1 :]


class Answer(StrEnum):
    """What the matcher made of a noisy order for a known item."""

    RIGHT = "right"
    MISSED = "missed"
    WRONG = "wrong"


@dataclass(slots=True)
class NoiseReport:
    """Counts of answers, and up to fifty orders that were answered by another item."""

    counts: dict[Answer, int] = field(default_factory=lambda: dict.fromkeys(Answer, 0))
    wrong: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def orders(self) -> int:
        return sum(self.counts.values())

    def share(self, answer: Answer) -> float:
        return self.counts[answer] / self.orders if self.orders else 0.0


def measure_noise(menus: Iterable[Sequence[MenuItem]], settings: NoiseSettings) -> NoiseReport:
    """Order every item of every menu by its name, with noise, and count what comes back."""
    report = NoiseReport()
    for menu in menus:
        matcher = matcher_for(tuple(menu))
        for item in menu:
            order = noisy_order(item.name, settings)
            keys = {key for _, match in matcher.resolve(order) for key in match.keys}
            answer = Answer.RIGHT if item.key in keys else Answer.WRONG if keys else Answer.MISSED
            report.counts[answer] += 1
            if answer is Answer.WRONG and len(report.wrong) < 50:
                report.wrong.append((order, item.key, ", ".join(sorted(keys))))
    return report
