"""Opening a walkthrough."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction

from diagnosis.models import HUMAN, Case, Session, Trajectory
from diagnosis.selectors.chat_models import get_chat_model
from diagnosis.services.announcing import announce_session
from diagnosis.services.errors import IdempotencyConflict
from diagnosis.services.nodes import append_node
from diagnosis.services.planning import load_case
from diagnosis.services.submitting import FIRST_TURN, queue_turn
from medaction.domain.canonical import content_hash
from medaction.domain.environment import Environment, EnvironmentSettings
from medaction.domain.prompt import prompt_hash
from medaction.domain.tree import NodeKind

HUMAN_LABEL = "You"


def start_session(*, owner: AbstractBaseUser, case: Case, model_key: str, idempotency_key: str) -> Session:
    """Open a walkthrough in Watch mode: trajectory with its first observation, session, and the first job.

    The same key gives the same walkthrough. Raises ``UnknownChatModelError`` for a model that is not configured,
    its kind ``ModelSwitchedOffError`` for one that is switched off, and
    ``IdempotencyConflict`` when the key was used for another case or model.
    """

    def create() -> Session:
        choice = get_chat_model(model_key)
        session = _create(
            owner, case, idempotency_key, Session.Mode.WATCH, choice.key, choice.label, settings.DIAGNOSIS["HORIZON"]
        )
        request_hash = content_hash({"start": choice.key})
        queue_turn(session=session, idempotency_key=idempotency_key, request_hash=request_hash, number=FIRST_TURN)
        return session

    return _once(owner, case, model_key, idempotency_key, create)


def start_drive(*, owner: AbstractBaseUser, case: Case, idempotency_key: str) -> Session:
    """Open a walkthrough in Drive mode: the person takes the turns. The same key gives the same walkthrough.

    Raises ``IdempotencyConflict`` when the key was used for another walkthrough.
    """

    def create() -> Session:
        horizon = settings.DIAGNOSIS["DRIVE_HORIZON"]
        session = _create(owner, case, idempotency_key, Session.Mode.DRIVE, HUMAN, HUMAN_LABEL, horizon)
        announce_session(session)
        return session

    return _once(owner, case, HUMAN, idempotency_key, create)


def _once(owner: AbstractBaseUser, case: Case, model_key: str, key: str, create: Callable[[], Session]) -> Session:
    known = _find(owner, case, model_key, key)
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return create()
    except IntegrityError:
        known = _find(owner, case, model_key, key)
        if known is None:
            raise
        return known


def _find(owner: AbstractBaseUser, case: Case, model_key: str, key: str) -> Session | None:
    session = Session.objects.filter(owner=owner, idempotency_key=key).first()
    if session is not None and (session.case_id != case.pk or session.model_key != model_key):
        raise IdempotencyConflict("This key was already used for another walkthrough.")
    return session


def _create(
    owner: AbstractBaseUser, case: Case, key: str, mode: str, model_key: str, model_label: str, horizon: int
) -> Session:
    environment_settings = {"horizon": horizon, "menu_visible": False}
    environment = Environment(load_case(case.pk), EnvironmentSettings(**environment_settings))
    trajectory = Trajectory.objects.create(
        case=case,
        origin=Trajectory.Origin.LIVE,
        settings={
            "environment": environment_settings,
            "prompt_hash": prompt_hash(),
            "model": {"key": model_key, "label": model_label},
            "sampling": {"temperature": settings.MODEL_TEMPERATURE, "max_tokens": settings.MODEL_MAX_TOKENS},
        },
    )
    append_node(trajectory, 0, None, NodeKind.OBSERVATION, environment.reset().to_dict(), sampled=False)
    return Session.objects.create(
        owner=owner,
        case=case,
        trajectory=trajectory,
        idempotency_key=key,
        mode=mode,
        model_key=model_key,
        model_label=model_label,
    )
