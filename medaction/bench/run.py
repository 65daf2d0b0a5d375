"""A policy over cases, and the report of it."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

from medaction.bench.sampling import is_candidate, keep_told_elsewhere
from medaction.bench.trajectories import add_scores
from medaction.distill.episode import Episode, run_episode, run_static
from medaction.distill.policies import Policy
from medaction.domain.case import Case
from medaction.domain.environment import EnvironmentSettings
from medaction.domain.noise import NoiseSettings
from medaction.domain.prompt import prompt_hash
from medaction.knowledge import KnowledgeGraph
from medaction.metrics.interval import bootstrap_interval
from medaction.metrics.judge import Verdict, judge


@dataclass(frozen=True, slots=True)
class BenchSettings:
    """``static``: all evidence at once, one turn. ``parallel``: episodes at a time, for policies over a network.

    ``noise``: how much worse than written the orders arrive; not with ``static``, where nothing is ordered.
    ``without_own_paper``: the graph's annotations that cite a case's own references are left out for that case, and
    only cases whose disease keeps enough others are scored.
    """

    static: bool = False
    horizon: int = 5
    menu_visible: bool = False
    parallel: int = 1
    seed: int = 0
    noise: NoiseSettings | None = None
    without_own_paper: bool = False

    def __post_init__(self) -> None:
        if self.static and self.noise is not None:
            raise ValueError("with all evidence at once nothing is ordered, so there is no noise in orders")


async def run_bench(
    cases: Sequence[Case],
    policy: Policy,
    graph: KnowledgeGraph,
    settings: BenchSettings | None = None,
    *,
    on_done: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """The report, ready for JSON. Raises what the policy raises: a broken endpoint makes no figures."""
    settings = settings or BenchSettings()
    given = len(cases)
    if settings.without_own_paper:
        cases = keep_told_elsewhere(graph, cases)
    limit = asyncio.Semaphore(settings.parallel)
    environment = EnvironmentSettings(horizon=settings.horizon, menu_visible=settings.menu_visible)
    done = 0

    async def run_one(case: Case) -> Episode:
        nonlocal done
        without = case.references if settings.without_own_paper else ()
        async with limit:
            if settings.static:
                episode = await run_static(case, policy, without=without)
            else:
                episode = await run_episode(case, policy, environment, noise=settings.noise, without=without)
        done += 1
        if on_done:
            on_done(done)
        return episode

    started = perf_counter()
    episodes = await asyncio.gather(*map(run_one, cases))
    seconds = perf_counter() - started
    records = [_record(graph, episode) for episode in episodes]
    about = {
        **_about(policy, graph, settings, seconds),
        "cases_left_out": given - len(cases),
        "candidates": summarise_candidates(graph, cases, records, settings.seed),
    }
    report = {**summarise(records, seed=settings.seed), **about, "cases": records}
    # A trajectory is what is scored: with everything told at once there is none.
    return report if settings.static else {**report, **add_scores(episodes, records, graph, seed=settings.seed)}


def summarise(records: Sequence[dict[str, Any]], *, seed: int = 0) -> dict[str, Any]:
    """The figures of spec §6. Shares of ``n``; ``dtc``, ``rac`` and ``coverage`` stay None until they are scored."""
    right = [float(record["rank"] == 1) for record in records]
    interval = bootstrap_interval(right, seed=seed)
    orders = sum(record["orders"] for record in records)
    return {
        "n": len(records),
        "top1": _mean(right),
        "top1_ci": None if interval is None else list(interval),
        "top3": _share(records, 3),
        "top10": _share(records, 10),
        "broader": _mean([float(record["verdict"] == Verdict.BROADER) for record in records]),
        "turns": _mean([record["turns"] for record in records]),
        "cost": _mean([record["cost"] for record in records]),
        "dtc": None,
        "rac": None,
        "coverage": None,
        "unavailable_rate": round(sum(r["unavailable"] for r in records) / orders, 4) if orders else None,
        "format_failures": sum(record["format_failures"] for record in records),
        "unlinked": sum(record["verdict"] == Verdict.UNLINKED for record in records),
    }


def summarise_candidates(
    graph: KnowledgeGraph, cases: Sequence[Case], records: Sequence[dict[str, Any]], seed: int
) -> dict[str, Any] | None:
    """For cases with a coded disease: among how many diseases it is looked for, and the figures of the cases whose
    disease is one of them. None for cases without codes."""
    if not any(case.diagnosis.concept_ids for case in cases):
        return None
    among = [record for case, record in zip(cases, records, strict=True) if is_candidate(graph, case)]
    intervals = {
        f"top{most}_ci": bootstrap_interval([float((r["rank"] or most + 1) <= most) for r in among], seed=seed)
        for most in (1, 10)
    }
    return {
        "what": "all diseases that phenotype.hpoa annotates with findings; equivalents of OMIM, Orphanet and DECIPHER "
        "count as one",
        "diseases": int(graph.ranker.profiles.coded.sum()),
        "n": len(among),
        "top1": _share(among, 1),
        "top3": _share(among, 3),
        "top10": _share(among, 10),
        **intervals,
    }


def _about(policy: Policy, graph: KnowledgeGraph, settings: BenchSettings, seconds: float) -> dict[str, Any]:
    return {
        "policy": policy.label,
        "static": settings.static,
        "without_own_paper": settings.without_own_paper,
        "horizon": settings.horizon,
        "menu_visible": settings.menu_visible,
        "seed": settings.seed,
        "noise": settings.noise and asdict(settings.noise),
        "graph": graph.hash,
        "prompt": prompt_hash(),
        "seconds": round(seconds, 3),
    }


def _record(graph: KnowledgeGraph, episode: Episode) -> dict[str, Any]:
    """``rank`` counts from 1; None when the truth is not among the diagnoses listed. ``verdict`` is the first one's."""
    verdicts = [judge(graph, episode.case.diagnosis, name) for name in episode.ranked]
    rank = next((place for place, verdict in enumerate(verdicts, start=1) if verdict is Verdict.SAME), None)
    return {
        "id": episode.case.id,
        "truth": episode.case.diagnosis.text,
        "given": episode.diagnosis,
        "rank": rank if episode.diagnosis is not None else None,
        "verdict": verdicts[0] if verdicts and episode.diagnosis is not None else Verdict.OTHER,
        "ranked": list(episode.ranked),
        "turns": episode.turns,
        "cost": episode.cost,
        "orders": episode.orders,
        "unavailable": episode.unavailable,
        "format_failures": episode.format_failures,
        "dtc": None,
        "rac": None,
        "coverage": None,
    }


def _share(records: Iterable[dict[str, Any]], most: int) -> float | None:
    return _mean([float(record["rank"] is not None and record["rank"] <= most) for record in records])


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None
