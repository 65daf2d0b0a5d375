"""Run as a program, outside this folder: loads files with ``datasets`` and puts each row through TRL's own formatters.

Our app ``datasets`` hides the library of that name from every program that starts in the project's folder; run with
``python -P`` it is found. Prints one JSON object: for each format its rows, its columns, and what TRL makes of a row.
"""

import json
import sys

from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import PreTrainedTokenizerFast
from trl.data_utils import (
    apply_chat_template,
    is_conversational,
    is_conversational_from_value,
    maybe_convert_to_chatml,
)

from datasets import load_dataset

TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


COLUMNS = ("messages", "prompt", "completion", "chosen", "rejected", "label")


def main(files: dict[str, str]) -> None:
    """``files``: a path for each format."""
    sys.stdout.write(json.dumps({name: load(name, path) for name, path in files.items()}))


def load(name: str, path: str) -> dict[str, object]:
    kind = "parquet" if path.endswith(".parquet") else "json"
    rows = load_dataset(kind, data_files=path, split="train")
    formatted: dict[str, object] = {}
    if name == "stepwise":
        assert all(len(row["completions"]) == len(row["labels"]) for row in rows)
    elif name != "tree":
        tokenizer = make_tokenizer()
        for row in rows:
            formatted = apply_chat_template(conversation(name, row), tokenizer)
            assert all(isinstance(value, str | bool) for value in formatted.values())
    return {"rows": len(rows), "columns": sorted(rows.column_names), "formatted": sorted(formatted)}


def conversation(name: str, row: dict[str, object]) -> dict[str, object]:
    """The columns that TRL reads."""
    if name == "sharegpt":
        assert is_conversational_from_value(row)
        row = maybe_convert_to_chatml(row)
    example = {column: row[column] for column in COLUMNS if row.get(column) is not None}
    assert is_conversational(example)
    return example


def make_tokenizer() -> PreTrainedTokenizerFast:
    words = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    words.pre_tokenizer = Whitespace()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words)
    tokenizer.chat_template = TEMPLATE
    return tokenizer


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
