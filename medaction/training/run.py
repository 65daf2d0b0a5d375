"""One training, from a dataset version and a configuration to a folder with the model, its manifest and its card."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import Any

import torch
from accelerate import PartialState
from transformers import EarlyStoppingCallback, PrinterCallback, set_seed

from .arguments import make_arguments
from .bases import Base, find_base
from .chat import check_pair, count_prompt, encode
from .errors import INTERRUPTED, TrainingError
from .finish import finish
from .models import hash_template, load_model, load_tokenizer, lora_config
from .rows import HELD_OUT, TRAIN, Version, open_version
from .settings import TrainSettings
from .trainers import DpoTrainer, SftTrainer
from .watch import Stop, Watch, name_checkpoint, out_of_memory
from .work import Work, step_of


@dataclass(frozen=True, slots=True)
class Progress:
    """``steps(total, done)`` opens a progress bar, whose function is called once a step with a note beside it."""

    steps: Callable[[int, int], Any]
    say: Callable[[str], None]


_SILENT = Progress(lambda total, done: nullcontext(lambda note="": None), lambda text: None)


def train(
    kind: str, data: Path, settings: TrainSettings, out: Path, *, resume: bool, cache: Path, progress: Progress
) -> dict[str, Any]:
    """``kind`` is ``sft`` or ``dpo``. Returns the manifest. Raises :class:`TrainingError`; nothing half-written is left
    under ``out``.
    """
    version = open_version(data)
    base = find_base(settings.base, cache)
    tokenizer = load_tokenizer(base, settings, asked=str(version.manifest.get("chat_template", "")))
    identity = {
        "kind": kind,
        "settings": settings.to_dict(),
        "dataset": version.hash,
        "prompt": version.prompt,
        "base": base.hash,
        "chat_template": hash_template(tokenizer),
    }
    work = Work(out)
    leads = PartialState(cpu=not torch.cuda.is_available()).is_main_process
    with work.hold(identity, resume=resume) if leads else nullcontext():
        return _train(kind, version, settings, work, base, tokenizer, identity, resume, progress if leads else _SILENT)


def _train(
    kind: str,
    version: Version,
    settings: TrainSettings,
    work: Work,
    base: Base,
    tokenizer: Any,
    identity: dict[str, Any],
    resume: bool,
    progress: Progress,
) -> dict[str, Any]:
    checkpoint = work.last_checkpoint() if resume else None
    done = step_of(checkpoint) if checkpoint else 0
    if PartialState().is_main_process:
        work.cut_metrics(done if checkpoint else -1)
    set_seed(settings.seed)
    progress.say("Reading the dataset")
    rows, counts = _read(kind, version, settings, tokenizer)
    stop = Stop()
    began = monotonic()
    trainer = None
    try:
        model = load_model(base, settings)
        trainer = _make_trainer(kind, settings, work, model, tokenizer, rows, fresh=checkpoint is None)
        total = _count_steps(trainer, settings)
        with (
            stop.listening(lambda: progress.say("Stopping after this step; a checkpoint is written")),
            progress.steps(total, done) as advance,
        ):
            trainer.add_callback(Watch(work, stop, advance))
            trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise out_of_memory(trainer.state.global_step if trainer else 0, work) from error
    except RuntimeError as error:
        if "alloc" not in str(error):
            raise
        raise out_of_memory(trainer.state.global_step if trainer else 0, work) from error
    if stop.asked:
        raise TrainingError(
            f"stopped after step {trainer.state.global_step} of {total}. {name_checkpoint(work)} "
            "The same command with --resume goes on.",
            code=INTERRUPTED,
        )
    return finish(
        trainer, work, base, tokenizer, identity, {**counts, "steps_planned": total, "seconds": monotonic() - began}
    )


def _read(
    kind: str, version: Version, settings: TrainSettings, tokenizer: Any
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, Any]]:
    rows: dict[str, list[dict[str, Any]]] = {}
    counts: dict[str, Any] = {"rows": {}, "too_long": {}, "tokens": {}, "learned_tokens": {}}
    for split in (TRAIN, HELD_OUT):
        if kind == "dpo":
            pairs = list(version.pairs(split))
            for pair in pairs[:1]:
                check_pair(tokenizer, pair)
            # TRL drops them too, without a word; then nothing might be left to look at.
            fitting = [pair for pair in pairs if count_prompt(tokenizer, pair) < settings.max_tokens]
            counts["too_long"][split] = len(pairs) - len(fitting)
            read: list[dict[str, Any]] = [
                {"prompt": pair.prompt, "chosen": pair.chosen, "rejected": pair.rejected} for pair in fitting
            ]
        else:
            encoded = [encode(tokenizer, row, settings.max_tokens) for row in version.conversations(split)]
            kept = [row for row in encoded if row.learned]
            counts["too_long"][split] = len(encoded) - len(kept)
            counts["tokens"][split] = sum(len(row.ids) for row in kept)
            counts["learned_tokens"][split] = sum(row.learned for row in kept)
            read = [{"input_ids": row.ids, "labels": row.labels} for row in kept]
        rows[split] = _sample(read, settings.held_out) if split == HELD_OUT else read
        counts["rows"][split] = len(rows[split])
    if not rows[TRAIN]:
        raise TrainingError(
            f"the dataset {version.folder} leaves nothing to learn from within {settings.max_tokens} tokens: "
            "raise max_tokens"
        )
    return rows, counts


def _sample(rows: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """Evenly spread over the split, the same each time."""
    step = max(1.0, len(rows) / most)
    return [rows[int(place * step)] for place in range(min(most, len(rows)))]


def _make_trainer(
    kind: str,
    settings: TrainSettings,
    work: Work,
    model: Any,
    tokenizer: Any,
    rows: dict[str, list[dict[str, Any]]],
    *,
    fresh: bool,
) -> Any:
    # Not an import statement: our own app has this library's name (ADR 0009).
    tables: Any = import_module("datasets")
    held_out = bool(rows[HELD_OUT])
    arguments = make_arguments(kind, settings, work, held_out=held_out, fresh=fresh)
    trainer = (DpoTrainer if kind == "dpo" else SftTrainer)(
        model=model,
        args=arguments,
        train_dataset=tables.Dataset.from_list(rows[TRAIN]),
        eval_dataset=tables.Dataset.from_list(rows[HELD_OUT]) if held_out else None,
        processing_class=tokenizer,
        peft_config=lora_config(settings),
    )
    trainer.begin_in(work)
    trainer.remove_callback(PrinterCallback)
    if arguments.load_best_model_at_end:
        trainer.add_callback(EarlyStoppingCallback(early_stopping_patience=settings.patience))
    return trainer


def _count_steps(trainer: Any, settings: TrainSettings) -> int:
    batches = len(trainer.get_train_dataloader())
    a_epoch = max(1, -(-batches // settings.accumulate))
    return settings.steps or int(-(-settings.epochs * a_epoch // 1))
