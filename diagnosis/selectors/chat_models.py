"""Which models a walkthrough may ask, by key: ``policy:kg``, ``openai:NAME``, ``scripted:NAME``, or a release's own.

Offered are the models of the settings and the releases that were registered beside them, less those switched off.
"""

from dataclasses import dataclass

from diagnosis.models import ModelRelease
from diagnosis.selectors.configured import list_configured
from diagnosis.selectors.endpoints import EndpointNotAllowedError, get_endpoint
from medaction.inference.registry import ModelSpec


@dataclass(frozen=True, slots=True)
class ChatModelChoice:
    """``untuned``: the small demo model, which reasons badly; a page says so beside its answers.

    ``problem``: what its last health check found, empty when it answered. ``switched_off``: why it may not be asked.
    """

    key: str
    label: str
    untuned: bool
    spec: ModelSpec
    problem: str = ""
    switched_off: str = ""


class UnknownChatModelError(LookupError):
    """No configured model has this key; it may have been taken out of the settings since."""


class ModelSwitchedOffError(UnknownChatModelError):
    """The model's release is disabled. The text is a sentence with the reason."""


def list_chat_models() -> list[ChatModelChoice]:
    """What may be asked now, in one query. The first is the default."""
    return [choice for choice in list_known_models() if not choice.switched_off]


def list_known_models() -> list[ChatModelChoice]:
    """Also those that are switched off. The settings' come first, in their order, and the scripts last."""
    releases = {release.key: release for release in ModelRelease.objects.defer("card")}
    configured = list_configured()
    known = {model.key for model in configured}
    choices = [
        _choice(model.key, model.label, model.spec, releases.get(model.key), untuned=model.untuned)
        for model in configured
    ]
    registered = [
        _choice(release.key, release.label, spec, release)
        for release in releases.values()
        if release.key not in known and not release.configured and (spec := _spec(release)) is not None
    ]
    served = [choice for choice in choices if choice.spec.provider != "scripted"]
    return [*served, *registered, *(choice for choice in choices if choice.spec.provider == "scripted")]


def get_chat_model(key: str) -> ChatModelChoice:
    """Raises ``UnknownChatModelError``, and its kind ``ModelSwitchedOffError``."""
    for choice in list_known_models():
        if choice.key == key:
            if choice.switched_off:
                raise ModelSwitchedOffError(choice.switched_off)
            return choice
    raise UnknownChatModelError(f"The model “{key}” is not configured on this server.")


def get_switched_off(key: str) -> str:
    """Why this model may not be asked; empty when it may."""
    release = ModelRelease.objects.filter(key=key, state=ModelRelease.State.DISABLED).first()
    return "" if release is None else describe_switch(release)


def describe_switch(release: ModelRelease) -> str:
    """The sentence that everybody reads who would use a release that is switched off."""
    reason = release.state_reason
    end = "" if reason.endswith((".", "!", "?")) else "."
    return f"{release.label} was switched off on {release.state_at:%-d %B %Y}: {reason}{end}"


def _choice(
    key: str, label: str, spec: ModelSpec, release: ModelRelease | None, *, untuned: bool = False
) -> ChatModelChoice:
    if release is None:
        return ChatModelChoice(key, label, untuned, spec)
    failing = release.health == ModelRelease.Health.FAILING
    return ChatModelChoice(
        key,
        label,
        untuned,
        spec,
        problem=release.health_message if failing else "",
        switched_off="" if release.is_enabled else describe_switch(release),
    )


def _spec(release: ModelRelease) -> ModelSpec | None:
    """None for an address that the settings no longer allow."""
    try:
        endpoint = get_endpoint(release.base_url)
    except EndpointNotAllowedError:
        return None
    return ModelSpec(
        provider="openai",
        name=release.served_name,
        base_url=endpoint.url,
        api_key=endpoint.api_key,
        label=release.label,
    )
