"""What the graph answers with: concepts, edges, links, relations. All frozen, all printable."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    DISEASE = "disease"
    FINDING = "finding"
    TEST = "test"
    MODIFIER = "modifier"


class Method(StrEnum):
    """How a written name was linked, strongest first. FUZZY appears only among suggestions, never in a link."""

    AUTHORED = "authored"
    EXACT = "exact"
    VARIANT = "variant"
    CONTAINED = "contained"
    FUZZY = "fuzzy"


class Grade(StrEnum):
    """SAME: the text means this concept. BROADER: the concept is what is left when a qualifier is set aside."""

    SAME = "same"
    BROADER = "broader"


# P(finding | disease) for each authored band: midpoints, all estimates (HPO's classes, refined at the low end).
BANDS = {
    "almost_always": 0.95,
    "very_frequent": 0.85,
    "frequent": 0.55,
    "occasional": 0.2,
    "uncommon": 0.1,
    "rare": 0.03,
    "never": 0.005,
}


def nearest_band(p: float) -> str:
    """The authored band whose midpoint is nearest to a probability."""
    return min(BANDS, key=lambda band: abs(BANDS[band] - p))


# P(disease) among people who present for diagnosis, before age and sex: estimates.
PRIORS = {"very_common": 1 / 30, "common": 1 / 150, "uncommon": 1 / 800, "rare": 1 / 6_000, "very_rare": 1 / 60_000}


@dataclass(frozen=True, slots=True)
class Concept:
    """``id`` carries its vocabulary: MA MF (authored), HP, OMIM, ORPHA, DECIPHER, ICD10CM, GROUP (derived), TEST."""

    index: int
    id: str
    name: str
    kind: Kind
    must_not_miss: bool | None = None

    @property
    def vocabulary(self) -> str:
        return self.id.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Link:
    """A written name and the concept it was taken for. ``note`` says what was set aside to get there."""

    text: str
    concept: Concept
    method: Method
    grade: Grade
    note: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A name spelled or worded nearly like the text, to offer to a person. ``score`` is in 0 … 1."""

    concept: Concept
    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Edge:
    """One statement that a disease has, or lacks, a finding.

    ``p`` is P(finding | disease), None when the source gives no frequency; ``n`` the patients behind it (0 unknown).
    ``polarity`` is ``present`` or ``absent``; ``source`` a key of the graph's sources; ``reference`` what the source
    itself cites (``PMID:…``) or ``estimate``. ``aspect`` as in HPO: P, H, C, I, M.
    """

    disease: Concept
    finding: Concept
    polarity: str
    p: float | None
    n: int
    source: str
    reference: str
    aspect: str
    sex: str | None
    onset: str | None


@dataclass(frozen=True, slots=True)
class TestEdge:
    """A test reveals a finding. With ``disease`` set, how well that result tells it from others.

    ``inherited_from`` names the broader finding whose tests these are, when the finding has none of its own.
    """

    test: Concept
    finding: Concept
    polarity: str
    disease: Concept | None = None
    sensitivity: float | None = None
    specificity: float | None = None
    source: str = ""
    inherited_from: Concept | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """What the graph knows of a finding in a disease, pooled over its edges.

    ``lift`` is p / background. ``argues`` is ``for`` when lift ≥ 2, ``against`` when lift ≤ ½ or the finding is
    excluded, else ``neutral``. ``via`` names the narrower or broader finding that carried it, None when direct.
    """

    finding: Concept
    disease: Concept
    p: float
    background: float
    argues: str
    via: Concept | None
    edges: tuple[Edge, ...]

    @property
    def lift(self) -> float:
        return self.p / self.background


@dataclass(frozen=True, slots=True)
class Ranked:
    """A disease and its log posterior odds for given findings, with each finding's share (natural logarithm)."""

    disease: Concept
    score: float
    shares: tuple[tuple[Concept, float], ...]


@dataclass(frozen=True, slots=True)
class Competitor:
    """A disease commonly mistaken for another, and the sentence that tells them apart."""

    disease: Concept
    separates: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where edges or names come from, and under which terms."""

    key: str
    name: str
    version: str
    licence: str
    url: str
