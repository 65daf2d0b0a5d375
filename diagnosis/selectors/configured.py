"""The models that the settings name: the policy, the model beside it, and the scripts."""

from dataclasses import dataclass

from django.conf import settings

from diagnosis.models import ModelRelease
from medaction.distill import KG_LABEL
from medaction.inference.openai_compatible import NO_ADAPTER
from medaction.inference.registry import ModelSpec, open_model
from medaction.inference.weights import MODEL_NAME, label_for

Engine = ModelRelease.Engine


@dataclass(frozen=True, slots=True)
class ConfiguredModel:
    key: str
    label: str
    engine: str
    spec: ModelSpec
    untuned: bool = False


def list_configured() -> list[ConfiguredModel]:
    """The knowledge-graph policy first, which makes it the default; then the model that it helps, the configured model,
    and the scripts."""
    return [*_policy(), *_model(), *_scripts()]


def _policy() -> list[ConfiguredModel]:
    if not settings.POLICY_URL:
        return []
    served = {"kg": KG_LABEL}
    if settings.ASSISTED_MODEL:
        served[settings.ASSISTED_MODEL] = label_for(settings.ASSISTED_MODEL)
    return [
        ConfiguredModel(f"policy:{name}", label, Engine.POLICY, _policy_spec(name, label))
        for name, label in served.items()
    ]


def _policy_spec(name: str, label: str) -> ModelSpec:
    return ModelSpec(
        provider="openai", name=name, base_url=settings.POLICY_URL, api_key=settings.POLICY_API_KEY, label=label
    )


def _model() -> list[ConfiguredModel]:
    if not settings.MODEL_URL:
        return []
    name = settings.MODEL_NAME
    untuned = name.lower() == MODEL_NAME.lower()
    label = settings.MODEL_LABEL or (f"{name} (untuned demo model)" if untuned else name)
    spec = ModelSpec(
        provider="openai",
        name=name,
        base_url=settings.MODEL_URL,
        api_key=settings.MODEL_API_KEY,
        label=label,
        # Its server has the tuned model's adapter loaded too.
        adapter=NO_ADAPTER if untuned else "",
    )
    engine = Engine.LLAMA_CPP if untuned else Engine.OTHER
    return [ConfiguredModel(f"openai:{name}", label, engine, spec, untuned)]


def _scripts() -> list[ConfiguredModel]:
    specs = [ModelSpec(provider="scripted", name=name) for name in settings.SCRIPTED_MODELS]
    return [ConfiguredModel(f"scripted:{spec.name}", open_model(spec).label, Engine.SCRIPTED, spec) for spec in specs]
