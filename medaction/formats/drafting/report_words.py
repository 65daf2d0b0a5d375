"""The words by which a case report says what a part of it is about."""

import re

HEADING = re.compile(
    r"""^[ \t]* (?:\#{1,6}[ \t]*|[*_]{2})? (?:\d+[.)][ \t]*)?      # marks of a heading, a number
    ([A-Za-z][A-Za-z &/,'’-]{1,50}?)[ \t]*(?:[*_]{2})?[ \t]*(:|$)(?:[*_]{2})?(.*)$""",
    re.VERBOSE,
)
# What a section is about, by the words of its heading; the first that fits counts.
SECTIONS = {
    "diagnosis": r"(?:final|definitive|working|discharge|principal)?\ ?diagnos(?:is|es)|conclusion|impression|outcome",
    "after": r"""differential.*
        |treatment|management|therapy|follow[ -]?up|discussion|prognosis|course|references?|abstract
        |background|introduction|learning\ points?|consent""",
    "exam": r"""(?:physical|clinical|general|systemic|neurological)?\ ?exam(?:ination)?(?:\ findings)?|signs
        |vital\ signs
        |vitals|on\ examination""",
    "tests": r"""(?:ancillary|diagnostic|laboratory|lab|further|other|special)?\ ?
        (?:tests?|investigations?|studies|results|findings|work[ -]?up|labs?)(?:\ results|\ findings)?
        |imaging(?:\ studies|\ findings)?|radiology|pathology|histopathology|microbiology
        |diagnostic\ (?:assessment|evaluation)|bloods?""",
    "story": r"""case(?:\ report|\ presentation|\ description|\ summary)?|presentation|(?:presenting|chief)?\ ?complaint
        |patient(?:\ information)?|history.*|(?:past\ |family\ |social\ |medical\ |drug\ )+history|hpi|pmh|symptoms
        |medications?|allergies""",
}
SECTION_PATTERNS = {kind: re.compile(words, re.VERBOSE) for kind, words in SECTIONS.items()}
SAID = re.compile(
    r"""\b(?:was|were|is)?\s*(?:finally|ultimately|eventually)?\s*
    (?:diagnosed\ (?:with|as\ having)|(?:final\ |definitive\ )?diagnosis\ of|diagnosis\ (?:was|is)
    |confirmed\ the\ diagnosis\ of)\s+(?:an?\s+|the\s+)?([a-zA-Z][^.;\n]{2,100})""",
    re.IGNORECASE | re.VERBOSE,
)
EXAM_WORDS = re.compile(
    r"""\b(?:on\ (?:physical\ |clinical\ )?examination|examination\ (?:showed|revealed)|blood\ pressure|heart\ rate
    |pulse|temperature|auscultation|palpation)\b""",
    re.IGNORECASE | re.VERBOSE,
)
TEST_WORDS = re.compile(
    r"""\b(?:laborator\w+|blood\ tests?|ct|mri|x-?ray|ultrasound|biops\w+|cultures?|ecg|electrocardiogra\w+
    |echocardiogra\w+|serolog\w+|antibod\w+|[\wµ]+/(?:dL|L|mL)|showed|revealed|histolog\w+)\b""",
    re.IGNORECASE | re.VERBOSE,
)
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9])")
EARLIER = re.compile(r"\b(?:previously|known|history of|years? (?:ago|earlier)|since childhood)\b", re.IGNORECASE)


def section_kind(heading: str) -> str:
    """What a heading announces; empty when it announces nothing known."""
    plain = " ".join(heading.lower().split())
    return next((kind for kind, words in SECTION_PATTERNS.items() if words.fullmatch(plain)), "")
