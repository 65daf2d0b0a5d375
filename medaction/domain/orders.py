"""Splitting one written order into the tests that it asks for."""

import re

from medaction.domain.naming import is_known_name
from medaction.domain.vocabulary import DEPENDENT, SPECIMENS, read_wording, tokenise

_HEADING = re.compile(
    r"^\s*(?:labs?|lab(?:oratory)? tests?|laboratory|blood ?work|bloods?|blood tests?|imaging|investigations?|tests?"
    r"|orders?)\s*:\s*",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")
_REQUEST = re.compile(
    r"^(?:(?:please|let us|let's|i would like to|i want to|we should|also|and|then)\s+)*"
    r"(?:(?:order|obtain|get|perform|do|check|send|request|run|arrange|measure|repeat)\s+(?:an?\s+|the\s+)?)?",
    re.IGNORECASE,
)
_PURPOSE = re.compile(
    r"\s+(?:in order\s+)?to\s+(?:rule|evaluate|assess|look|check|confirm|exclude|determine|detect|screen|see|identify"
    r"|monitor|investigate|characteri[sz]e|help|establish|quantify|differentiate)\b.*$"
    r"|\s+(?:for (?:suspected|possible|evaluation|assessment|signs|evidence|further)|looking for|if not|given)\b.*$"
    r"|\s+(?:if (?:abnormal|normal|needed|necessary|indicated|available|possible|positive|negative)"
    r"|before (?:antibiotics|treatment|therapy|starting|giving))\b.*$",
    re.IGNORECASE | re.DOTALL,
)
_STRONG = re.compile(r"\s*[;\n\r]+\s*|\s+\+\s+")
_COMMA = re.compile(r"\s*,\s*(?:and\s+|plus\s+|as well as\s+)?", re.IGNORECASE)
_AND = re.compile(r"\s+(?:and|plus|as well as|along with)\s+|\s+&\s+", re.IGNORECASE)
_WITH_AND_WITHOUT = re.compile(r"\bwith(?:out)?\s+and\s+with(?:out)?\b(?:\s+(?:iv\s+)?contrast)?", re.IGNORECASE)
_VIEWS = re.compile(r"\b(?:pa|ap)\s+and\s+lateral\b", re.IGNORECASE)
_SHARED_TEST = re.compile(r"(\S+)\s+(?:and|&)\s+(\S+)\s+(.+)$", re.IGNORECASE)
_CLASSES = re.compile(r"(.*\S\s)([A-E]|Ig[GMAE])\s+(?:and|&)\s+([A-E]|Ig[GMAE])\b(.*)$")
_SPECIMEN_WORDS = SPECIMENS | {"serum", "plasma"}
MAX_ORDER_LENGTH = 400


def clean_order(text: str) -> str:
    """The order without bullet, request words ("please obtain a …") and purpose ("… to rule out …")."""
    text = _BULLET.sub("", " ".join(text[:MAX_ORDER_LENGTH].split()))
    text = _REQUEST.sub("", _PURPOSE.sub("", text), count=1)
    return text.strip(" .,:;-")


def split_orders(text: str) -> list[str]:
    """The single orders in a text. What one test needs stays together: "CT chest, abdomen and pelvis" is one order.

    A known name is never split; a part that cannot stand alone (a body site, a view, a letter) stays with its test.
    Specimens that share a test are dealt out: "blood and urine cultures" is two orders.
    """
    orders: list[str] = []
    for block in _STRONG.split(text[:MAX_ORDER_LENGTH]):
        orders += _split_block(_HEADING.sub("", clean_block(block)))
    return list(dict.fromkeys(orders))


def clean_block(block: str) -> str:
    cleaned = clean_order(block)
    return _VIEWS.sub("", _WITH_AND_WITHOUT.sub("with contrast", cleaned)) if " and " in cleaned.lower() else cleaned


def _split_block(block: str) -> list[str]:
    if not block or is_known_name(block):
        return [block] if block else []
    parts: list[str] = []
    for part in _outside_brackets(_COMMA, block):
        pieces = _split_and(part)
        if parts and len(pieces) == 1 and _is_dependent(pieces[0]) and _has_site(parts[-1]):
            parts[-1] += f", {pieces[0]}"
        else:
            parts += pieces
    return _join_dependent(parts, ", ")


def _split_and(part: str) -> list[str]:
    dealt = _deal_out(part)
    if len(dealt) > 1 or is_known_name(part):
        return dealt
    return _join_dependent(_outside_brackets(_AND, part), " and ")


def _outside_brackets(separator: re.Pattern[str], text: str) -> list[str]:
    """Split at the separator where no bracket is open."""
    pieces, start = [], 0
    for found in separator.finditer(text):
        before = text[: found.start()]
        if before.count("(") <= before.count(")"):
            pieces.append(text[start : found.start()])
            start = found.end()
    pieces.append(text[start:])
    return [piece.strip(" .,:;-") for piece in pieces if piece.strip(" .,:;-")]


def _join_dependent(pieces: list[str], glue: str) -> list[str]:
    """Give each piece that cannot stand alone to a neighbour: back to a test with a site, else forward."""
    joined: list[str] = []
    waiting = ""
    for piece in pieces:
        piece = f"{waiting}{piece}"
        waiting = ""
        if not _is_dependent(piece):
            joined.append(piece)
        elif joined and (_has_site(joined[-1]) or piece is pieces[-1]):
            joined[-1] += f"{glue}{piece}"
        else:
            waiting = f"{piece}{glue}"
    if waiting:
        joined.append(waiting.removesuffix(glue))
    return joined


def _is_dependent(piece: str) -> bool:
    return not is_known_name(piece) and read_wording(piece).tokens <= DEPENDENT


def _has_site(piece: str) -> bool:
    wording = read_wording(piece)
    return bool(wording.sites and wording.modalities)


def _deal_out(order: str) -> list[str]:
    """ "blood and urine cultures" → "blood cultures", "urine cultures"; "AST/ALT" → both, when both are known."""
    if is_known_name(order):
        return [order]
    if shared := _SHARED_TEST.match(order):
        first, second, tail = shared.groups()
        if set(tokenise(first)) | set(tokenise(second)) <= _SPECIMEN_WORDS:
            return [f"{first} {tail}", f"{second} {tail}"]
    if classes := _CLASSES.match(order):
        head, first, second, tail = classes.groups()
        return [f"{head}{first}{tail}", f"{head}{second}{tail}"]
    pieces = [piece.strip() for piece in order.split("/")]
    return pieces if len(pieces) > 1 and all(map(is_known_name, pieces)) else [order]
