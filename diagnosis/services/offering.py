"""The models that the settings name become releases, so that they can be seen, checked and switched off."""

import structlog

from diagnosis.models import ModelRelease
from diagnosis.selectors.configured import ConfiguredModel, list_configured
from diagnosis.services.errors import ReleaseRefused
from diagnosis.services.releasing import ReleaseFacts, register_release
from medaction.domain.prompt import prompt_hash
from medaction.inference.release import find_shipped

log = structlog.get_logger(__name__)


def register_configured() -> list[ModelRelease]:
    """Safe to repeat, and by several workers at once. What the settings no longer name stays, but is not offered."""
    releases = []
    for model in list_configured():
        try:
            releases.append(register_release(facts=_describe(model)))
        except ReleaseRefused as refusal:
            log.warning("release_not_registered", model=model.key, reason=str(refusal))
    return releases


def _describe(model: ConfiguredModel) -> ReleaseFacts:
    """What is known of it: all of a model that comes with the project, little of a server that somebody else runs."""
    served_name = model.spec.name or model.label
    shipped = find_shipped(served_name)
    known = {} if shipped is None else {**shipped.facts(), "card": shipped.card}
    return ReleaseFacts(
        key=model.key,
        label=model.label,
        engine=model.engine,
        served_name=served_name,
        base_url=model.spec.base_url,
        configured=True,
        **{"prompt_hash": prompt_hash(), **known},
    )
