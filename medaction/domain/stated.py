"""Tests whose result stands inside a larger item ("Stool test": "Clostridioides difficile toxin: positive")."""

import re
from collections.abc import Iterator

from medaction.domain.case import Category, MenuItem
from medaction.domain.catalogue import load_catalogue
from medaction.domain.naming import catalogue_key
from medaction.domain.vocabulary import Wording, normalise, read_wording

_LABEL = re.compile(r"^\s*(?:[-*•]\s*)?([A-Za-z][^:\n]{1,60}?)\s*(?::|=)\s*(\S.*)$")
_SHOWED = re.compile(
    r"(?:^|[.;:]\s+)(?:the |an? )?([A-Za-z][A-Za-z0-9 ()/'’-]{4,60}?)\s+"
    r"(?:shows|showed|reveals|revealed|demonstrates|demonstrated)\b",
)
_NO_RESULT = re.compile(
    r"\b(?:not (?:specified|performed|done|available|applicable|provided|tested|indicated|measured|obtained)|pending"
    r"|awaited|deferred|unknown|n/a)\b",
    re.IGNORECASE,
)
_BLANKET = re.compile(
    r"(?:all (?:values |results |parameters )?)?(?:are |is )?"
    r"(?:normal|unremarkable|within (?:the )?normal (?:limits?|range))(?: for age)?\.?",
    re.IGNORECASE,
)
# Procedures and tests that are of one sample without saying so.
_SAMPLES = {
    "urinalysis": "urine",
    "dipstick": "urine",
    "lumbarpuncture": "csf",
    "arthrocentesis": "synovial",
    "thoracentesis": "pleural",
    "paracentesis": "ascitic",
    "amniocentesis": "amniotic",
}
_WORDS_OF_BLOOD = frozenset({"blood", "serum", "plasma"})


def list_stated(item: MenuItem) -> frozenset[str]:
    """Catalogue keys of the tests that an item's text gives a result of, by labelled lines or "… showed".

    A label inside a sample other than blood counts only where the test is one of that sample: the glucose of a
    urinalysis is no plasma glucose. Examinations state none: what they name are signs.
    """
    if item.category in (Category.EXAM, Category.HISTORY):
        return frozenset()
    samples = samples_of(item.name)
    keys = (key for label in _labels(item.result) if (key := _key_of(label, samples)))
    return frozenset(key for key in keys if load_catalogue()[key].category not in (Category.EXAM, Category.HISTORY))


def samples_of(name: str) -> frozenset[str]:
    """Samples other than blood that a name says, or that its procedure takes."""
    wording = read_wording(name)
    return (wording.specimens - {"blood"}) | {_SAMPLES[word] for word in wording.tokens & _SAMPLES.keys()}


def states_in_sample(item: MenuItem, order: Wording) -> bool:
    """Whether the text has a line for just what was ordered of its sample: "CSF glucose" in a lumbar puncture."""
    samples = samples_of(item.name)
    analyte = order.tokens - order.specimens
    if not (order.specimens and order.specimens <= samples and analyte):
        return False
    return any(read_wording(label).tokens - samples == analyte for label in _labels(item.result))


def is_blanket_normal(text: str) -> bool:
    """Whether all that a text says is that all is well, which then holds for each part of a panel."""
    return _BLANKET.fullmatch(text.strip()) is not None


def _labels(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if _NO_RESULT.search(line):
            continue
        if found := _LABEL.match(line):
            yield found[1]
        yield from (shown[1] for shown in _SHOWED.finditer(line))


def _key_of(label: str, samples: frozenset[str]) -> str | None:
    if not samples:
        return catalogue_key(label)
    for sample in sorted(samples):
        if key := catalogue_key(f"{sample} {label}"):
            return key
    key = catalogue_key(label)
    if key is None:
        return None
    # Without the sample in the label, the test must be one that is always of this sample.
    told = [samples & read_wording(name).specimens for name in load_catalogue()[key].names]
    return key if any(told) and not _may_be_blood(key) else None


def _may_be_blood(key: str) -> bool:
    return any(not _WORDS_OF_BLOOD.isdisjoint(normalise(name).split()) for name in load_catalogue()[key].names)
