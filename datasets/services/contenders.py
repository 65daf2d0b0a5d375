"""Who can be benchmarked: the policies, the models that may be asked here, and the scripts of this site."""

from dataclasses import dataclass

from datasets.services.errors import RunRefused
from datasets.services.starting import open_teachers
from diagnosis.models import ModelRelease
from diagnosis.selectors.chat_models import (
    UnknownChatModelError,
    get_chat_model,
    get_switched_off,
    list_chat_models,
)
from medaction.distill.policies.catalogue import DROPOUT, GRAPH_DROPOUT
from medaction.distill.policies.teachers import CHAT, Teachers

MODEL = "model:"
"""Before the key of a model, in what a run stores."""
POLICIES = {
    "kg": "Knowledge graph",
    DROPOUT: f"Knowledge graph without {GRAPH_DROPOUT:.0%} of its statements",
    "anchored": "Anchored on the first idea, reads no graph",
    "random": "Random tests and diagnoses",
}


@dataclass(frozen=True, slots=True)
class Contender:
    """``policy`` is what a run stores, ``label`` what its rows are called."""

    policy: str
    label: str


def list_contenders() -> list[Contender]:
    """In the order in which they are offered. A model that is switched off is not."""
    models = [
        Contender(choice.key if choice.spec.provider == "scripted" else f"{MODEL}{choice.key}", choice.label)
        for choice in list_chat_models()
    ]
    return [*(Contender(policy, label) for policy, label in POLICIES.items()), *models]


def open_contender(policy: str, seed: int) -> Teachers:
    """Raises :class:`RunRefused`, also for a model that is switched off or no longer configured."""
    if not policy.startswith(MODEL):
        return open_teachers(policy, seed)
    try:
        spec = get_chat_model(policy.removeprefix(MODEL)).spec
    except UnknownChatModelError as refusal:
        raise RunRefused(str(refusal)) from refusal
    return Teachers(((CHAT, 1.0),), seed, model=spec.name, base_url=spec.base_url, api_key=spec.api_key)


def find_release(policy: str) -> ModelRelease | None:
    """The release behind a contender that is a model, if it was registered."""
    return ModelRelease.objects.filter(key=policy.removeprefix(MODEL)).first() if policy.startswith(MODEL) else None


def why_switched_off(policy: str) -> str:
    """Empty when it may be asked."""
    return get_switched_off(policy.removeprefix(MODEL))
