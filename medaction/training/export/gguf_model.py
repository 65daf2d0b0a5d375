"""A model in memory as one GGUF file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gguf
import torch

from ..errors import TrainingError
from .architectures import Architecture, find_architecture
from .vocabulary import write_vocabulary

QUANTS = {"q8_0": "Q8_0", "f16": "F16"}


def write_model(model: Any, tokenizer_folder: Path, template: str, out: Path, *, quant: str, name: str) -> None:
    """Matrices as ``quant``, all else in fp32; ``name`` is what the model is called in its file."""
    architecture = find_architecture(model.config)
    writer = gguf.GGUFWriter(str(out), architecture.name, use_temp_file=True)
    _write_shape(writer, architecture, quant, name)
    write_vocabulary(writer, tokenizer_folder, model.config.vocab_size, template)
    tied = model.config.tie_word_embeddings
    for key, tensor in model.state_dict().items():
        if key == "lm_head.weight" and tied:
            continue
        rows = architecture.reorder(key, tensor.detach().to(torch.float32).cpu().numpy())
        kind = getattr(gguf.GGMLQuantizationType, QUANTS[quant] if rows.ndim == 2 else "F32")
        if rows.ndim == 2 and quant == "q8_0" and rows.shape[1] % 32:
            raise TrainingError(f"{key} has rows of {rows.shape[1]} numbers, which q8_0 cannot hold: use --quant f16")
        writer.add_tensor(architecture.tensor_name(key), gguf.quants.quantize(rows, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _write_shape(writer: Any, architecture: Architecture, quant: str, name: str) -> None:
    config = architecture.config
    heads = config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // heads
    writer.add_type(gguf.GGUFType.MODEL)
    writer.add_name(name)
    writer.add_file_type(getattr(gguf.LlamaFileType, f"MOSTLY_{QUANTS[quant]}"))
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(size)
    writer.add_value_length(size)
    writer.add_rope_dimension_count(size)
    writer.add_rope_freq_base(_plain_rope(config))
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)


def _plain_rope(config: Any) -> float:
    rope = config.rope_parameters
    if rope.get("rope_type", "default") != "default":
        raise TrainingError(
            f"positions scaled as {rope['rope_type']!r} are not written to GGUF here: use --safetensors and "
            "llama.cpp's convert_hf_to_gguf.py"
        )
    return float(rope["rope_theta"])
