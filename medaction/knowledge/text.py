"""One written form for names that differ only in case, spelling, plural or punctuation."""

import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b

from .wording import FILLER_WORDS, SAME_WORDS

_GREEK = str.maketrans({"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "κ": "kappa", "λ": "lambda", "µ": "mu"})
_ROMAN = {
    "i": "1",
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "v": "5",
    "vi": "6",
    "vii": "7",
    "viii": "8",
    "ix": "9",
    "x": "10",
}
_NUMBERED = re.compile(r"\b(type|stage|grade|class|factor|nerve) (viii|vii|vi|iv|ix|iii|ii|i|v|x)\b")
# British endings to American ones. Both sides of every comparison pass through here, so a rule may be blunt.
_SPELLING = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"[ao]e", "e"),
        (r"(?<=[a-z]{2})our(?=(s|ed|ing|al|less|ful)?\b)", "or"),
        (r"is(?=(e|ed|es|ing|ation|ations)\b)", "iz"),
        (r"ys(?=(e|ed|es|ing)\b)", "yz"),
        (r"(?<=[a-z]{2})([tb])res?\b", r"\1er"),
        (r"ph(?=(ur|ate|a|onamide|onylurea))(?<=sulph)", "f"),
        (r"grey", "gray"),
        (r"leuco", "leuko"),
        (r"mould", "mold"),
    )
)
_PLURALS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(?<=[a-z]{4})oses$", "osis"),
        (r"stases$", "stasis"),
        (r"(?<=[a-z]{2})ies$", "y"),
        (r"(ss|x|ch|sh|us)es$", r"\1"),
        (r"(?<=[a-z]{2})(?<![siu])s$", ""),
    )
)
_POSSESSIVE = re.compile(r"'s\b")
_WORD = re.compile(r"[a-z0-9]+")


@lru_cache(maxsize=200_000)
def fold(text: str) -> str:
    """Lower case, no accents, American spelling, singular words, single spaces, no punctuation or possessives."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_GREEK))
        text = "".join(char for char in text if not unicodedata.combining(char)).replace("’", "'")
    text = text.lower()
    if "'" in text:
        text = _POSSESSIVE.sub("", text).replace("'", "")
    text = " ".join(_WORD.findall(text.replace("&", " and ").replace("+", " plus ")))
    text = _NUMBERED.sub(lambda found: f"{found[1]} {_ROMAN[found[2]]}", text)
    for pattern, replacement in _SPELLING:
        text = pattern.sub(replacement, text)
    return " ".join(map(singular, text.split()))


@lru_cache(maxsize=100_000)
def singular(word: str) -> str:
    for pattern, replacement in _PLURALS:
        changed, count = pattern.subn(replacement, word)
        if count:
            return changed
    return word


def word_bag(key: str) -> str:
    """A folded name's words, sorted, synonyms made one and filler left out; marked so that it equals no plain name."""
    return "~" + " ".join(sorted({SAME_WORDS.get(word, word) for word in key.split() if word not in FILLER_WORDS}))


def key_hash(key: str) -> int:
    """64 bits of BLAKE2b: with a million names, two share a hash with a chance of about 1 in 40 million."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "little")
