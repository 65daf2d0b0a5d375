"""`medaction play`: watch a policy work up one case in the terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from medaction.bench import judge
from medaction.bench.trajectories import score_episodes
from medaction.cli.app import app, fail, print_json
from medaction.cli.case_files import load_cases
from medaction.cli.policies import load_graph, load_policy
from medaction.cli.score_lines import score_lines
from medaction.distill.episode import Episode, run_episode
from medaction.distill.policies import Policy
from medaction.domain.actions import TestOrder, Turn
from medaction.domain.case import Case
from medaction.domain.environment import EnvironmentSettings
from medaction.domain.observation import Observation, Outcome
from medaction.formats.teaching import load_teaching_cases
from medaction.inference.errors import ModelError
from medaction.knowledge import KnowledgeGraph
from medaction.metrics import BranchScore


@app.command()
def play(
    case: Annotated[str, typer.Argument(help="A case file, FILE#ID, or the id of a teaching case.")],
    policy: Annotated[str, typer.Option(help="Who takes the turns: kg, or scripted:walk.")] = "kg",
    horizon: Annotated[int, typer.Option(help="Turns the policy has.", min=1, max=50)] = 5,
    menu_visible: Annotated[bool, typer.Option("--menu-visible", help="Show the names of the tests.")] = False,
    cache: Annotated[Path | None, typer.Option(envvar="MEDACTION_CACHE", help="Folder of the compiled graph.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Print the whole dialogue, then the truth. Education and research only; not for patient care."""
    chosen = find_case(case)
    graph = load_graph(cache)
    who = load_policy(policy, graph)

    async def run(with_policy: Policy) -> Episode:
        settings = EnvironmentSettings(horizon=horizon, menu_visible=menu_visible)
        try:
            return await run_episode(chosen, with_policy, settings)
        finally:
            await with_policy.aclose()

    try:
        episode = asyncio.run(run(who))
    except ModelError as error:
        fail(str(error))
    if as_json:
        print_json(_as_dict(graph, who, episode))
        return
    for line in _lines(graph, who, episode):
        print(line)


def find_case(name: str) -> Case:
    """By ``FILE``, ``FILE#ID``, or the id of a teaching case; ends the command when there is none."""
    path, _, wanted = name.partition("#")
    if Path(path).is_file():
        cases = load_cases(Path(path))
        found = next((one for one in cases if one.id == wanted), None) if wanted else cases[0]
    else:
        found = next((one for one in load_teaching_cases() if one.id == name), None)
    if found is None:
        fail(f"there is no case {name!r}: name a case file, FILE#ID, or the id of a teaching case")
    return found


def _lines(graph: KnowledgeGraph, policy: Policy, episode: Episode) -> Iterator[str]:
    yield f"{episode.case.title}\n{policy.label} · not for patient care\n"
    yield from _told(episode.view.first)
    for number, step in enumerate(episode.view.steps, start=2):
        yield f"\nTurn {number}"
        yield from _turn(step.reply.turn)
        yield from _told(step.observation)
    verdict = judge(graph, episode.case.diagnosis, episode.diagnosis or "")
    yield f"\nGiven: {episode.diagnosis or 'nothing'}\nTruth: {episode.case.diagnosis.text} ({verdict})"
    orders = f"{episode.orders} orders of which {episode.unavailable} unavailable"
    yield f"{episode.turns} turns, {orders}, ${episode.cost:,.0f}"
    yield from score_lines(_score(graph, episode))


def _score(graph: KnowledgeGraph, episode: Episode) -> BranchScore:
    return score_episodes([episode], graph)[0]


def _told(observation: Observation) -> Iterator[str]:
    for segment in observation.segments:
        yield f"  [{segment.id}] {segment.text.strip()}"
    for result in observation.results:
        if result.outcome is Outcome.RESULT:
            text = result.text.replace("\n", "; ")
            yield f"  [{result.id}] {result.name}: {text}"
        else:
            yield f"  [{result.id}] {result.order}: {result.outcome.value}"


def _turn(turn: Turn) -> Iterator[str]:
    yield f"  {turn.reasoning}"
    for place, hypothesis in enumerate(turn.differential, start=1):
        share = "" if hypothesis.p is None else f" {hypothesis.p:.0%}"
        yield f"    {place}. {hypothesis.dx}{share}"
    if isinstance(turn.action, TestOrder):
        yield f"  Orders: {'; '.join(turn.action.tests)}"
    elif turn.action is not None:
        yield f"  Diagnosis: {turn.action.dx}"
    else:
        yield f"  Could not be read: {', '.join(turn.problems)}"


def _as_dict(graph: KnowledgeGraph, policy: Policy, episode: Episode) -> dict[str, Any]:
    return {
        "case": episode.case.id,
        "policy": policy.label,
        "first": episode.view.first.to_dict(),
        "turns": [
            {"turn": step.reply.turn.to_dict(), "observation": step.observation.to_dict()}
            for step in episode.view.steps
        ],
        "given": episode.diagnosis,
        "truth": episode.case.diagnosis.text,
        "verdict": judge(graph, episode.case.diagnosis, episode.diagnosis or ""),
        "cost": episode.cost,
        "orders": episode.orders,
        "unavailable": episode.unavailable,
        "score": _score(graph, episode).to_dict(),
    }
