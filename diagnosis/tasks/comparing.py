"""The knowledge-graph policy works up the case that a person has just finished. Only workers load the graph."""

import asyncio
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from subprocess import CalledProcessError, TimeoutExpired
from threading import Lock

import structlog
from django.conf import settings

from diagnosis import services
from diagnosis.models import Comparison, Trajectory
from diagnosis.selectors.branch import get_final_diagnosis
from diagnosis.selectors.overlay import overlay_path
from diagnosis.services import ReferencePath
from diagnosis.services.planning import load_case
from diagnosis.tasks.decorators import project_task
from medaction.bench import judge
from medaction.distill.episode import run_episode
from medaction.distill.policies.kg import KgPolicy, KgSettings
from medaction.domain.canonical import content_hash
from medaction.domain.case import Case
from medaction.domain.environment import EnvironmentSettings
from medaction.knowledge import KnowledgeError, KnowledgeGraph, open_graph
from medaction.knowledge.sources.places import find_places

log = structlog.get_logger(__name__)
BROKEN = "Something went wrong on this server while the policy worked the case up."
NO_GRAPH = "The knowledge graph could not be built on this server; `medaction kg check` says why."
# Opening the policy and working a case up are pure computation: side by side they would only slow each other down.
_one_at_a_time = Lock()


@dataclass(frozen=True, slots=True)
class Solver:
    """The graph and the policy that reasons over it; ``settings`` names its settings for the path's key."""

    graph: KnowledgeGraph
    policy: KgPolicy
    settings: str


@project_task("diagnosis.compare")
def compare(comparison_id: int) -> None:
    """Work out the path of the policy, and judge both diagnoses by concept.

    Pre: the comparison is QUEUED; in any other state this does nothing.
    Post: READY with its path, or FAILED with a sentence. If this process dies, the sweeper sends it again.
    """
    comparison = services.claim_comparison(comparison_id=comparison_id)
    if comparison is None:
        return
    try:
        with _one_at_a_time:
            _compare(comparison, open_solver())
    except (KnowledgeError, CalledProcessError, TimeoutExpired) as error:
        log.warning("graph_not_built", error=str(error), output=getattr(error, "stderr", None))
        services.fail_comparison(comparison=comparison, message=NO_GRAPH)
    except Exception:
        log.exception("comparison_broke", comparison=comparison_id)
        services.fail_comparison(comparison=comparison, message=BROKEN)


def _compare(comparison: Comparison, solver: Solver) -> None:
    session = comparison.session
    case = load_case(session.case_id)
    reference = walk_case(solver, case, session.case_id, session.trajectory.settings["environment"])
    truth = case.diagnosis
    services.finish_comparison(
        comparison=comparison,
        reference=reference,
        verdict=judge(solver.graph, truth, get_final_diagnosis(session.trajectory_id)).value,
        reference_verdict=judge(solver.graph, truth, get_final_diagnosis(reference.pk)).value,
        graph_hash=solver.graph.hash,
    )


def walk_case(solver: Solver, case: Case, case_id: int, environment: dict[str, object]) -> Trajectory:
    """The policy's stored path, worked out once for a case revision, policy, graph and environment."""
    identity = {
        "environment": environment,
        "policy": {"key": solver.policy.name, "label": solver.policy.label, "settings": solver.settings},
        "graph": solver.graph.hash,
    }
    key = content_hash({**identity, "case": case.content_hash})
    known = services.find_reference(key)
    if known is not None:
        return known
    episode = asyncio.run(run_episode(case, solver.policy, EnvironmentSettings(**environment)))
    steps = episode.view.steps
    shown = steps if episode.diagnosis is None else steps[:-1]
    path = ReferencePath(
        policy=solver.policy.name,
        label=solver.policy.label,
        first=episode.view.first,
        turns=tuple((step.reply.text, step.reply.turn) for step in steps),
        observations=tuple(step.observation for step in shown),
        settings=identity,
    )
    return services.keep_reference(case_id=case_id, key=key, path=path)


def open_solver() -> Solver:
    """The process's one, until the site's graph is another."""
    overlay = overlay_path()
    return _open_solver(overlay.read_bytes() if overlay.is_file() else b"")


@lru_cache(maxsize=1)
def _open_solver(_overlay: bytes) -> Solver:
    policy_settings = KgSettings()
    graph = open_compiled_graph(settings.GRAPH_CACHE)
    return Solver(graph, KgPolicy(graph, policy_settings), repr(policy_settings))


def open_compiled_graph(cache: Path | None) -> KnowledgeGraph:
    """The cached graph. Where there is none it is compiled first, for some ten to twenty seconds, by a process of its
    own: it would hold up the answers that stream from this one, and leave it half a gigabyte larger.

    Raises ``KnowledgeError``, ``CalledProcessError``.
    """
    places = find_places(overlay=overlay_path())
    # That of an overlay lies beside it, among the shared files.
    cache = overlay_path().parent if places.overlay else cache
    try:
        return open_graph(cache, places=places, on_build=_refuse)
    except NotCompiledError:
        log.info("graph_is_being_compiled")
    where = [] if cache is None else ["--cache", str(cache)]
    where += ["--overlay", str(places.overlay)] if places.overlay else []
    command = [sys.executable, "-m", "medaction.cli", "kg", "build", *where]
    subprocess.run(command, check=True, capture_output=True, timeout=settings.DIAGNOSIS["COMPARISON_SECONDS"])
    return open_graph(cache, places=places)


class NotCompiledError(Exception):
    """No cached graph is current."""


def _refuse() -> None:
    raise NotCompiledError
