"""Opening a walkthrough."""

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction

from diagnosis.models import Case, Session, Trajectory
from diagnosis.selectors.chat_models import ChatModelChoice, get_chat_model
from diagnosis.services.errors import IdempotencyConflict
from diagnosis.services.nodes import append_node
from diagnosis.services.planning import load_case
from diagnosis.services.submitting import FIRST_TURN, queue_turn
from medaction.domain.canonical import content_hash
from medaction.domain.environment import Environment, EnvironmentSettings
from medaction.domain.prompt import prompt_hash
from medaction.domain.tree import NodeKind


def start_session(*, owner: AbstractBaseUser, case: Case, model_key: str, idempotency_key: str) -> Session:
    """Open a walkthrough in Watch mode: trajectory with its first observation, session, and the first job.

    The same key gives the same walkthrough. Raises ``UnknownChatModelError`` for a model that is not configured and
    ``IdempotencyConflict`` when the key was used for another case or model.
    """
    known = _find(owner, case, model_key, idempotency_key)
    if known is not None:
        return known
    choice = get_chat_model(model_key)
    try:
        with transaction.atomic():
            return _create(owner, case, choice, idempotency_key)
    except IntegrityError:
        known = _find(owner, case, model_key, idempotency_key)
        if known is None:
            raise
        return known


def _find(owner: AbstractBaseUser, case: Case, model_key: str, key: str) -> Session | None:
    session = Session.objects.filter(owner=owner, idempotency_key=key).first()
    if session is not None and (session.case_id != case.pk or session.model_key != model_key):
        raise IdempotencyConflict("This key was already used for another walkthrough.")
    return session


def _create(owner: AbstractBaseUser, case: Case, choice: ChatModelChoice, key: str) -> Session:
    environment_settings = {"horizon": settings.DIAGNOSIS["HORIZON"], "menu_visible": False}
    environment = Environment(load_case(case.pk), EnvironmentSettings(**environment_settings))
    trajectory = Trajectory.objects.create(
        case=case,
        origin=Trajectory.Origin.LIVE,
        settings={
            "environment": environment_settings,
            "prompt_hash": prompt_hash(),
            "model": {"key": choice.key, "label": choice.label},
            "sampling": {"temperature": settings.MODEL_TEMPERATURE, "max_tokens": settings.MODEL_MAX_TOKENS},
        },
    )
    append_node(trajectory, 0, None, NodeKind.OBSERVATION, environment.reset().to_dict(), sampled=False)
    session = Session.objects.create(
        owner=owner,
        case=case,
        trajectory=trajectory,
        idempotency_key=key,
        model_key=choice.key,
        model_label=choice.label,
    )
    queue_turn(
        session=session, idempotency_key=key, request_hash=content_hash({"start": choice.key}), number=FIRST_TURN
    )
    return session
