"""The JSON dialect of a turn: what a server is asked to enforce, and how a known turn is written."""

from collections.abc import Sequence
from typing import Any

import orjson

from medaction.domain.actions import MAX_HYPOTHESES, MAX_TESTS, Turn

# The bounds make a small model come to an end; they are wide enough for a clinician's sentence or two.
REASONING_LENGTH = 320
DX_LENGTH = 60
TEST_LENGTH = 60
CITATION_LENGTH = 8
CITATIONS = 4
# Each value by name: llama.cpp enforces a list, but not the bounds of a number.
PROBABILITIES = [percent / 100 for percent in range(1, 100)]


def turn_schema(must_diagnose: bool, citable: Sequence[str] = ()) -> dict[str, Any]:
    """JSON schema of a turn. The order of keys is the order of writing: a reader sees the reasoning first.

    ``citable``: the observation ids shown so far; given, ``for`` and ``against`` can hold nothing else.
    """
    diagnose = _object(type={"const": "diagnose"}, dx=_text(DX_LENGTH))
    order = _object(
        type={"const": "order"},
        tests={"type": "array", "minItems": 1, "maxItems": MAX_TESTS, "items": _text(TEST_LENGTH)},
    )
    return _object(
        reasoning=_text(REASONING_LENGTH, at_least=40),
        differential={
            "type": "array",
            "minItems": 2,
            "maxItems": MAX_HYPOTHESES,
            "items": _object(
                dx=_text(DX_LENGTH, at_least=3),
                p={"enum": PROBABILITIES},
                **{"for": _citations(citable), "against": _citations(citable)},
            ),
        },
        action=diagnose if must_diagnose else {"anyOf": [order, diagnose]},
    )


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _text(length: int, *, at_least: int = 1) -> dict[str, Any]:
    return {"type": "string", "minLength": at_least, "maxLength": length}


def _citations(citable: Sequence[str]) -> dict[str, Any]:
    item = {"enum": list(citable)} if citable else _text(CITATION_LENGTH)
    return {"type": "array", "maxItems": CITATIONS, "items": item}


TURN_SCHEMA = turn_schema(must_diagnose=False)


def render_turn(turn: Turn) -> str:
    """The turn in the JSON dialect, on one line. Raises ``ValueError`` for a turn without an action.

    Reading it back gives the same turn, as long as it has no problems and its probabilities sum to at most 1.
    """
    if turn.action is None:
        raise ValueError("a turn without an action has no form in the dialect")
    written = {
        "reasoning": turn.reasoning,
        "differential": [
            {name: value for name, value in hypothesis.to_dict().items() if value is not None}
            for hypothesis in turn.differential
        ],
        "action": turn.action.to_dict(),
    }
    return orjson.dumps(written).decode()
