"""Making what a test needs, through the services that make it in earnest."""

from importlib import import_module
from pathlib import Path

from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection

from diagnosis.models import Trajectory
from diagnosis.services.appending import describe_turn
from diagnosis.services.nodes import append_node
from medaction.domain.actions import FinalDiagnosis, Hypothesis, TestOrder, Turn
from medaction.domain.case import Case as DomainCase
from medaction.domain.environment import Environment, EnvironmentSettings
from medaction.domain.transcript import render_turn
from medaction.domain.tree import NodeKind
from review.models import Draft, Reviewer, ReviewItem
from review.rules import TrajectoryLabel, TurnLabel
from review.services import add_item
from review.services.drafting import save_draft
from review.services.judging import finish_first_pass, judge_turn, submit_judgement
from tests.diagnosis.factories import make_case, make_user

ANNOTATOR, ADJUDICATOR = "annotator", "adjudicator"
SETTINGS = {"horizon": 6, "menu_visible": False}


def make_role(role: str, name: str | None = None, **values):
    """A person with one of the roles. Tests with real transactions empty the table of groups."""
    if not Group.objects.filter(name=role).exists():
        import_module("datasets.migrations.0003_roles").make_roles(apps, connection.schema_editor())
        give_roles()
    user = make_user(name)
    for field, value in values.items():
        setattr(user, field, value)
    user.save()
    user.groups.add(Group.objects.get(name=role))
    return user


def give_roles() -> None:
    """What the migrations of review give to the roles."""
    folder = Path(import_module("review.migrations").__file__).parent
    for path in sorted(folder.glob("0*.py")):
        migration = import_module(f"review.migrations.{path.stem}")
        if hasattr(migration, "make_roles"):
            migration.make_roles(apps, connection.schema_editor())


def make_reviewer(name: str | None = None, **values) -> Reviewer:
    """Somebody who has qualified."""
    user = make_user(name)
    fields = {"state": Reviewer.State.QUALIFIED, "qualified_at": user.date_joined, "alias": f"R-{user.pk:05}"}
    return Reviewer.objects.create(user=user, **{**fields, **values})


def make_reviewer_of(user) -> Reviewer:
    """The profile of this person, qualified."""
    now = user.date_joined
    return Reviewer.objects.create(user=user, alias=f"R-{user.pk:05}", state="QUALIFIED", qualified_at=now)


def make_trajectory(turns: int = 5, case=None, model: str = "test") -> Trajectory:
    """Orders, one a turn and answered by the case, then a diagnosis. Its leaf is ``2 * turns - 1``."""
    case = case or make_case()
    domain = DomainCase.from_dict(case.payload)
    environment = Environment(domain, EnvironmentSettings(**SETTINGS))
    trajectory = Trajectory.objects.create(
        case=case, origin=Trajectory.Origin.SYNTHETIC, settings={"environment": SETTINGS}
    )
    node = append_node(trajectory, 0, None, NodeKind.OBSERVATION, environment.reset().to_dict(), sampled=False)
    for index in range(turns):
        last = index == turns - 1
        action = FinalDiagnosis(domain.diagnosis.text) if last else TestOrder((domain.menu[index].name,))
        turn = Turn(
            reasoning=f"Reasoning of turn {index + 1}.",
            differential=(Hypothesis("Stroke", 0.5, ("o1.1",)), Hypothesis("Migraine", 0.3)),
            action=action,
        )
        content = describe_turn(
            number=index + 2, text=render_turn(turn), turn=turn, model=model, model_label="A model that judges"
        )
        node = append_node(trajectory, node.seq + 1, node, NodeKind.TURN, content, sampled=True)
        step = environment.step(action)
        if not step.terminated:
            node = append_node(
                trajectory, node.seq + 1, node, NodeKind.OBSERVATION, step.observation.to_dict(), sampled=False
            )
    return trajectory


def leaf_of(trajectory: Trajectory) -> int:
    return trajectory.nodes.order_by("-seq").first().seq


def make_item(trajectory: Trajectory | None = None, **values) -> ReviewItem:
    trajectory = trajectory or make_trajectory()
    fields = {"source": ReviewItem.Source.SYNTHETIC, "reason": "A test wants it judged."}
    return add_item(trajectory=trajectory, leaf_seq=leaf_of(trajectory), **{**fields, **values})


def judge(reviewer: Reviewer, item: ReviewItem, label: int | None = 1) -> None:
    """Both passes, through the services that the page uses."""
    revision = judge_rest(reviewer, item, label)
    submit_judgement(reviewer=reviewer, item=item, revision=revision)


def judge_rest(reviewer: Reviewer, item: ReviewItem, label: int | None = 1) -> int:
    """What is left of the first pass. Returns the draft's revision, with which the second is handed in."""
    turn = TurnLabel(label=label, errors=("anchoring",) if label == -1 else (), harm=1 if label == -1 else None)
    said = TrajectoryLabel(answers={"conclusion": "follows", "teach": "as_example"})
    who = {"reviewer": reviewer, "item": item}
    draft = Draft.objects.get(**who)
    for number in item.turn_numbers[draft.position :]:
        draft = save_draft(**who, revision=draft.revision, turns={number: turn})
        draft = judge_turn(**who, revision=draft.revision)
    draft = save_draft(**who, revision=draft.revision, turns={}, trajectory=said)
    return finish_first_pass(**who, revision=draft.revision).revision
