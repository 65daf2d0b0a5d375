"""What a finished training leaves: the model, ``manifest.json``, ``README.md`` and the metrics, in one rename."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import orjson
import torch

import medaction
from medaction.corpus.files import hash_file
from medaction.domain.canonical import content_hash

from .bases import Base
from .card import render_card
from .libraries import list_versions
from .work import Work

MANIFEST, CARD = "manifest.json", "README.md"
FORMAT = "medaction.training/1"


def finish(
    trainer: Any, work: Work, base: Base, tokenizer: Any, identity: dict[str, Any], counts: dict[str, Any]
) -> dict[str, Any]:
    """Every process of a distributed training calls this; the first one writes what is not the model."""
    final = work.final
    if trainer.is_world_process_zero():
        shutil.rmtree(final, ignore_errors=True)
    if identity["settings"]["method"] == "lora":
        # Otherwise the folder on this machine, which nobody else has.
        trainer.accelerator.unwrap_model(trainer.model).peft_config["default"].base_model_name_or_path = base.name
    trainer.save_model(str(final))
    if not trainer.is_world_process_zero():
        return {}
    for extra in ("training_args.bin", CARD):
        (final / extra).unlink(missing_ok=True)
    _forget_folder(final / "config.json", base.name)
    tokenizer.save_pretrained(final)
    manifest = _manifest(trainer, work, base, identity, counts)
    (final / MANIFEST).write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2) + b"\n")
    (final / CARD).write_text(render_card(manifest), encoding="utf-8")
    work.publish()
    return manifest


def _manifest(trainer: Any, work: Work, base: Base, identity: dict[str, Any], counts: dict[str, Any]) -> dict[str, Any]:
    state, metrics = trainer.state, work.read_metrics()
    about = {
        "format": FORMAT,
        "medaction": medaction.__version__,
        **{key: identity[key] for key in ("kind", "dataset", "prompt", "chat_template", "settings")},
        "base": {"name": base.name, "hash": base.hash, "gguf": base.gguf or None},
        "versions": list_versions(),
        "device": torch.cuda.get_device_name(0) if torch.cuda.is_available() else "cpu",
        "processes": trainer.accelerator.num_processes,
        "data": {key: counts[key] for key in ("rows", "too_long", "tokens", "learned_tokens")},
        "steps": state.global_step,
        "steps_planned": counts["steps_planned"],
        "stopped_early": state.global_step < counts["steps_planned"],
        "best_checkpoint_step": state.best_global_step,
        "seconds": round(counts["seconds"], 1),
        "loss": _ends(metrics, "loss"),
        "held_out_loss": _ends(metrics, "held_out_loss"),
        "files": {path.name: hash_file(path) for path in sorted(work.final.iterdir()) if path.is_file()},
    }
    return {**about, "hash": content_hash(about)}


def _ends(metrics: list[dict[str, Any]], name: str) -> dict[str, float] | None:
    values = [line[name] for line in metrics if name in line]
    return {"first": values[0], "lowest": min(values), "last": values[-1]} if values else None


def _forget_folder(path: Path, name: str) -> None:
    if path.is_file():
        config = orjson.loads(path.read_bytes())
        if "_name_or_path" in config:
            config["_name_or_path"] = name
            path.write_bytes(orjson.dumps(config, option=orjson.OPT_INDENT_2) + b"\n")
