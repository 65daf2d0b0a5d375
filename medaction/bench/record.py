"""One case of a benchmark: run, scored, and written down so that the record needs nothing else."""

from functools import lru_cache
from time import perf_counter
from typing import Any

from medaction.distill.episode import Episode, run_episode, run_static
from medaction.distill.policies import Policy
from medaction.domain.case import Case
from medaction.domain.environment import EnvironmentSettings
from medaction.domain.observation import Outcome
from medaction.inference.port import Usage
from medaction.knowledge import KnowledgeGraph
from medaction.metrics import METRIC_VERSION, BranchScore, BranchScorer
from medaction.metrics.aggregate import VALUES
from medaction.metrics.judge import Verdict, judge

from .answer import describe_answer
from .asking import choose_asking
from .path import trace_path
from .readings import read_again
from .sampling import is_candidate
from .settings import BenchSettings
from .trajectories import branch_of

RECORD_FORMAT = "medaction.bench.record/1"


@lru_cache(maxsize=2)
def _scorer_of(graph: KnowledgeGraph) -> BranchScorer:
    """One for a process: its caches are what makes scoring quick."""
    return BranchScorer(graph)


async def bench_case(
    case: Case, policy: Policy, graph: KnowledgeGraph, settings: BenchSettings, *, sample: int = 0
) -> dict[str, Any]:
    """The record of one sample of one case, ready for JSON. Raises what the policy raises, and
    :class:`.asking.NoSamplingError`."""
    asked = choose_asking(policy, case, settings, sample)
    without = case.references if settings.without_own_paper else ()
    environment = EnvironmentSettings(
        horizon=settings.horizon, menu_visible=settings.menu_visible, max_tests=settings.max_tests
    )
    started = perf_counter()
    if settings.static:
        episode = await run_static(case, asked, without=without)
    else:
        episode = await run_episode(case, asked, environment, noise=settings.noise, without=without)
    seconds = perf_counter() - started
    record = describe_episode(episode, graph, settings, by=policy.label)
    again = await read_again(episode, asked, graph, settings, without)
    return {**record, **again, "sample": sample, "seconds": round(seconds, 4)}


def describe_episode(episode: Episode, graph: KnowledgeGraph, settings: BenchSettings, *, by: str) -> dict[str, Any]:
    """The record without sample and time; a person's episode is described alike. ``by`` is who took the turns.

    With all evidence at once no trajectory is scored: ``dtc``, ``rac``, ``coverage`` are None and ``battery`` is empty.
    """
    case = episode.case
    scorer = _scorer_of(graph)
    score = None if settings.static else scorer.score(branch_of(episode), case)
    return {
        "format": RECORD_FORMAT,
        "id": case.id,
        "case_hash": case.content_hash,
        "group": case.group_key,
        "specialty": case.specialty,
        "synthetic": case.synthetic,
        "coded": bool(case.diagnosis.concept_ids),
        "candidate": is_candidate(graph, case),
        "policy": by,
        "static": settings.static,
        "graph": graph.hash,
        "metric_version": METRIC_VERSION,
        "aliases": list(case.diagnosis.aliases),
        **describe_answer(episode, graph),
        "turns": episode.turns,
        "cost": episode.cost,
        "orders": episode.orders,
        "unavailable": episode.unavailable,
        "format_failures": episode.format_failures,
        "tokens": _sum_tokens(episode),
        **_describe_score(score),
        "tests": None if settings.static else _describe_tests(episode, scorer),
        "readings": {},
        "ordering": None,
        "path": trace_path(episode, score, lambda name: judge(graph, case.diagnosis, name) is Verdict.SAME),
        "branch": _describe_branch(episode),
    }


def _describe_score(score: BranchScore | None) -> dict[str, Any]:
    if score is None:
        return {**dict.fromkeys(VALUES), "correct": None, "battery": {}, "measures": {}, "notes": []}
    return {
        **{name: _rounded(getattr(score, name)) for name in VALUES},
        "correct": score.correct,
        "battery": {name: [ratio.hits, ratio.of] for name, ratio in score.counts.items()},
        "measures": {name: _rounded(value) for name, value in score.measures.items()},
        "notes": list(score.notes),
    }


def _describe_tests(episode: Episode, scorer: BranchScorer) -> dict[str, list[str]] | None:
    """Names of the case's key tests, and of those that were not asked for; None where they are not known."""
    key = scorer.key_items(episode.case)
    if key is None:
        return None
    shown = [r for o in episode.view.observations for r in o.results if r.outcome is Outcome.RESULT]
    seen = {name for result in shown for name in (*result.keys, result.key)}
    items = [item for item in episode.case.menu if item.key in key]
    return {"key": [item.name for item in items], "missed": [item.name for item in items if item.key not in seen]}


def _describe_branch(episode: Episode) -> dict[str, Any]:
    """Every turn as it was said and what it was told. ``sampled`` is False for the turn that tells all at once."""
    return {
        "first": episode.view.first.to_dict(),
        "steps": [
            {
                "turn": step.reply.turn.to_dict(),
                "text": step.reply.text,
                "rejected": step.reply.rejected,
                "observation": step.observation.to_dict(),
                "sampled": place >= len(episode.view.steps) - episode.turns,
            }
            for place, step in enumerate(episode.view.steps)
        ],
    }


def _sum_tokens(episode: Episode) -> dict[str, int] | None:
    """None where a server did not tell, and for policies that use none."""
    used = [step.reply.usage for step in episode.view.steps[-episode.turns :]]
    told: list[Usage] = [usage for usage in used if usage is not None]
    if not told or len(told) < len(used):
        return None
    return {
        "prompt": sum(usage.prompt_tokens for usage in told),
        "completion": sum(usage.completion_tokens for usage in told),
        "cached": sum(usage.cached_tokens for usage in told),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
