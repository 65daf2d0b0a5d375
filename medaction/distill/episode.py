"""One policy through one environment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from medaction.domain.actions import FinalDiagnosis, TestOrder, Turn
from medaction.domain.case import Case
from medaction.domain.environment import Environment, EnvironmentSettings
from medaction.domain.noise import NoiseSettings, add_noise
from medaction.domain.observation import Observation, Outcome, TestResult
from medaction.domain.transcript import render_turn

from .policies.policy import AT_ONCE, Policy, Reply, Step, View


@dataclass(frozen=True, slots=True)
class Episode:
    """A whole run. ``unavailable`` of ``orders`` single orders were refused; ``format_failures`` could not be read."""

    case: Case
    view: View
    diagnosis: str | None
    ranked: tuple[str, ...]
    cost: float
    turns: int
    orders: int
    unavailable: int
    format_failures: int


async def run_episode(
    case: Case,
    policy: Policy,
    settings: EnvironmentSettings | None = None,
    *,
    noise: NoiseSettings | None = None,
    without: tuple[str, ...] = (),
) -> Episode:
    """Until a diagnosis or the horizon. An unreadable turn counts as a turn and is never dropped.

    With ``noise`` the environment gets the orders less well written than the policy wrote them. ``without``:
    publications that the policy must not use.
    """
    environment = Environment(case, settings)
    view = View(
        environment.reset(), must_diagnose=environment.must_diagnose, menu=environment.menu_names, without=without
    )
    replies: list[Reply] = []
    while not environment.ended:
        reply = await policy.answer(view)
        replies.append(reply)
        action = reply.turn.action if reply.turn.valid else None
        result = environment.step(action if noise is None else add_noise(action, noise))
        steps = (*view.steps, Step(reply, result.observation))
        view = replace(view, steps=steps, must_diagnose=environment.must_diagnose)
    shown = [r for observation in view.observations for r in observation.results]
    return Episode(
        case=case,
        view=view,
        diagnosis=environment.diagnosis,
        ranked=replies[-1].ranked,
        cost=environment.cost,
        turns=len(replies),
        orders=len(shown),
        unavailable=sum(r.outcome is Outcome.UNAVAILABLE for r in shown),
        format_failures=sum(not reply.turn.valid for reply in replies),
    )


async def run_static(
    case: Case, policy: Policy, *, results: Sequence[TestResult] | None = None, without: tuple[str, ...] = ()
) -> Episode:
    """The diagnosis with evidence given at once: these results, or every item of the menu, of one turn before."""
    view = replace(tell_at_once(case, list_results(case) if results is None else results), without=without)
    reply = await policy.answer(view)
    action = reply.turn.action if reply.turn.valid else None
    return Episode(
        case=case,
        view=View(view.first, (*view.steps, Step(reply, Observation("r3"))), True),
        diagnosis=action.dx if isinstance(action, FinalDiagnosis) else None,
        ranked=reply.ranked,
        cost=0.0,
        turns=1,
        orders=0,
        unavailable=0,
        format_failures=int(not reply.turn.valid),
    )


def list_results(case: Case) -> list[TestResult]:
    """What every item of the menu tells."""
    return [
        TestResult("", item.name, Outcome.RESULT, key=item.key, name=item.name, text=item.result) for item in case.menu
    ]


def tell_everything(case: Case) -> View:
    """As :func:`tell_at_once`, with the whole menu."""
    return tell_at_once(case, list_results(case))


def tell_at_once(case: Case, results: Sequence[TestResult]) -> View:
    """A view in which one turn has ordered these results and got them, in this order; the next turn must diagnose.

    Without any result there is no such turn."""
    first = Environment(case).reset()
    if not results:
        return View(first, (), True)
    told = tuple(replace(result, id=f"r2.{number}") for number, result in enumerate(results, start=1))
    turn = Turn(AT_ONCE, (), TestOrder(tuple(result.order for result in told)))
    return View(first, (Step(Reply(turn, render_turn(turn)), Observation("r2", results=told)),), True)
