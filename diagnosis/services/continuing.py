"""Going on from a turn that a person put right: in another trajectory that begins as the first one did."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from diagnosis.models import HUMAN, Session, Trajectory, TrajectoryNode
from diagnosis.selectors.branch import get_branch
from diagnosis.selectors.chat_models import get_chat_model
from diagnosis.services.appending import append_turn, describe_turn, settle_session, stand_at
from diagnosis.services.errors import DiagnosisRequired
from diagnosis.services.submitting import queue_turn
from medaction.domain.actions import FinalDiagnosis, Turn
from medaction.domain.canonical import content_hash
from medaction.domain.prompt import prompt_hash
from medaction.domain.transcript import render_turn

CORRECTED_LABEL = "Corrected by a reviewer"
NOBODY = "nobody"


def start_continuation(
    *, owner: AbstractBaseUser, source: Trajectory, turn_seq: int, turn: Turn, model_key: str, idempotency_key: str
) -> Session:
    """Take ``turn`` in the place of the turn at node ``turn_seq``; the model then goes on to its end.

    ``source`` stays as it is: what came before is copied node by node, with the same hashes. After a diagnosis nobody
    goes on, and ``model_key`` is not looked at. Raises ``UnknownChatModelError``, its kind ``ModelSwitchedOffError``,
    ``DiagnosisRequired``, and ``ValueError`` for a turn without an action.
    """
    ends = isinstance(turn.action, FinalDiagnosis)
    choice = None if ends else get_chat_model(model_key)
    key, label = (choice.key, choice.label) if choice else (NOBODY, CORRECTED_LABEL)
    text = render_turn(turn)
    with transaction.atomic():
        *before, replaced = get_branch(trajectory_id=source.pk, leaf_seq=turn_seq)
        trajectory = Trajectory.objects.create(
            case_id=source.case_id, origin=Trajectory.Origin.CORRECTED, settings=_settings(source, turn_seq, key, label)
        )
        _copy(trajectory, before)
        session = Session.objects.create(
            owner=owner,
            case_id=source.case_id,
            trajectory=trajectory,
            idempotency_key=idempotency_key,
            mode=Session.Mode.WATCH,
            model_key=key,
            model_label=label,
            leaf_seq=before[-1].seq,
        )
        place = stand_at(session, session.leaf_seq)
        if place.environment.must_diagnose and not ends:
            raise DiagnosisRequired("This is the last turn: it can only be a diagnosis.")
        number = replaced.content["number"]
        content = describe_turn(number=number, text=text, turn=turn, model=HUMAN, model_label=CORRECTED_LABEL)
        result, _ = append_turn(session, place, turn, content, sampled=False)
        settle_session(session, result)
        if session.state == Session.State.ACTIVE:
            request_hash = content_hash({"continue": str(source.pk), "after": turn_seq})
            queue_turn(session=session, idempotency_key=idempotency_key, request_hash=request_hash, number=number + 1)
    return session


def _settings(source: Trajectory, turn_seq: int, key: str, label: str) -> dict[str, Any]:
    return {
        "environment": source.settings["environment"],
        "prompt_hash": prompt_hash(),
        "model": {"key": key, "label": label},
        "sampling": source.settings.get("sampling")
        or {"temperature": settings.MODEL_TEMPERATURE, "max_tokens": settings.MODEL_MAX_TOKENS},
        "continues": {"trajectory": str(source.pk), "instead_of": turn_seq},
    }


def _copy(trajectory: Trajectory, nodes: list[TrajectoryNode]) -> None:
    """Under the same numbers, which need not follow upon each other."""
    copied = ("seq", "parent_seq", "kind", "content", "sampled", "content_hash")
    TrajectoryNode.objects.bulk_create(
        TrajectoryNode(trajectory=trajectory, **{name: getattr(node, name) for name in copied}) for node in nodes
    )
