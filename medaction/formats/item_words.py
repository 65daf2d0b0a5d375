"""How free-form results are written: bullets, labels, headings over groups of tests, and the words of tests."""

import re

from medaction.domain.case import Category

BULLET = re.compile(r"^(\s*)(?:[-*•–·]|\(?\d{1,2}[.)]|#{1,6})\s+")
LABEL = re.compile(
    r"^\s*(?:\*\*|__)?([A-Za-zÀ-ž0-9][^:*\n]{1,70}?)(?:\*\*|__)?\s*:(?:\*\*|__)?(?=\s|$)\s*(.*)$", re.DOTALL
)
MARKS = re.compile(r"\*\*|__")
SHOWED = re.compile(
    r"^(?:(?:an?|the|his|her|their|initial|subsequent|repeat(?:ed)?|urgent|emergency|further|follow-up)\s+)*"
    r"([A-Za-z][^.;:,]{1,70}?)\s+(?:also\s+)?(?:showed|shows|revealed|reveals|demonstrated|demonstrates|confirmed|detected"
    r"|disclosed|identified|indicated|suggested|was|were|is|are)\b",
    re.IGNORECASE,
)
ENDED = re.compile(r"(?<=[.;])\s+(?=[A-Z0-9])")
COMMA = re.compile(r"(?<=,)\s+|(?<=;)\s+")
HEAD = re.compile(
    r"^\s*([A-Za-z][A-Za-z0-9 ()/'’\-]{0,60}?)\s*"
    r"(?=[:=]|\(?[<>≤≥]?\d|\b(?:was|were|is|of|normal|negative|positive|elevated|low|high|raised|reduced)\b)",
    re.IGNORECASE,
)
TEST_WORD = re.compile(
    r"\b(?:ct|mri|pet|x-?rays?|radiographs?|ultrasound|ultrasonography|echocardiogra\w+|scan|tomography|imaging|biops\w+"
    r"|\w+scop(?:y|ies)|cultures?|histolog\w+|histopatholog\w+|immunohistochemistry|cytology|serolog\w+|pcr|sequencing"
    r"|angiogra\w+|electro\w+gra\w+|ecg|eeg|emg|puncture|aspirat\w+|urinalysis|blood (?:tests?|count|gas\w*)"
    r"|laboratory (?:tests?|studies|findings)|karyotyp\w+|spirometry|panel|smear|test(?:ing)?|antibod(?:y|ies)"
    r"|levels?)\b",
    re.IGNORECASE,
)
_HEADINGS = {
    "lab": "laboratory lab labs blood bloods serology biochemistry haematology hematology chemistry",
    "imaging": "imaging radiology radiological radiologic",
    "pathology": "pathology histopathology pathological histology",
    "procedure": "procedure procedures electrophysiology electrophysiological",
    "genetic": "genetic genetics molecular",
    "exam": "examination examinations physical",
}
_HEADING_TAIL = (
    "test tests studies study findings results result investigations evaluation workup work up data examination "
    "examinations exam and"
)
_OTHER_HEADINGS = frozenset({"ancillary tests", "diagnostic tests", "tests", "investigations"}) | {
    "other tests",
    "additional tests",
}


def read_heading(label: str) -> tuple[Category | None] | None:
    """The kind of tests below a heading, where it says one; None when the label is no heading."""
    words = label.casefold().replace("-", " ").split()
    if " ".join(words) in _OTHER_HEADINGS:
        return (None,)
    tail = _HEADING_TAIL.split()
    for kind, names in _HEADINGS.items():
        if words[0] in names.split() and all(word in tail or word in names.split() for word in words[1:]):
            return (Category(kind),)
    return None
