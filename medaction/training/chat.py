"""Conversations as token numbers, exactly as a server would read them, with a label on what is learned.

A text is cut where generation would begin: the prompt up to the generation mark is one piece and the answer the next,
because a server tokenises the prompt alone. The answer's end mark is learned; what the template puts after it is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import TrainingError
from .rows import Conversation, Messages, Pair

IGNORED = -100
CHATML = (Path(__file__).parent / "configs" / "chatml.jinja").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Encoded:
    """Same lengths; ``labels`` hold the token where it is learned and ``IGNORED`` elsewhere."""

    ids: list[int]
    labels: list[int]

    @property
    def learned(self) -> int:
        return sum(label != IGNORED for label in self.labels)


def encode(tokenizer: Any, conversation: Conversation, max_tokens: int) -> Encoded:
    """Cut after ``max_tokens``; an answer that the cut goes through is not learned.

    Raises :class:`TrainingError` for a template that rewrites earlier turns: what is learned would never be asked for.
    """
    ids: list[int] = []
    labels: list[int] = []
    for text, learned in _pieces(tokenizer, conversation):
        piece = _tokens(tokenizer, text)
        fits = len(ids) + len(piece) <= max_tokens
        ids += piece
        labels += piece if learned and fits else [IGNORED] * len(piece)
        if not fits:
            break
    end = max((place for place, label in enumerate(labels) if label != IGNORED), default=-1) + 1
    return Encoded(ids[:end], labels[:end])


def check_pair(tokenizer: Any, pair: Pair) -> None:
    """Raises :class:`TrainingError` for a template that does not fit, as ``encode`` does."""
    _pieces(tokenizer, Conversation(pair.id, [*pair.prompt, *pair.chosen], (len(pair.prompt),)))


def count_prompt(tokenizer: Any, pair: Pair) -> int:
    """Tokens of what both answers follow."""
    return len(_tokens(tokenizer, _render(tokenizer, pair.prompt, ask=True)))


def _tokens(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def _pieces(tokenizer: Any, conversation: Conversation) -> list[tuple[str, bool]]:
    pieces: list[tuple[str, bool]] = []
    done = 0
    whole = _render(tokenizer, conversation.messages)
    for place in conversation.learned:
        before = _render(tokenizer, conversation.messages[:place], ask=True)
        after = _render(tokenizer, conversation.messages[: place + 1])
        if not after.startswith(before) or not whole.startswith(after):
            raise TrainingError(
                f"the chat template does not fit the dataset: it rewrites what was said before ({conversation.id}, "
                f"message {place}), so the model would learn other prompts than it is asked; set chat_template: chatml"
            )
        answer = after[len(before) :].rstrip()
        pieces += [(whole[done : len(before)], False), (answer, True)]
        done = len(before) + len(answer)
    return pieces


def _render(tokenizer: Any, messages: Sequence[dict[str, str]] | Messages, *, ask: bool = False) -> str:
    text = tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=ask)
    if not isinstance(text, str):
        raise TrainingError("the tokenizer's chat template gives no text")
    return text
