"""A View out of a chat's messages: the other direction of :mod:`medaction.domain.prompt`."""

import re
from collections.abc import Sequence

from medaction.domain.observation import Observation, Outcome, Segment, TestResult
from medaction.domain.parser import parse_turn
from medaction.domain.prompt import LAST_TURN, Message, list_dialogue

from .policy import Reply, Step, View

_PIECE = re.compile(r"^\[((?:o|r)(\d+)\.\d+)\] ?", re.MULTILINE)
_END = re.compile(
    r"^(?:Turn \d+\.|Not done, over the limit of a turn: |Tests that can be ordered: |This is your last turn)"
)
_MENU = re.compile(r"^Tests that can be ordered: (.*)\.$", re.MULTILINE)
_TURN = re.compile(r"^Turn (\d+)\.$", re.MULTILINE)
_RESULT = re.compile(r"(.*): (RESULT|DUPLICATE)$")


class NotADialogueError(ValueError):
    """Messages that do not begin with a case."""


def read_dialogue(messages: Sequence[Message]) -> View:
    """The view behind rendered messages. A plain case text as the first message is taken as its first observation.

    An answer that was repaired counts once. Raises :class:`NotADialogueError` when no user has said anything.
    """
    said = list_dialogue(messages)
    if not said or said[0]["role"] != "user" or not said[0]["content"].strip():
        raise NotADialogueError("the messages hold no case: the first one must be a user's")
    opening = said[0]["content"]
    first = read_observation(opening, 1)
    steps: list[Step] = []
    text = ""
    for message in said[1:]:
        if message["role"] == "assistant":
            text = message["content"]
        elif message["role"] == "user" and text and (number := _TURN.search(message["content"])):
            observation = read_observation(message["content"], int(number[1]))
            steps.append(Step(Reply(parse_turn(text), text), observation))
            text = ""
    listed = _MENU.search(opening)
    last = next((m["content"] for m in reversed(said) if m["role"] == "user" and _TURN.search(m["content"])), opening)
    return View(first, tuple(steps), LAST_TURN in last, tuple(listed[1].split("; ")) if listed else None)


def read_observation(text: str, turn: int) -> Observation:
    """What :func:`medaction.domain.prompt.render_observation` wrote; text without ids becomes one segment."""
    identifier = "o1" if turn == 1 else f"r{turn}"
    found = list(_PIECE.finditer(text))
    if not found:
        return Observation(identifier, segments=(Segment("o1.1", text.strip()),) if turn == 1 else ())
    segments: list[Segment] = []
    results: list[TestResult] = []
    for number, piece in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        body = _body(text[piece.end() : end])
        if piece[1].startswith("o"):
            segments.append(Segment(piece[1], body))
        else:
            results.append(_read_result(piece[1], body))
    return Observation(identifier, segments=tuple(segments), results=tuple(results))


def _body(text: str) -> str:
    lines: list[str] = []
    for line in text.rstrip("\n").split("\n"):
        if _END.match(line):
            break
        lines.append(line)
    return "\n".join(lines)


def _read_result(identifier: str, body: str) -> TestResult:
    head, _, text = body.partition("\n")
    if head.endswith(": UNAVAILABLE"):
        return TestResult(identifier, head.removesuffix(": UNAVAILABLE"), Outcome.UNAVAILABLE)
    if found := _RESULT.match(head):
        return TestResult(identifier, found[1], Outcome(found[2]), name=found[1], text=text)
    return TestResult(identifier, head, Outcome.RESULT, name=head, text=text)
