"""The words of orders: spellings folded together, and which words say where, what from, and by what means."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

_DATA: dict[str, Any] = yaml.safe_load(files(__package__).joinpath("vocabulary.yaml").read_text(encoding="utf-8"))
_SPELLINGS: dict[str, str] = _DATA["spellings"]
_PHRASES = {wording: name for name, wordings in _DATA["phrases"].items() for wording in wordings}
_WORDS = {wording: name for name, wordings in _DATA["words"].items() for wording in wordings}
_NOISE = frozenset(_DATA["noise"])
SITES = frozenset(_DATA["sites"])
SPECIMENS = frozenset(_DATA["specimens"])
SIDES = frozenset({"left", "right"})
MODALITIES = frozenset({"ct", "mri", "mra", "cta", "mrcp", "pet", "xray", "ultrasound"})
DEPENDENT = SITES | SPECIMENS | SIDES | frozenset(_DATA["dependent"])
# With one of these, a specimen that is not named may be any; elsewhere a blood sample is meant.
NEEDS_SPECIMEN = frozenset({"culture", "gram", "smear", "microscopy", "stain", "cytology", "biopsy", "aspirate"})
_GREEK = {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "κ": "kappa", "λ": "lambda", "µ": "u"}
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_BLOOD = frozenset({"serum", "plasma", "blood"})
_POSSESSIVE = re.compile(r"['’`]s\b")
_XRAY = re.compile(r"\bx ?rays?\b")


@lru_cache(maxsize=65536)
def normalise(text: str) -> str:
    """Lower case, American spelling, words parted by single spaces; accents, marks and possessives gone."""
    folded = text.casefold()
    if not folded.isascii():
        for letter, name in _GREEK.items():
            folded = folded.replace(letter, name)
        folded = _POSSESSIVE.sub("", folded)
        folded = "".join(char for char in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(char))
    folded = _POSSESSIVE.sub("", folded).replace("&", " and ")
    for british, american in _SPELLINGS.items():
        folded = folded.replace(british, american)
    return _XRAY.sub("xray", _NOT_WORD.sub(" ", folded).strip())


_PHRASE = re.compile(r"\b(?:" + "|".join(sorted(map(re.escape, _PHRASES), key=len, reverse=True)) + r")\b")


@dataclass(frozen=True, slots=True)
class Wording:
    """The tokens of a name, sorted by what they say. ``rest`` is what is neither place, side nor means."""

    tokens: frozenset[str]
    sites: frozenset[str]
    sides: frozenset[str]
    specimens: frozenset[str]
    modalities: frozenset[str]
    rest: frozenset[str]


@lru_cache(maxsize=65536)
def tokenise(text: str) -> tuple[str, ...]:
    """Tokens of a text in their order: phrases and synonyms folded, plurals cut, empty words kept."""
    replaced = _PHRASE.sub(lambda found: _PHRASES[found.group()], normalise(text))
    return tuple(_WORDS.get(word, word) for word in map(_singular, replaced.split()))


def _singular(word: str) -> str:
    if word in _WORDS or len(word) <= 3 or not word.endswith("s"):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word if word.endswith(("ss", "us", "is")) else word[:-1]


def says_blood(text: str) -> bool:
    """Whether a text names blood as the sample ("serum …"), which :func:`read_wording` leaves out where it can."""
    return not _BLOOD.isdisjoint(normalise(text).split())


def names_only_a_place(text: str) -> bool:
    """ "Liver", "the kidneys": a place is no test, whatever tests there are of it."""
    return all(token in SITES or token in SIDES or token in ("the", "a") for token in tokenise(text))


@lru_cache(maxsize=65536)
def read_wording(text: str) -> Wording:
    """What a name says, without its empty words."""
    tokens = frozenset(token for token in tokenise(text) if token not in _NOISE)
    sites, sides, modalities = tokens & SITES, tokens & SIDES, tokens & MODALITIES
    if modalities:
        # "CT scan chest" is a CT of the chest; "liver scan" without its scan would be any test of the liver.
        tokens -= {"scan"}
    return Wording(tokens, sites, sides, tokens & SPECIMENS, modalities, tokens - sites - sides - modalities)
