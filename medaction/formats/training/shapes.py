"""Checks that several formats share. Each raises :class:`RowFaultError` with what is wrong."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from medaction.domain.actions import MAX_TESTS, TestOrder, action_from_dict
from medaction.domain.parser import parse_turn

PROVENANCE = ("id", "case", "group", "source", "licence", "policy", "verdict")


class RowFaultError(ValueError):
    """A row that its format would refuse, or that would teach something else than what was meant."""


def check_provenance(row: Mapping[str, Any]) -> None:
    for name in PROVENANCE:
        if not isinstance(row.get(name), str):
            raise RowFaultError(f"column {name!r} must be text")
    for name in ("id", "case", "group"):
        if not row[name]:
            raise RowFaultError(f"column {name!r} is empty")
    if "label_source" in row:
        _check_judged(row)


def _check_judged(row: Mapping[str, Any]) -> None:
    """What stands beside rows that people's judgements made."""
    for name in ("label_source", "label_policy", "rubric", "review_pass", "judged"):
        if not isinstance(row.get(name), str) or not row[name]:
            raise RowFaultError(f"column {name!r} must be text")
    if not row.get("raters") or len(row["raters"]) != len(row.get("seconds", ())):
        raise RowFaultError("columns 'raters' and 'seconds' must name each judgement that the row comes from")
    if not isinstance(row.get("weight"), float) or not 0 < row["weight"] <= 1:
        raise RowFaultError("column 'weight' must be above 0 and at most 1")
    if any(label not in (1, 0, -1, None) for label in row.get("step_labels", ())):
        raise RowFaultError("column 'step_labels' must hold 1, 0, -1 or nothing for each turn")


def check_messages(messages: Any, *, column: str, ends_with: str) -> None:
    """A system message, then user and assistant in turn, each with text, the last one by ``ends_with``."""
    if not isinstance(messages, Sequence) or isinstance(messages, str) or len(messages) < 2:
        raise RowFaultError(f"column {column!r} must be a list of messages")
    for place, message in enumerate(messages):
        wanted = "system" if place == 0 else ("user", "assistant")[(place + 1) % 2]
        if set(message) != {"role", "content"} or message["role"] != wanted:
            raise RowFaultError(f"message {place} of {column!r} must have a content and the role {wanted}")
        if not isinstance(message["content"], str) or not message["content"].strip():
            raise RowFaultError(f"message {place} of {column!r} is empty")
    if messages[-1]["role"] != ends_with:
        raise RowFaultError(f"column {column!r} must end with a message of the {ends_with}")


def check_answer(messages: Any, *, column: str) -> None:
    """Exactly one assistant message."""
    if not isinstance(messages, Sequence) or len(messages) != 1 or set(messages[0]) != {"role", "content"}:
        raise RowFaultError(f"column {column!r} must be one message")
    if messages[0]["role"] != "assistant" or not messages[0]["content"].strip():
        raise RowFaultError(f"column {column!r} must be what the assistant says")


def check_teachable(text: str, *, where: str) -> None:
    """What is learned as good must be an answer that the environment could carry out."""
    if _is_plain(text):
        return
    turn = parse_turn(text)
    if not turn.valid:
        raise RowFaultError(f"{where} is no valid turn ({', '.join(turn.problems) or 'no action'})")


def _is_plain(text: str) -> bool:
    """Strict JSON with an action as it should be: most answers are, and the tolerant parser takes far longer."""
    try:
        action = action_from_dict(orjson.loads(text)["action"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return False
    wanted = action.tests if isinstance(action, TestOrder) else (action.dx,) if action else ()
    return 0 < len(wanted) <= MAX_TESTS and all(isinstance(name, str) and name.strip() for name in wanted)
