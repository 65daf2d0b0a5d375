"""What settings offer to watch, by key: ``policy:kg``, ``openai:NAME`` and ``scripted:NAME``."""

from dataclasses import dataclass

from django.conf import settings

from medaction.distill import KG_LABEL
from medaction.inference.registry import ModelSpec, open_model

UNTUNED_DEMO_MODEL = "smollm2-135m-instruct"


@dataclass(frozen=True, slots=True)
class ChatModelChoice:
    """``untuned``: the small demo model, which reasons badly; a page says so beside its answers."""

    key: str
    label: str
    untuned: bool
    spec: ModelSpec


class UnknownChatModelError(LookupError):
    """No configured model has this key; it may have been taken out of the settings since."""


def list_chat_models() -> list[ChatModelChoice]:
    """The knowledge-graph policy first, which makes it the default; then the configured model; then the scripts."""
    choices = []
    if settings.POLICY_URL:
        spec = ModelSpec(
            provider="openai",
            name="kg",
            base_url=settings.POLICY_URL,
            api_key=settings.POLICY_API_KEY,
            label=KG_LABEL,
        )
        choices.append(ChatModelChoice("policy:kg", KG_LABEL, False, spec))
    if settings.MODEL_URL:
        name = settings.MODEL_NAME
        untuned = name.lower() == UNTUNED_DEMO_MODEL
        label = settings.MODEL_LABEL or (f"{name} (untuned demo model)" if untuned else name)
        spec = ModelSpec(
            provider="openai", name=name, base_url=settings.MODEL_URL, api_key=settings.MODEL_API_KEY, label=label
        )
        choices.append(ChatModelChoice(f"openai:{name}", label, untuned, spec))
    for name in settings.SCRIPTED_MODELS:
        spec = ModelSpec(provider="scripted", name=name)
        choices.append(ChatModelChoice(f"scripted:{name}", open_model(spec).label, False, spec))
    return choices


def get_chat_model(key: str) -> ChatModelChoice:
    """Raises ``UnknownChatModelError``."""
    for choice in list_chat_models():
        if choice.key == key:
            return choice
    raise UnknownChatModelError(f"The model “{key}” is not configured on this server.")
