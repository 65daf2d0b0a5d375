"""A guard against personal data: masks what looks like a name, a date, a number or an address, and says what it did.

It is a help for the person who reads the draft, and no proof of anything: a name in running prose can pass unseen.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

CAUTION = (
    "Masking finds only what it knows the look of. Names and places in running text can remain: a person must read "
    "every part before the draft is used, and real patients' records need the permission that the law asks for."
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.?"
_YEAR = r"(?:19|20)\d\d"
_NAME = r"[A-Z][\w'’-]+"


@dataclass(frozen=True, slots=True)
class PhiHit:
    """What was masked, without repeating it. ``line`` counts from 1."""

    kind: str
    line: int


def _any(_: re.Match[str]) -> bool:
    return True


def _is_phone(found: re.Match[str]) -> bool:
    """Nine digits or more, or a number that is called one: laboratory ranges ("135-145") are left alone."""
    digits = sum(char.isdigit() for char in found["number"])
    return digits >= 9 or (bool(found["call"]) and digits >= 5)


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    pattern: re.Pattern[str]
    accept: Callable[[re.Match[str]], bool] = _any
    keep: str = ""  # the group that stays: the label before the thing


_KINDS = (
    _Kind("e-mail or web address", re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.]+\b|\bhttps?://\S+|\bwww\.\S+")),
    _Kind(
        "record number",
        re.compile(
            r"(?P<label>\b(?:MRN|NHS|SSN|CHI|medical record|hospital|patient|record|file|case|accession|insurance|"
            r"social security)\s*(?:number|no\.?|id|#)?\s*[:#]?\s*)(?=[A-Z0-9-]*\d{4})[A-Z0-9][A-Z0-9 -]{3,}\d\b|"
            r"\b\d{3}-\d{2}-\d{4}\b|\b\d{3} \d{3} \d{4}\b",
            re.IGNORECASE,
        ),
        keep="label",
    ),
    _Kind(
        "date",
        re.compile(
            rf"\b{_YEAR}-\d\d-\d\d\b|\b\d{{1,2}}[./-]\d{{1,2}}[./-](?:{_YEAR}|\d\d)\b"
            rf"|\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH},?(?: {_YEAR})?\b"
            rf"|\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,?(?: {_YEAR})?\b|\b{_MONTH},? {_YEAR}\b",
            re.IGNORECASE,
        ),
        lambda found: not re.fullmatch(r"\d+(?:st|nd|rd|th)? (?:may|mar)", found[0], re.IGNORECASE),
    ),
    _Kind(
        "phone number",
        re.compile(
            r"(?P<call>\b(?:tel|telephone|phone|mobile|cell|fax|call|contact)\b[.:\s]*)?"
            r"(?<![\d.])(?P<number>(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,5}\)[ .-]?)?\d{2,5}(?:[ .-]\d{2,5}){1,4}"
            r"|\+\d{8,14}|\b\d{9,12})(?!\d|\.\d)",
            re.IGNORECASE,
        ),
        _is_phone,
        keep="call",
    ),
    _Kind(
        "name",
        re.compile(
            rf"(?P<label>\b(?:(?i:patient(?:'s)? name|full name|name|surname|physician|doctor|consultant|referred by"
            rf"|signed|next of kin)\s*:\s*))(?:{_NAME})(?:[ ,]+{_NAME}){{0,3}}|"
            rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor)\.? {_NAME}(?: {_NAME}){{0,2}}"
        ),
        keep="label",
    ),
    _Kind(
        "address",
        re.compile(
            rf"\b\d{{1,5}} (?:{_NAME} ){{1,3}}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Close|Way|Court)\b\.?"
            r"|\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b"
        ),
    ),
    _Kind("age over 89", re.compile(r"\b(?:9\d|1[0-2]\d)(?=[- ]years?[- ]old\b)")),
)


def mask_personal_data(text: str) -> tuple[str, tuple[PhiHit, ...]]:
    """The text with each thing in square brackets in place of itself (``[date]``), and what was masked where."""
    hits: list[PhiHit] = []
    for kind in _KINDS:

        def mask(found: re.Match[str], kind: _Kind = kind) -> str:
            if not kind.accept(found):
                return found[0]
            hits.append(PhiHit(kind.name, found.string.count("\n", 0, found.start()) + 1))
            return f"{(found[kind.keep] or '') if kind.keep else ''}[{kind.name}]"

        text = kind.pattern.sub(mask, text)
    return text, tuple(sorted(hits, key=lambda hit: (hit.line, hit.kind)))
