"""A LoRA adapter as a GGUF file that llama.cpp lays over its base."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from peft import LoraConfig
from safetensors.numpy import load_file

from ..errors import TrainingError
from .architectures import Architecture

_PREFIX, _A, _B = "base_model.model.", ".lora_A.weight", ".lora_B.weight"


def write_adapter(folder: Path, architecture: Architecture, out: Path, about: Mapping[str, str]) -> int:
    """Write ``out`` in fp16 and return how many matrices are adapted. ``about``: text that goes into the metadata.

    The file's A has ``rank`` rows, its B ``rank`` columns. Raises :class:`TrainingError` for an adapter that is
    more than these two.
    """
    tensors = load_file(folder / "adapter_model.safetensors")
    modules = sorted(key.removesuffix(_A) for key in tensors if key.endswith(_A))
    if not modules or len(tensors) != 2 * len(modules):
        raise TrainingError(f"{folder} is no plain LoRA adapter: it holds more than the two halves of each matrix")
    writer = gguf.GGUFWriter(str(out), architecture.name)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(_alpha(folder)))
    for key, value in about.items():
        writer.add_string(key, value)
    for module in modules:
        plain = module.removeprefix(_PREFIX)
        name = architecture.tensor_name(f"{plain}.weight")
        halves: dict[str, Any] = {"a": tensors[module + _A], "b": architecture.reorder(plain, tensors[module + _B])}
        for half, values in halves.items():
            writer.add_tensor(f"{name}.lora_{half}", values.astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return len(modules)


def _alpha(folder: Path) -> float:
    config: Any = LoraConfig.from_pretrained(folder)
    if config.use_rslora or config.use_dora or config.alpha_pattern or config.rank_pattern:
        raise TrainingError("only plain LoRA with one rank and one alpha has a form in llama.cpp")
    return float(config.lora_alpha)
