"""The environment of one case: reset, step, replay. The same case and actions give the same observations."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from enum import StrEnum

from medaction.domain.actions import MAX_TESTS, Action, FinalDiagnosis, TestOrder
from medaction.domain.case import Case
from medaction.domain.matching import TOKEN_THRESHOLD, matcher_for
from medaction.domain.observation import Observation, split_segments
from medaction.domain.oracle import answer_orders
from medaction.domain.tally import Tally


@dataclass(frozen=True, slots=True)
class EnvironmentSettings:
    """``horizon`` counts the model's turns; ``token_threshold`` is the share of words that a TOKENS match needs."""

    horizon: int = 5
    menu_visible: bool = False
    token_threshold: float = TOKEN_THRESHOLD
    max_tests: int = MAX_TESTS

    def __post_init__(self) -> None:
        if self.horizon < 1 or self.max_tests < 1:
            raise ValueError("horizon and max_tests must be at least 1")


class StepEvent(StrEnum):
    """What a step was. LATE: orders on the last turn, which are not carried out. ENDED: a step after the end."""

    ORDER = "ORDER"
    DIAGNOSE = "DIAGNOSE"
    FORMAT = "FORMAT"
    LATE = "LATE"
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True)
class StepInfo:
    """``turn`` is the number of the turn that was taken: 2 for the model's first one."""

    turn: int
    event: StepEvent
    tally: Tally


@dataclass(frozen=True, slots=True)
class StepResult:
    """``terminated``: a final diagnosis was given. ``truncated``: the turns ran out before one."""

    observation: Observation
    terminated: bool
    truncated: bool
    info: StepInfo


def list_menu(case: Case, settings: EnvironmentSettings) -> tuple[str, ...] | None:
    """The names that may be ordered, if the settings show them."""
    return tuple(item.name for item in case.menu) if settings.menu_visible else None


class Environment:
    """Turn 1 is the case text (``o1``); the model's turns are 2 to ``horizon + 1``, each answered by ``r<turn>``."""

    def __init__(self, case: Case, settings: EnvironmentSettings | None = None) -> None:
        self.case = case
        self.settings = settings or EnvironmentSettings()
        self._matcher = matcher_for(case.menu, self.settings.token_threshold)
        self.reset()

    def reset(self) -> Observation:
        """Start again; the first observation."""
        self._turn = 1
        self._shown: set[str] = set()
        self._tally = Tally()
        self._diagnosis: str | None = None
        self._initial = Observation("o1", segments=split_segments(self.case.o1))
        self._last = StepResult(self._initial, False, False, StepInfo(1, StepEvent.ENDED, self._tally))
        return self._initial

    @property
    def turn(self) -> int:
        """The number of the last turn taken; 1 before the first step."""
        return self._turn

    @property
    def must_diagnose(self) -> bool:
        """Whether the next turn is the last one."""
        return self._turn == self.settings.horizon

    @property
    def ended(self) -> bool:
        return self._last.terminated or self._last.truncated

    @property
    def diagnosis(self) -> str | None:
        """The final diagnosis that was given."""
        return self._diagnosis

    @property
    def tally(self) -> Tally:
        return self._tally

    @property
    def cost(self) -> float:
        return self._tally.cost

    @property
    def turnaround_minutes(self) -> int:
        return self._tally.turnaround_minutes

    @property
    def risk(self) -> str | None:
        return self._tally.risk

    @property
    def menu_names(self) -> tuple[str, ...] | None:
        """The names that may be ordered, if the settings show them."""
        return list_menu(self.case, self.settings)

    def step(self, action: Action | None) -> StepResult:
        """Take one turn. None is a turn that could not be read: it counts, and reveals nothing.

        Total: a step after the end changes nothing and gives the same flags again.
        """
        if self.ended:
            observation = Observation(f"r{self._turn}")
            info = StepInfo(self._turn, StepEvent.ENDED, self._tally)
            return StepResult(observation, self._last.terminated, self._last.truncated, info)
        last = self.must_diagnose
        self._turn += 1
        observation = Observation(f"r{self._turn}")
        event = StepEvent.FORMAT
        if isinstance(action, FinalDiagnosis):
            event = StepEvent.DIAGNOSE
            self._diagnosis = action.dx
        elif isinstance(action, TestOrder):
            event = StepEvent.LATE if last else StepEvent.ORDER
            if not last:
                observation = self._carry_out(action)
        terminated = event is StepEvent.DIAGNOSE
        info = StepInfo(self._turn, event, self._tally)
        self._last = StepResult(observation, terminated, last and not terminated, info)
        return self._last

    def _carry_out(self, order: TestOrder) -> Observation:
        results, dropped = answer_orders(
            order.tests, self._matcher, self._shown, turn=self._turn, limit=self.settings.max_tests
        )
        self._tally = self._tally.add(results)
        return Observation(f"r{self._turn}", results=tuple(results), dropped=tuple(dropped))

    def fork(self) -> "Environment":
        """A copy at the same point; what is done in one is not seen by the other."""
        twin = copy(self)
        twin._shown = set(self._shown)
        return twin

    def replay(self, actions: Iterable[Action | None]) -> Observation:
        """Reset, take these steps, and give the last observation (the first one when there are no steps)."""
        observation = self.reset()
        for action in actions:
            observation = self.step(action).observation
        return observation
