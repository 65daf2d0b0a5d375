"""A snapshot as the folder of a review set, which the library builds from. The same snapshot gives the same bytes."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from datasets.models import ReviewSnapshot
from datasets.selectors.judged import list_blind
from diagnosis.models import Case, Trajectory, TrajectoryNode
from medaction.corpus.reviewed import (
    Choice,
    Comparison,
    Correction,
    Gold,
    JudgedTree,
    Judgement,
    Nature,
    Pass,
    ReviewSet,
    Rubric,
    Step,
    Vote,
    write_review_set,
)
from medaction.domain.canonical import content_hash
from medaction.domain.case import Case as DomainCase
from medaction.domain.tree import Node, NodeKind
from review import models as review
from review.rules import Labels
from review.selectors.corrections import list_accepted_corrections
from review.selectors.preferences import PreferenceRow, list_preferences

BATCH = 100
CHOICES = {"FIRST": Choice.ONE, "SECOND": Choice.OTHER, "TIE": Choice.TIE, "BOTH_BAD": Choice.BOTH_BAD}


def write_reviews(*, snapshot: ReviewSnapshot, path: Path, go_on: Callable[[], None] = lambda: None) -> ReviewSet:
    """``go_on`` is called between batches and may raise. Raises ``SetError`` for a folder that holds something, and
    ``OSError``."""
    writer = _Writer(snapshot, go_on)
    version = snapshot.rubric_version
    return write_review_set(
        path,
        rubric=Rubric(f"{version.rubric.slug} v{version.number}", content_hash(version.content)),
        nature=Nature(snapshot.nature),
        cases=writer.cases(),
        trees=writer.trees(),
        gold={rater: Gold(**found) for rater, found in snapshot.gold.items()},
        left_out=snapshot.left_out,
    )


@dataclass(slots=True)
class _Writer:
    snapshot: ReviewSnapshot
    go_on: Callable[[], None]
    _held: dict[str, list[Any]] = field(default_factory=dict)
    _by_trajectory: dict[UUID, dict[str, list[Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._held = self.snapshot.held
        sources = (
            ("annotations", review.Annotation, "item__trajectory"),
            ("adjudications", review.Adjudication, "item__trajectory"),
            ("preferences", review.Preference, "pair__first_trajectory"),
            ("blind_preferences", review.Preference, "pair__first_trajectory"),
        )
        for name, model, place in sources:
            for some in _batches(self._held[name], 1000):
                for pk, trajectory in model.objects.filter(pk__in=some).values_list("pk", place):
                    self._by_trajectory.setdefault(trajectory, defaultdict(list))[name].append(pk)

    def cases(self) -> Iterator[DomainCase]:
        """Every judged revision, in the order of their names."""
        wanted: set[int] = set()
        for some in _batches(list(self._by_trajectory), 1000):
            wanted.update(Trajectory.objects.filter(pk__in=some).values_list("case", flat=True))
        for some in _batches(self._held["corrections"], 1000):
            wanted.update(Trajectory.objects.filter(correction__in=some).values_list("case", flat=True))
        found = Case.objects.filter(pk__in=wanted).order_by("slug", "revision").values_list("payload", flat=True)
        return (DomainCase.from_dict(payload) for payload in found.iterator(500))

    def trees(self) -> Iterator[JudgedTree]:
        """Judged and compared ones by case, then corrections in the order in which they were accepted."""
        order = Trajectory.objects.filter(pk__in=list(self._by_trajectory)).order_by(
            "case__slug", "case__revision", "pk"
        )
        for some in _batches(list(order.values_list("pk", flat=True)), BATCH):
            self.go_on()
            yield from self._judged(some)
        for some in _batches(self._held["corrections"], BATCH):
            self.go_on()
            yield from self._corrected(some)

    def _judged(self, ids: list[UUID]) -> Iterator[JudgedTree]:
        judgements = self._read_judgements(ids)
        decided = self._read_adjudications(ids)
        compared = self._read_comparisons(ids)
        pairs = review.Pair.objects.in_bulk({pair for by_pair in compared.values() for pair in by_pair})
        for trajectory, nodes in _read_trajectories(ids):
            said = judgements[trajectory.pk].values()
            yield _tree(
                trajectory,
                nodes,
                judgements=tuple(sorted(said, key=lambda one: (one.leaf, one.rater, one.stage))),
                authoritative=decided[trajectory.pk],
                comparisons=tuple(_compare(pairs[pk], rows, nodes) for pk, rows in compared[trajectory.pk].items()),
            )

    def _read_judgements(self, ids: list[UUID]) -> dict[UUID, dict[Any, Judgement]]:
        """Of one person and branch the latest: the branch may be there as several items."""
        held = review.Annotation.objects.filter(pk__in=self._pks("annotations", ids))
        found: dict[UUID, dict[Any, Judgement]] = defaultdict(dict)
        for stage, rows in ((Pass.FIRST, list_blind(held)), (Pass.SECOND, held)):
            for row in rows.select_related("item").order_by("pk"):
                judgement = self._judge(row, stage)
                found[row.item.trajectory_id][judgement.leaf, judgement.rater, stage] = judgement
        return found

    def _read_adjudications(self, ids: list[UUID]) -> dict[UUID, dict[int, Judgement]]:
        held = review.Adjudication.objects.filter(pk__in=self._pks("adjudications", ids))
        found: dict[UUID, dict[int, Judgement]] = defaultdict(dict)
        for row in held.select_related("annotation__item").order_by("pk"):
            item = row.annotation.item
            # An adjudicator's own judgement is a third pass, and knows the truth as the second does.
            stage = Pass.FIRST if row.annotation.stage == "FIRST" else Pass.SECOND
            found[item.trajectory_id][item.leaf_seq] = self._judge(row.annotation, stage)
        return found

    def _read_comparisons(self, ids: list[UUID]) -> dict[UUID, dict[UUID, list[tuple[PreferenceRow, Vote]]]]:
        found: dict[UUID, dict[UUID, list[tuple[PreferenceRow, Vote]]]] = defaultdict(lambda: defaultdict(list))
        for stage, name in ((Pass.FIRST, "blind_preferences"), (Pass.SECOND, "preferences")):
            held = review.Preference.objects.filter(pk__in=self._pks(name, ids)).order_by("pair", "pk")
            reviewers = dict(held.values_list("pk", "reviewer"))
            for row in list_preferences(held):
                rater = self.snapshot.raters[str(reviewers[row.id])]
                vote = Vote(rater, stage, _month(row.created_at), round(row.seconds), CHOICES[row.choice])
                found[row.first.trajectory_id][row.pair_id].append((row, vote))
        return found

    def _corrected(self, ids: list[str]) -> Iterator[JudgedTree]:
        held = review.Correction.objects.filter(pk__in=ids)
        reviewers = dict(held.values_list("pk", "reviewer"))
        found = {row.trajectory_id: row for row in list_accepted_corrections(held)}
        trees = {trajectory.pk: (trajectory, nodes) for trajectory, nodes in _read_trajectories(list(found))}
        for place, row in found.items():
            correction = Correction(
                rater=self.snapshot.raters[str(reviewers[row.correction_id])],
                stage=Pass.FIRST if row.stage == "FIRST" else Pass.SECOND,
                month=_month(row.accepted_at),
                number=row.turn_number,
                leaf=row.leaf_seq,
                rejected=row.rejected,
                labels=row.steps,
            )
            yield _tree(*trees[place], correction=correction)

    def _judge(self, row: review.Annotation, stage: Pass) -> Judgement:
        labels = Labels.model_validate(row.labels)
        steps = {
            number: Step(turn.label, turn.inherited, turn.errors, turn.harm, turn.confidence, turn.hindsight)
            for number, turn in sorted(labels.turns.items())
        }
        rater = self.snapshot.raters[str(row.reviewer_id)]
        return Judgement(rater, row.item.leaf_seq, stage, _month(row.created_at), round(row.seconds), steps)

    def _pks(self, name: str, ids: Iterable[UUID]) -> list[Any]:
        return [pk for trajectory in ids for pk in self._by_trajectory[trajectory].get(name, ())]


def _compare(pair: review.Pair, rows: list[tuple[PreferenceRow, Vote]], nodes: tuple[Node, ...]) -> Comparison:
    """``nodes``: of the tree in which the first way lies; both ways answer the same node of it."""
    by_seq = {node.seq: node for node in nodes}
    path: list[int] = []
    seq: int | None = pair.first_leaf
    while seq is not None:
        path.append(seq)
        seq = by_seq[seq].parent_seq
    node = path[::-1][pair.shared - 1]
    votes = tuple(sorted((vote for _, vote in rows), key=lambda vote: (vote.rater, vote.stage)))
    ways = rows[0][0]
    whole = pair.scope == review.Pair.Scope.BRANCH
    return Comparison(node, ways.first.text, ways.second.text, whole=whole, votes=votes)


def _read_trajectories(ids: list[UUID]) -> Iterator[tuple[Trajectory, tuple[Node, ...]]]:
    """In the order of ``ids``. Two queries."""
    found = Trajectory.objects.select_related("case").defer("case__search", "case__payload").in_bulk(ids)
    nodes: dict[UUID, list[Node]] = defaultdict(list)
    for row in TrajectoryNode.objects.filter(trajectory__in=ids).order_by("trajectory", "seq"):
        kind = NodeKind(row.kind)
        node = Node(row.seq, row.parent_seq, kind, row.content, row.sampled, row.content_hash)
        nodes[row.trajectory_id].append(node)
    for place in ids:
        yield found[place], tuple(nodes[place])


def _tree(trajectory: Trajectory, nodes: tuple[Node, ...], **said: Any) -> JudgedTree:
    return JudgedTree(
        key=sha256(trajectory.pk.bytes).hexdigest(),
        case=trajectory.case.slug,
        case_hash=trajectory.case.content_hash,
        policy=" + ".join(dict.fromkeys(node.content["model"] for node in nodes if node.kind is NodeKind.TURN)),
        environment=trajectory.settings["environment"],
        nodes=nodes,
        **said,
    )


def _month(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m")


def _batches(ids: list[Any], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
