"""Who can be benchmarked: the policies, the model that the settings name, and the scripts of this site."""

from dataclasses import dataclass

from django.conf import settings

from datasets.services.starting import open_teachers
from medaction.distill.policies.catalogue import DROPOUT, GRAPH_DROPOUT
from medaction.distill.policies.teachers import CHAT, Teachers
from medaction.inference.registry import SCRIPTED_PREFIX

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
    """In the order in which they are offered."""
    offered = dict(POLICIES)
    if settings.MODEL_URL:
        offered[CHAT] = settings.MODEL_LABEL or settings.MODEL_NAME
    offered |= {f"{SCRIPTED_PREFIX}{name}": f"Script {name}" for name in settings.SCRIPTED_MODELS}
    return [Contender(policy, label) for policy, label in offered.items()]


def open_contender(policy: str, seed: int) -> Teachers:
    """Raises :class:`datasets.services.errors.RunRefused`."""
    return open_teachers(policy, seed)
