"""Model and tokenizer, ready to train."""

from __future__ import annotations

from typing import Any

import torch
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer

from medaction.domain.canonical import content_hash

from .bases import Base
from .chat import CHATML
from .errors import TrainingError
from .settings import TrainSettings


def hash_template(tokenizer: Any) -> str:
    return content_hash(str(tokenizer.chat_template))


def load_tokenizer(base: Base, settings: TrainSettings, *, asked: str) -> Any:
    """``asked``: the hash of the template that the dataset was made for; empty: it does not say.

    Raises :class:`TrainingError` when the tokenizer has no template, or another one.
    """
    try:
        tokenizer = AutoTokenizer.from_pretrained(base.folder)
    except (OSError, ValueError) as error:
        raise TrainingError(f"the base model {base.name} has no tokenizer: {str(error).splitlines()[0]}") from error
    if settings.chat_template == "chatml":
        tokenizer.chat_template = CHATML
    if not tokenizer.chat_template:
        raise TrainingError(f"the base model {base.name} has no chat template; set chat_template: chatml")
    if asked and asked != hash_template(tokenizer):
        raise TrainingError(
            f"the dataset was made for the chat template {asked[:12]}, and the base's is "
            f"{hash_template(tokenizer)[:12]}: train on the base that it was made for, or build it again"
        )
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def uses_bf16(settings: TrainSettings) -> bool:
    return settings.precision == "bf16" or (settings.precision == "auto" and torch.cuda.is_available())


def load_model(base: Base, settings: TrainSettings) -> Any:
    """In bf16 what stays frozen, in fp32 what is trained whole: an update is often smaller than a step of bf16."""
    frozen = settings.method == "lora" and uses_bf16(settings)
    try:
        model = AutoModelForCausalLM.from_pretrained(
            base.folder,
            dtype=torch.bfloat16 if frozen else torch.float32,
            attn_implementation=settings.attention,
        )
    except (OSError, ValueError, ImportError) as error:
        raise TrainingError(f"the base model {base.name} cannot be loaded: {str(error).splitlines()[0]}") from error
    model.config.use_cache = False
    return model


def lora_config(settings: TrainSettings) -> LoraConfig | None:
    if settings.method == "full":
        return None
    targets = settings.lora.targets
    return LoraConfig(
        r=settings.lora.rank,
        lora_alpha=settings.lora.alpha,
        lora_dropout=settings.lora.dropout,
        target_modules=targets if targets == "all-linear" else [name.strip() for name in targets.split(",")],
        task_type="CAUSAL_LM",
    )
