"""How llama.cpp holds the architectures that we export.

For ``llama`` it rotates neighbouring rows where transformers rotates halves, so the rows of q and k are reordered
(``permute`` of llama.cpp's convert_hf_to_gguf.py); for Qwen it rotates halves too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray

from ..errors import TrainingError

Matrix = NDArray[Any]
_KNOWN = {"llama": "LLAMA", "qwen2": "QWEN2", "qwen3": "QWEN3"}


@dataclass(frozen=True, slots=True)
class Architecture:
    """``config`` is a transformers configuration."""

    name: str
    config: Any

    def tensor_name(self, name: str) -> str:
        """llama.cpp's name of a tensor or module, with its suffix. Raises :class:`TrainingError`."""
        kind = getattr(gguf.MODEL_ARCH, _KNOWN[self.name])
        names = gguf.get_tensor_name_map(kind, self.config.num_hidden_layers)
        found = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if found is None:
            raise TrainingError(f"llama.cpp has no name for {name} of a {self.name} model")
        return str(found)

    def reorder(self, name: str, rows: Matrix) -> Matrix:
        """The tensor, or the half of an adapter that gives its rows, as llama.cpp holds it. Shape stays."""
        if self.name != "llama":
            return rows
        if ".q_proj" in name:
            return _interleave(rows, self.config.num_attention_heads)
        if ".k_proj" in name:
            return _interleave(rows, self.config.num_key_value_heads)
        return rows


def find_architecture(config: Any) -> Architecture:
    """Raises :class:`TrainingError` for one that is not exported here."""
    if config.model_type not in _KNOWN:
        raise TrainingError(
            f"a {config.model_type} model is not exported to GGUF here ({', '.join(_KNOWN)} are): use --safetensors "
            "and llama.cpp's convert_hf_to_gguf.py or convert_lora_to_gguf.py"
        )
    return Architecture(config.model_type, config)


def _interleave(rows: Matrix, heads: int) -> Matrix:
    halves = rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:])
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(rows.shape))
