"""Our settings in the words of TRL's configurations."""

from __future__ import annotations

from typing import Any

import torch
from trl import DPOConfig, SFTConfig

from .models import uses_bf16
from .settings import TrainSettings
from .work import Work

_SCHEDULES = {"cosine": "cosine", "linear": "linear", "constant": "constant_with_warmup"}


def make_arguments(kind: str, settings: TrainSettings, work: Work, *, held_out: bool, fresh: bool) -> Any:
    """``fresh``: the held-out loss is also taken before the first step."""
    watched = held_out and settings.patience > 0
    # TRL reads bf16 as autocast. A processor computes in whatever the weights are.
    autocast = uses_bf16(settings) and torch.cuda.is_available()
    common: dict[str, Any] = {
        "output_dir": str(work.checkpoints),
        "num_train_epochs": settings.epochs,
        "max_steps": settings.steps or -1,
        "per_device_train_batch_size": settings.batch,
        "per_device_eval_batch_size": settings.batch,
        "gradient_accumulation_steps": settings.accumulate,
        "learning_rate": settings.learning_rate,
        "lr_scheduler_type": _SCHEDULES[settings.schedule],
        "warmup_steps": settings.warmup,
        "weight_decay": settings.weight_decay,
        "max_grad_norm": settings.max_grad_norm,
        "gradient_checkpointing": settings.gradient_checkpointing,
        "bf16": autocast,
        "use_cpu": not torch.cuda.is_available(),
        "max_length": settings.max_tokens,
        "save_strategy": "steps",
        "save_steps": settings.every,
        "save_total_limit": 2,
        "eval_strategy": "steps" if held_out else "no",
        "eval_steps": settings.every,
        "eval_on_start": held_out and fresh,
        "load_best_model_at_end": watched,
        "metric_for_best_model": "eval_loss" if watched else None,
        "greater_is_better": False if watched else None,
        "logging_strategy": "steps",
        "logging_steps": settings.log_every,
        "logging_first_step": True,
        "logging_nan_inf_filter": False,
        "report_to": settings.report_to,
        "disable_tqdm": True,
        "ddp_find_unused_parameters": False,
        "dataloader_pin_memory": torch.cuda.is_available(),
        "seed": settings.seed,
        "data_seed": settings.seed,
    }
    if kind == "dpo":
        return DPOConfig(**common, beta=settings.dpo.beta)
    return SFTConfig(**common, packing=settings.packing, eval_packing=False)
