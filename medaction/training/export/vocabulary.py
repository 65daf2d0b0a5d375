"""A byte-level BPE tokenizer as GGUF metadata."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..errors import TrainingError

NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5
"""llama.cpp's token types."""

_QWEN2_DIGITS, _LLAMA3_DIGITS = r"|\p{N}| ", r"\p{N}{1,3}"


def write_vocabulary(writer: Any, folder: Path, size: int, template: str) -> None:
    """``size``: rows of the embedding, which may be more than the tokenizer has. Raises :class:`TrainingError`."""
    path = folder / "tokenizer.json"
    if not path.is_file():
        raise TrainingError(f"{folder} has no tokenizer.json, from which a GGUF vocabulary is made")
    tokenizer = json.loads(path.read_text(encoding="utf-8"))
    if tokenizer["model"].get("type") != "BPE":
        raise TrainingError(f"a {tokenizer['model'].get('type')} vocabulary is not written to GGUF here, only BPE")
    tokens = [f"[PAD{place}]" for place in range(size)]
    types = [UNUSED] * size
    for text, place in tokenizer["model"]["vocab"].items():
        tokens[place], types[place] = text, NORMAL
    for added in tokenizer["added_tokens"]:
        tokens[added["id"]] = added["content"]
        types[added["id"]] = CONTROL if added["special"] else USER_DEFINED
    merges = [pair if isinstance(pair, str) else " ".join(pair) for pair in tokenizer["model"]["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(_splitting(tokenizer["pre_tokenizer"]))
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(merges)
    writer.add_add_space_prefix(False)
    writer.add_add_bos_token(False)
    writer.add_chat_template(template)
    _write_special(writer, folder, {text: place for place, text in enumerate(tokens)})


def _write_special(writer: Any, folder: Path, places: dict[str, int]) -> None:
    settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    writes = {
        "bos_token": writer.add_bos_token_id,
        "eos_token": writer.add_eos_token_id,
        "unk_token": writer.add_unk_token_id,
        "pad_token": writer.add_pad_token_id,
    }
    for name, write in writes.items():
        token = settings.get(name)
        token = token["content"] if isinstance(token, dict) else token
        if token in places:
            write(places[token])


def _splitting(rules: dict[str, Any]) -> str:
    """llama.cpp's name of the way a text is split before merging. Raises :class:`TrainingError` for an unknown one."""
    steps = rules["pretokenizers"] if rules["type"] == "Sequence" else [rules]
    kinds = [step["type"] for step in steps]
    pattern = next((step["pattern"].get("Regex", "") for step in steps if step["type"] == "Split"), "")
    if kinds == ["ByteLevel"] and steps[0].get("use_regex", True):
        return "gpt-2"
    if kinds == ["Digits", "ByteLevel"] and steps[0]["individual_digits"]:
        return "smollm"
    if kinds == ["Split", "ByteLevel"] and _LLAMA3_DIGITS in pattern:
        return "llama-bpe"
    if kinds == ["Split", "ByteLevel"] and _QWEN2_DIGITS in pattern:
        return "qwen2"
    raise TrainingError(
        "how this tokenizer splits a text has no name here: use --safetensors and llama.cpp's convert_hf_to_gguf.py"
    )
