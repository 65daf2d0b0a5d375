"""Composes a scripted answer from what the messages show. It sees nothing else: no case, no menu, no diagnosis."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from medaction.domain.prompt import LAST_TURN, Message, list_dialogue
from medaction.inference.script import Script, Step, Suspicion, load_suspicions

_ID = re.compile(r"\b((?:o|r)\d+\.\d+)\b\W?")
_NOTICED_NOTHING = "the complaint itself"
_TESTS_PER_TURN = 3


@dataclass(frozen=True, slots=True)
class Hunch:
    """A suspicion with the ids that support it and the words found there."""

    suspicion: Suspicion
    ids: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def answer(script: Script, messages: Sequence[Message]) -> str:
    """Return the script's next answer; the same messages always give the same text."""
    dialogue = list_dialogue(messages)
    given = sum(message["role"] == "assistant" for message in dialogue)
    shown = [message["content"] for message in dialogue if message["role"] == "user"]
    forced = any(LAST_TURN in content for content in shown)
    step = script.steps[given] if given < len(script.steps) and not forced else script.last
    # A script that never gives a turn does not begin to because it is the last one.
    return step.text if step.kind == "text" else _compose(step, _segments(shown))


def _segments(shown: Sequence[str]) -> dict[str, str]:
    """Observation id → the text after it, up to the next id."""
    segments: dict[str, str] = {}
    for content in shown:
        parts = _ID.split(content)
        for key, text in zip(parts[1::2], parts[2::2], strict=True):
            segments.setdefault(key, text.strip())
    return segments


def _hunches(segments: dict[str, str]) -> list[Hunch]:
    """Return the three best-supported suspicions, best first."""
    suggested, fallback = load_suspicions()
    lowered = {key: text.lower() for key, text in segments.items()}
    hunches = []
    for suspicion in suggested:
        hits = [(word, key) for word in suspicion.words for key, text in lowered.items() if word in text]
        if hits:
            ids = dict.fromkeys(key for _, key in hits)
            words = dict.fromkeys(word for word, _ in hits)
            hunches.append(Hunch(suspicion, tuple(ids), tuple(words)))
    hunches.sort(key=lambda hunch: -len(hunch.words))
    hunches += [Hunch(suspicion) for suspicion in fallback]
    return hunches[:3]


def _compose(step: Step, segments: dict[str, str]) -> str:
    hunches = _hunches(segments)
    leading = hunches[0]
    some_id = next(iter(segments), "o1.1")
    weights = [1 + 2 * len(hunch.words) for hunch in hunches]
    reasoning = step.reasoning.format(
        first=leading.suspicion.dx,
        second=hunches[1].suspicion.dx,
        third=hunches[2].suspicion.dx,
        cite=leading.ids[0] if leading.ids else some_id,
        words=f"“{leading.words[0]}”" if leading.words else _NOTICED_NOTHING,
    )
    differential = [
        {
            "dx": hunch.suspicion.dx,
            "p": round(0.9 * weight / sum(weights), 2),
            "for": list(hunch.ids[:3] or ((some_id,) if hunch is leading else ())),
            "against": [],
        }
        for hunch, weight in zip(hunches, weights, strict=True)
    ]
    if step.kind == "diagnose":
        action: dict[str, object] = {"type": "diagnose", "dx": leading.suspicion.dx}
    else:
        action = {"type": "order", "tests": list((step.tests or leading.suspicion.tests)[:_TESTS_PER_TURN])}
    turn = {"reasoning": reasoning, "differential": differential, "action": action}
    return orjson.dumps(turn).decode()
