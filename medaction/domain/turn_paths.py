"""Where a value of a model's JSON belongs in a turn, including the shapes that models use by mistake."""

from dataclasses import dataclass
from enum import Enum, auto

from medaction.domain.lenient_json import ARRAY, OBJECT

_TOP = {
    "reasoning": "reasoning thinking thought thoughts rationale analysis explanation chain_of_thought",
    "differential": "differential differential_diagnosis differential_diagnoses differentials ddx diagnoses hypotheses",
    "action": "action next_action next_step",
    "tests": "tests test orders order order_tests tests_ordered",
    "dx": "final_diagnosis diagnosis dx",
    "type": "action_type",
}
_HYPOTHESIS = {
    "dx": "dx diagnosis disease name condition hypothesis",
    "p": "p probability prob likelihood confidence",
    "for": "for supporting support evidence_for supporting_evidence evidence",
    "against": "against contradicting evidence_against contradicting_evidence refuting",
}
_ACTION = {
    "type": "type action kind",
    "tests": "tests test orders order order_tests",
    "dx": "dx diagnosis diagnose final_diagnosis",
}
_TEST = {"name": "name test order"}
_CITATION = {"id": "id ref cite citation source"}


def _spellings(table: dict[str, str]) -> dict[str, str]:
    return {spelling: name for name, spellings in table.items() for spelling in spellings.split()}


TOP_KEYS = _spellings(_TOP)
HYPOTHESIS_KEYS = _spellings(_HYPOTHESIS)
ACTION_KEYS = _spellings(_ACTION)
TEST_KEYS = _spellings(_TEST)
CITATION_KEYS = _spellings(_CITATION)


class Role(Enum):
    """What a JSON container holds."""

    ROOT = auto()
    PARAGRAPHS = auto()
    HYPOTHESES = auto()
    RANKING = auto()
    HYPOTHESIS = auto()
    CITATIONS = auto()
    CITATION = auto()
    ACTION = auto()
    TESTS = auto()
    TEST = auto()
    SKIP = auto()


@dataclass(slots=True)
class Frame:
    """An open container. ``claim`` is the part that it gives, if only one container may give it."""

    role: Role
    base: str = ""
    claim: str | None = None
    index: int = -1
    key: str = ""

    @property
    def counts(self) -> bool:
        """Whether its values are numbered."""
        return self.role in (Role.HYPOTHESES, Role.CITATIONS, Role.TESTS)

    def child(self, kind: str) -> "Frame":
        """The frame of a container found at this place."""
        match self.role:
            case Role.ROOT:
                return _under_root(TOP_KEYS.get(self.key), kind)
            case Role.HYPOTHESES if kind == OBJECT:
                return Frame(Role.HYPOTHESIS, f"differential.{self.index}")
            case Role.RANKING if self.key not in HYPOTHESIS_KEYS:
                return Frame(Role.HYPOTHESIS if kind == OBJECT else Role.SKIP, f"differential.{self.index}")
            case Role.RANKING | Role.HYPOTHESIS:
                return self._under_hypothesis(HYPOTHESIS_KEYS.get(self.key), kind)
            case Role.CITATIONS if kind == OBJECT:
                return Frame(Role.CITATION, f"{self.base}.{self.index}")
            case Role.ACTION:
                return _under_action(ACTION_KEYS.get(self.key), kind)
            case Role.TESTS if kind == OBJECT:
                return Frame(Role.TEST, f"action.tests.{self.index}")
        return Frame(Role.SKIP)

    def _under_hypothesis(self, name: str | None, kind: str) -> "Frame":
        if name not in ("for", "against"):
            return Frame(Role.SKIP)
        base = f"{self._hypothesis()}.{name}"
        return Frame(Role.CITATIONS, base, base) if kind == ARRAY else Frame(Role.CITATION, f"{base}.0", base)

    def _hypothesis(self) -> str:
        return f"differential.{max(self.index, 0)}" if self.role is Role.RANKING else self.base

    def scalar_path(self) -> str | None:
        """The part that a plain value at this place gives, or None."""
        match self.role:
            case Role.ROOT:
                return _ROOT_SCALARS.get(TOP_KEYS.get(self.key, ""))
            case Role.PARAGRAPHS:
                return "reasoning"
            case Role.HYPOTHESES:
                return f"differential.{self.index}.dx"
            case Role.RANKING if self.key not in HYPOTHESIS_KEYS:
                return f"differential.{self.index}.p"
            case Role.RANKING | Role.HYPOTHESIS if name := HYPOTHESIS_KEYS.get(self.key):
                return f"{self._hypothesis()}.{name}" + (".0" if name in ("for", "against") else "")
            case Role.CITATIONS:
                return f"{self.base}.{self.index}"
            case Role.CITATION if self.key in CITATION_KEYS:
                return self.base
            case Role.ACTION if name := ACTION_KEYS.get(self.key):
                return "action.tests.0" if name == "tests" else f"action.{name}"
            case Role.TESTS:
                return f"action.tests.{self.index}"
            case Role.TEST if self.key in TEST_KEYS:
                return self.base
        return None


_ROOT_SCALARS = {
    "reasoning": "reasoning",
    "differential": "differential.0.dx",
    "action": "action.type",
    "type": "action.type",
    "tests": "action.tests.0",
    "dx": "action.dx",
}


def root_frame() -> Frame:
    return Frame(Role.ROOT)


def _under_root(name: str | None, kind: str) -> Frame:
    match name, kind:
        case "reasoning", "[":
            return Frame(Role.PARAGRAPHS, claim="reasoning")
        case "differential", "[":
            return Frame(Role.HYPOTHESES, claim="differential")
        case "differential", _:
            return Frame(Role.RANKING, claim="differential")
        case (("action" | "tests"), "["):
            return Frame(Role.TESTS, claim="action.tests")
        case "action", _:
            return Frame(Role.ACTION, claim="action")
        case None, "{":
            # {"turn": {"reasoning": …}}: a wrapper is looked through.
            return Frame(Role.ROOT)
    return Frame(Role.SKIP)


def _under_action(name: str | None, kind: str) -> Frame:
    if name == "tests" and kind == ARRAY:
        return Frame(Role.TESTS, claim="action.tests")
    return Frame(Role.ACTION) if kind == OBJECT and name in ("tests", "dx") else Frame(Role.SKIP)
