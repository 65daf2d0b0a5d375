"""Policies and metrics as this process has them: opened once for a run, used for all its cases that come here."""

import asyncio

from datasets.models import DistillationRun
from datasets.services.errors import RunRefused
from datasets.services.growing import PendingCase
from datasets.services.starting import open_teachers
from datasets.services.storing import TreeToStore
from medaction.distill.growing import grow_case
from medaction.distill.judging import prune_tree_record, score_tree_record
from medaction.distill.manifest import code_hash, list_differences
from medaction.distill.policies.teachers import OpenTeachers
from medaction.distill.pruning import Thresholds
from medaction.distill.shape import GrowthConfig, TreeShape
from medaction.domain.environment import EnvironmentSettings
from medaction.domain.prompt import prompt_hash
from medaction.knowledge import KnowledgeGraph
from medaction.metrics import METRIC_VERSION, BranchScorer
from review.selectors.graph import open_site_graph


class GrowerRefusal(Exception):  # noqa: N818 - a refusal, not a fault
    """This process would grow other trees than the run asks for."""


class Grower:
    """One run's. Deterministic as far as the policy is."""

    def __init__(self, run: DistillationRun, graph: KnowledgeGraph) -> None:
        self.run_id = run.pk
        try:
            teachers = open_teachers(run.policy, run.seed)
        except RunRefused as refusal:
            raise GrowerRefusal(str(refusal)) from refusal
        _require_same(run, graph, teachers.describe())
        shape, environment = run.config["shape"], run.config["environment"]
        self._config = GrowthConfig(TreeShape(**shape), EnvironmentSettings(**environment))
        self._thresholds = Thresholds(**run.thresholds)
        self._seed = run.seed
        self._teachers = OpenTeachers(teachers, graph)
        self._scorer = BranchScorer(graph)
        self._runner = asyncio.Runner()

    def grow(self, pending: PendingCase) -> TreeToStore:
        """The tree of a case with its scores and verdicts. Raises ``ModelError`` from a policy over a network."""
        policy = self._teachers.of(pending.case)
        record = self._runner.run(grow_case(pending.case, policy, self._config, self._seed))
        scores = score_tree_record(record, pending.case, self._scorer)
        verdicts = prune_tree_record(scores, self._thresholds)
        return TreeToStore(
            case_id=pending.row.case_id,
            record=record.to_dict(),
            scores=scores.to_dict()["branches"],
            verdicts=verdicts.to_dict()["verdicts"],
        )

    def close(self) -> None:
        self._runner.run(self._teachers.aclose())
        self._runner.close()


def _require_same(run: DistillationRun, graph: KnowledgeGraph, policy: dict[str, object]) -> None:
    """Go on only with the program, the graph and the prompt that the run was started with."""
    versions = run.manifest["versions"] | {"code": code_hash()}
    now = run.manifest | {"versions": versions, "policy": policy, "graph": graph.hash, "prompt": prompt_hash()}
    differences = list_differences(run.manifest, now)
    if run.metric_version != METRIC_VERSION:
        differences.append(f"metrics: version {run.metric_version}, now {METRIC_VERSION}")
    if differences:
        raise GrowerRefusal(
            f"The program has changed since this run was started ({'; '.join(differences)[:250]}). Start a new run."
        )


_held: list[Grower] = []
"""The one of this process: a worker does one piece of work at a time."""


def get_grower(run: DistillationRun) -> Grower:
    """Raises :class:`GrowerRefusal`, ``KnowledgeError``."""
    if not _held or _held[0].run_id != run.pk:
        for other in _held:
            other.close()
        _held[:] = [Grower(run, open_site_graph())]
    return _held[0]
