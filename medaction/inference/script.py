"""Scripts: generic answers written as data, in `scripts/*.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml

from medaction.inference.errors import ErrorCode, ModelError

_FOLDER = resources.files("medaction.inference") / "scripts"
_CUES = "cues"


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A disease a script may name: the words that suggest it and the tests that would settle it."""

    dx: str
    tests: tuple[str, ...]
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One answer. `text` is given as it is; the other kinds are composed into a turn.

    Empty `tests` in an `order` means the tests of the leading suspicion.
    """

    kind: Literal["order", "diagnose", "text"]
    reasoning: str = ""
    tests: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """`steps` are taken in order, one for each answer already given; `last` serves from then on, and when forced."""

    name: str
    label: str
    tokens_per_second: float
    first_token_seconds: float
    steps: tuple[Step, ...]
    last: Step


def script_names() -> list[str]:
    """Return the scripts that are shipped."""
    found = (entry.name.removesuffix(".yaml") for entry in _FOLDER.iterdir() if entry.name.endswith(".yaml"))
    return sorted(name for name in found if name != _CUES)


@cache
def load_script(name: str) -> Script:
    """Read a script. Raises `ModelError(UNKNOWN_MODEL)`."""
    if name not in script_names():
        known = ", ".join(script_names())
        raise ModelError(
            ErrorCode.UNKNOWN_MODEL, f"There is no script called “{name}”; there are {known}.", retryable=False
        )
    data = _read(name)
    steps = [_step(step) for step in data["steps"]]
    if (insert := data.get("insert")) is not None:
        steps.insert(insert["at"], _step(insert["step"]))
    return Script(
        name=name,
        label=data["label"],
        tokens_per_second=float(data["tokens_per_second"]),
        first_token_seconds=float(data["first_token_seconds"]),
        steps=tuple(steps),
        last=_step(data["last"]),
    )


@cache
def load_suspicions() -> tuple[tuple[Suspicion, ...], tuple[Suspicion, ...]]:
    """Return the suspicions that words suggest, and those to name when nothing does."""
    data = _read(_CUES)
    return tuple(map(_suspicion, data["cues"])), tuple(map(_suspicion, data["fallback"]))


def _read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    parent = data.pop("extends", None)
    return data if parent is None else _read(parent) | data


def _step(data: dict[str, Any]) -> Step:
    tests = data.get("tests", ())
    return Step(
        kind=data["kind"],
        reasoning=data.get("reasoning", ""),
        tests=() if tests == "suspected" else tuple(tests),
        text=data.get("text", ""),
    )


def _suspicion(data: dict[str, Any]) -> Suspicion:
    return Suspicion(data["dx"], tuple(data["tests"]), tuple(data.get("words", ())))
