"""The reference policies, each through the environment of a case, until too many have solved it."""

import asyncio
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from medaction.distill.episode import run_episode, run_static
from medaction.distill.policies import Policy, Reply, View, open_policy
from medaction.distill.policies.kg import open_extractor
from medaction.distill.policies.policy import SamplingPolicy
from medaction.domain.case import Case
from medaction.formats.linting import lint_case
from medaction.knowledge import KnowledgeGraph, open_graph
from medaction.metrics.judge import Verdict, judge

from .choosing import HardRule, Tried
from .systems import Strata

TEMPERATURE = 1.0


@dataclass(frozen=True, slots=True)
class Reference:
    """One run of a policy. ``seed`` 0: as the policy is; above: which part of the graph ``kg-dropout`` does not see,
    or what the others draw."""

    policy: str
    seed: int = 0

    @property
    def name(self) -> str:
        return f"{self.policy}@{self.seed}" if self.seed else self.policy


REFERENCES = (
    Reference("kg"),
    Reference("kg-dropout", 1),
    Reference("kg-dropout", 2),
    Reference("kg-dropout", 3),
    Reference("anchored", 1),
    Reference("anchored", 2),
    Reference("random", 1),
    Reference("random", 2),
)


class DrawnPolicy:
    """A sampling policy that draws each turn, from the seed and what the case has shown."""

    def __init__(self, policy: SamplingPolicy, seed: int) -> None:
        self.name, self.label = policy.name, policy.label
        self._policy = policy
        self._seed = seed

    async def answer(self, view: View) -> Reply:
        shown = "\n".join(segment.text for segment in view.first.segments)
        drawn = sha256(f"{self._seed}:{shown}".encode()).digest()
        seed = int.from_bytes(drawn[:4], "big") % 2**31
        return (await self._policy.propose(view, 2, seed, TEMPERATURE))[1]

    async def aclose(self) -> None:
        await self._policy.aclose()


class Trial:
    """Tries cases, one at a time. A policy is opened when a case first comes to it, in a second or two."""

    def __init__(self, graph: KnowledgeGraph, rule: HardRule) -> None:
        self._graph, self._rule, self._strata = graph, rule, Strata(graph)
        self._extractor = open_extractor(graph)
        self._policy = cache(self._open)

    def _open(self, reference: Reference) -> Policy:
        policy = open_policy(reference.policy, lambda: self._graph, seed=reference.seed, extractor=self._extractor)
        return DrawnPolicy(policy, reference.seed) if reference.policy in ("anchored", "random") else policy

    async def of(self, case: Case, known: dict[str, bool] | None = None) -> Tried:
        """``known``: runs of other policies that were made before, by name; they count as reference runs."""
        system, disease = self._strata.of(case)
        right = dict(known or {})
        without = case.references if self._rule.without_own_paper else ()
        for reference in REFERENCES:
            if sum(right.values()) > self._rule.right_at_most:
                return Tried(case.id, case.content_hash, case.group_key, case.source, system, disease, right)
            episode = await run_episode(case, self._policy(reference), without=without)
            given = episode.diagnosis
            right[reference.name] = given is not None and judge(self._graph, case.diagnosis, given) is Verdict.SAME
        told = await run_static(case, self._policy(REFERENCES[0]), without=without)
        verdicts = [judge(self._graph, case.diagnosis, name) for name in told.ranked]
        return Tried(
            case.id,
            case.content_hash,
            case.group_key,
            case.source,
            system,
            disease,
            right,
            next((place for place, verdict in enumerate(verdicts, start=1) if verdict is Verdict.SAME), None),
            tuple(sorted({issue.code.value for issue in lint_case(case, self._graph) if issue.severity == "error"})),
        )


Known = dict[str, bool]
_here: list[tuple[Trial, asyncio.Runner]] = []
"""The one of this process."""


def begin(folder: Path | None, rule: HardRule) -> None:
    """Prepare this process. ``folder``: of the compiled graph."""
    _here[:] = [(Trial(open_graph(folder), rule), asyncio.Runner())]


def try_here(work: tuple[Case, Known]) -> Tried:
    trial, runner = _here[0]
    return runner.run(trial.of(*work))
