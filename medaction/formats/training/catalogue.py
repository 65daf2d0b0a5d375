"""The formats by the names that commands use."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from . import kto, preference, prompt_completion, sft, sharegpt, stepwise, tree
from .material import TreeMaterial


@dataclass(frozen=True, slots=True)
class RowFormat:
    """``rows`` makes the rows of one tree; ``check`` raises ``RowFaultError``; ``count_turns`` counts a row's turns.

    ``suffix`` is the kind of file: ``jsonl``, one JSON object a line, or ``parquet``. ``reads_scores``: whether its
    rows need ``TreeMaterial.scores`` or ``preferences``; what they are made from is the larger half of a run.
    """

    name: str
    about: str
    rows: Callable[[TreeMaterial], Iterator[dict[str, Any]]]
    check: Callable[[Mapping[str, Any]], None]
    count_turns: Callable[[Mapping[str, Any]], int]
    suffix: str = "jsonl"
    reads_scores: bool = False


FORMATS = {
    row_format.name: row_format
    for row_format in (
        RowFormat("sft", "TRL conversations with a loss mask", sft.rows, sft.check, sft.count_turns),
        RowFormat(
            "prompt-completion",
            "TRL prompt and completion, a row a turn",
            prompt_completion.rows,
            prompt_completion.check,
            prompt_completion.count_turns,
        ),
        RowFormat(
            "dpo",
            "TRL preference pairs",
            preference.rows,
            preference.check,
            preference.count_turns,
            reads_scores=True,
        ),
        RowFormat("kto", "TRL unpaired preference", kto.rows, kto.check, kto.count_turns),
        RowFormat("stepwise", "TRL stepwise supervision", stepwise.rows, stepwise.check, stepwise.count_turns),
        RowFormat("sharegpt", "ShareGPT conversations", sharegpt.rows, sharegpt.check, sharegpt.count_turns),
        RowFormat(
            "tree",
            "whole trees with scores and verdicts",
            tree.rows,
            tree.check,
            tree.count_turns,
            reads_scores=True,
        ),
        RowFormat("parquet", "the sft rows in Parquet", sft.rows, sft.check, sft.count_turns, "parquet"),
    )
}
