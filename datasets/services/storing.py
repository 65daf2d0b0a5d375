"""Trees, scores and verdicts into PostgreSQL, by COPY: the same for one tree that just grew and for a whole directory.

Records are the library's own: ``TreeRecord.to_dict()``, ``BranchScore.to_dict()``, ``BranchVerdict.to_dict()`` with its
``leaf``.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

import orjson
from django.db import connection
from django.utils import timezone

from datasets.models import DistillationRun, Score, Selection, Verdict
from datasets.selectors.pruning import BRIEF
from diagnosis.models import Trajectory

NODES = (
    "COPY diagnosis_trajectorynode"
    " (trajectory_id, seq, parent_seq, kind, content, sampled, content_hash, created_at) FROM STDIN"
)
SCORES = (
    "COPY datasets_score (id, trajectory_id, leaf_seq, metric, metric_version, graph_hash, dtc, rac, grounding,"
    " coverage, correct, turns, brief, detail) FROM STDIN"
)
VERDICTS = 'COPY datasets_verdict (selection_id, score_id, verdict, t_star, kept, rule, "values") FROM STDIN'


@dataclass(frozen=True, slots=True)
class TreeToStore:
    """A tree with what was made of it. ``verdicts`` without ``scores`` cannot be."""

    case_id: int
    record: dict[str, Any]
    scores: Sequence[dict[str, Any]] = ()
    verdicts: Sequence[dict[str, Any]] = ()


@dataclass(slots=True)
class Stored:
    """What was written; ``trajectories`` by case id, ``verdicts`` by kind."""

    trajectories: dict[int, UUID] = field(default_factory=dict)
    nodes: int = 0
    branches: int = 0
    scores: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Stored") -> None:
        self.trajectories |= other.trajectories
        self.nodes += other.nodes
        self.branches += other.branches
        self.scores += other.scores
        self.verdicts += other.verdicts


def store_trees(*, run: DistillationRun, selection: Selection, trees: Sequence[TreeToStore]) -> Stored:
    """Write all of them, in the caller's transaction. Raises ``IntegrityError`` for a tree that is there already."""
    stored = Stored()
    settings = tree_settings(run)
    places = [(tree_id(run, tree.case_id), tree) for tree in trees]
    Trajectory.objects.bulk_create(
        Trajectory(pk=place, case_id=tree.case_id, origin=Trajectory.Origin.SYNTHETIC, settings=settings)
        for place, tree in places
    )
    store_nodes((place, node) for place, tree in places for node in tree.record["nodes"])
    found = _take_ids(Score, sum(len(tree.scores) for tree in trees))
    score_ids = {(place, score["leaf"]): found.pop() for place, tree in places for score in tree.scores}
    _copy(
        SCORES,
        (
            (score_ids[place, score["leaf"]], place, *_score_row(score))
            for place, tree in places
            for score in tree.scores
        ),
    )
    _copy(
        VERDICTS,
        (
            (selection.pk, score_ids[place, verdict["leaf"]], *_verdict_row(verdict))
            for place, tree in places
            for verdict in tree.verdicts
        ),
    )
    for place, tree in places:
        stored.trajectories[tree.case_id] = place
        stored.nodes += len(tree.record["nodes"])
        stored.branches += count_branches(tree.record)
        stored.scores += len(tree.scores)
        stored.verdicts.update(verdict["verdict"] for verdict in tree.verdicts)
    return stored


def store_nodes(nodes: Iterable[tuple[UUID, dict[str, Any]]]) -> None:
    """``nodes`` are pairs of a trajectory's id and ``Node.to_dict()``."""
    now = timezone.now()
    _copy(NODES, ((place, *_node_row(node), now) for place, node in nodes))


def store_verdicts(*, selection: Selection, verdicts: Iterable[tuple[int, dict[str, Any]]]) -> None:
    """``verdicts`` are pairs of score id and record."""
    _copy(VERDICTS, ((selection.pk, score_id, *_verdict_row(verdict)) for score_id, verdict in verdicts))


def tree_id(run: DistillationRun, case_id: int) -> UUID:
    """The same tree of the same run always has the same id, so that it cannot be written twice."""
    return uuid5(run.pk, str(case_id))


def tree_settings(run: DistillationRun) -> dict[str, Any]:
    """What replays the tree, as ``Trajectory.settings`` keeps it for live walkthroughs too."""
    return {
        "environment": run.config["environment"],
        "prompt_hash": run.manifest.get("prompt"),
        "model": {"key": run.policy, "label": run.policy_label},
        "run": str(run.pk),
    }


def tree_fields(tree: TreeToStore, trajectory_id: Any) -> dict[str, Any]:
    """What a grown :class:`RunCase` keeps of its record."""
    record = tree.record
    return {
        "trajectory_id": trajectory_id,
        "policy": record["policy"],
        "seed": record["seed"],
        "leaves": record["leaves"],
        "rejected": record["rejected"],
        "usage": record["usage"],
        "node_count": len(record["nodes"]),
        "branch_count": count_branches(record),
    }


def count_branches(record: dict[str, Any]) -> int:
    """Merged siblings are no trajectories of their own."""
    return sum(leaf["end"] != "MERGED" for leaf in record["leaves"])


def _node_row(node: dict[str, Any]) -> tuple[Any, ...]:
    content = orjson.dumps(node["content"]).decode()
    return (node["seq"], node["parent_seq"], node["kind"], content, node["sampled"], node["content_hash"])


def _score_row(score: dict[str, Any]) -> tuple[Any, ...]:
    return (
        score["leaf"],
        Score.Metric.REASONING,
        score["metric_version"],
        score["graph"],
        score["dtc"],
        score["rac"],
        score["grounding"],
        score["coverage"],
        score["correct"],
        len(score["turns"]),
        orjson.dumps([[turn[name] for name in BRIEF] for turn in score["turns"]]).decode(),
        orjson.dumps(score).decode(),
    )


def _verdict_row(verdict: dict[str, Any]) -> tuple[Any, ...]:
    kind = Verdict.Kind(verdict["verdict"])
    return (kind, verdict["t_star"], verdict["kept"], verdict["rule"][:80], orjson.dumps(verdict["values"]).decode())


def _copy(statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    # Django's cursor does not translate the errors of what it does not know.
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _take_ids(model: type, count: int) -> list[int]:
    """Ids out of the table's own sequence, for rows that others will refer to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()][::-1]
