"""What a first look at review needs: training items whose answers are known, and work-ups to judge."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction

from diagnosis.models import Case, Trajectory
from diagnosis.services.appending import describe_turn
from diagnosis.services.nodes import append_node
from medaction.domain.actions import FinalDiagnosis, Hypothesis, TestOrder, Turn
from medaction.domain.case import Case as DomainCase
from medaction.domain.environment import Environment, EnvironmentSettings
from medaction.domain.transcript import render_turn
from medaction.domain.tree import NodeKind
from review.models import ReviewItem
from review.services.items import add_item

FOLDER = Path(__file__).parents[1] / "examples"
LABEL = "Written for training"
ANNOTATOR = "annotator"
EXAMPLES = ("teach-cardio-02", "teach-derm-01", "teach-endo-02", "teach-gi-02", "teach-inf-02", "teach-neuro-02")
REASON = "An example: a teaching case, worked up by the knowledge-graph policy."


def let_judge(*, user: Any) -> None:
    """Give this person the role of an annotator."""
    user.groups.add(Group.objects.get(name=ANNOTATOR))


def add_training_items() -> list[ReviewItem]:
    """Those that the project brings, for the teaching cases that are there. Safe to repeat."""
    written = yaml.safe_load((FOLDER / "training.yaml").read_text(encoding="utf-8"))
    return [item for example in written if (item := _add(example)) is not None]


def list_missing_examples() -> list[Case]:
    """Teaching cases whose work-up by the policy is to be an item to judge, and is none yet."""
    cases = Case.objects.filter(slug__in=EXAMPLES, is_current=True)
    there = ReviewItem.objects.filter(trajectory__case__in=cases, trajectory__origin=Trajectory.Origin.REFERENCE)
    return list(cases.exclude(pk__in=there.values("trajectory__case")).order_by("slug"))


def example_environment() -> dict[str, Any]:
    return asdict(EnvironmentSettings(horizon=settings.DIAGNOSIS["HORIZON"]))


def add_example(*, trajectory: Trajectory) -> ReviewItem:
    """The whole of a path that never branches. Safe to repeat."""
    leaf = trajectory.nodes.order_by("-seq").values_list("seq", flat=True)[0]
    return add_item(trajectory=trajectory, leaf_seq=leaf, source=ReviewItem.Source.SYNTHETIC, reason=REASON)


def _add(example: Mapping[str, Any]) -> ReviewItem | None:
    case = Case.objects.filter(slug=example["case"], is_current=True).first()
    if case is None:
        return None
    kept = Trajectory.objects.filter(case__slug=case.slug, settings__training=example["id"]).first()
    labels = {str(number): each["label"] for number, each in enumerate(example["turns"], start=2)}
    with transaction.atomic():
        trajectory = kept or _walk(example, case)
        return add_item(
            trajectory=trajectory,
            leaf_seq=trajectory.nodes.order_by("-seq").values_list("seq", flat=True)[0],
            source=ReviewItem.Source.SYNTHETIC,
            reason="Written for training, with errors put in on purpose.",
            kind=ReviewItem.Kind.TRAINING,
            reference={
                "turns": labels,
                "trajectory": {"answers": example["answers"], "comment": example["comment"]},
            },
        )


def _walk(example: Mapping[str, Any], case: Case) -> Trajectory:
    """The written turns, answered by the case."""
    environment = Environment(DomainCase.from_dict(case.payload), EnvironmentSettings(**example_environment()))
    trajectory = Trajectory.objects.create(
        case=case,
        origin=Trajectory.Origin.SYNTHETIC,
        settings={"environment": example_environment(), "training": example["id"], "model": {"label": LABEL}},
    )
    node = append_node(trajectory, 0, None, NodeKind.OBSERVATION, environment.reset().to_dict(), sampled=False)
    for number, written in enumerate(example["turns"], start=2):
        turn = _turn(written)
        content = describe_turn(number=number, text=render_turn(turn), turn=turn, model="training", model_label=LABEL)
        # No model wrote it, so it is never learned from.
        node = append_node(trajectory, node.seq + 1, node, NodeKind.TURN, content, sampled=False)
        step = environment.step(turn.action)
        if not step.terminated:
            answer = step.observation.to_dict()
            node = append_node(trajectory, node.seq + 1, node, NodeKind.OBSERVATION, answer, sampled=False)
    return trajectory


def _turn(written: Mapping[str, Any]) -> Turn:
    differential = tuple(
        Hypothesis(each["dx"], each["p"], tuple(each.get("for", ())), tuple(each.get("against", ())))
        for each in written["differential"]
    )
    diagnosis = written.get("diagnosis")
    action = FinalDiagnosis(diagnosis) if diagnosis else TestOrder(tuple(written["tests"]))
    return Turn(reasoning=written["reasoning"], differential=differential, action=action)
