"""What a well-behaved answer says: a function of the request, so that a test can compute it beforehand."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Sequence

from medaction.domain.prompt import list_dialogue

Message = dict[str, str]

# Words of one to four UTF-8 bytes a character, and characters that JSON and HTML escape.
_SENTENCE = (
    "the patient reports chest pain with fever since Monday and a temperature of 38.5 °C while the naïve reading "
    "is β-thalassaemia rather than anaemia with CRP ≥ 90 mg/L at 5 µg per dose so Sjögren Guillain–Barré and "
    'Ménière remain & less likely <than> before although "quoted" back\\slash 検査 🩺 findings persist in both lungs'
)
WORDS = _SENTENCE.split(" ")
TESTS = ("Complete blood count", "Chest X-ray", "Urinalysis", "Electrocardiogram", "Blood cultures", "Lactate")
DIAGNOSES = ("Pneumonia", "Pulmonary embolism", "Heart failure", "Sarcoidosis", "Tuberculosis")
STAMP = "\0"
"""A token that is replaced, when it is sent, by the clock (`time.monotonic_ns()`), for measuring delays."""

_LAST_TURN = re.compile(r"\blast turn\b", re.IGNORECASE)


def tokens_for(messages: Sequence[Message], *, tokens: int, shape: str) -> list[str]:
    """Return the answer in pieces.

    `shape`: `lorem` is words; `turn` is a JSON turn whose reasoning has `tokens` words; `stamps` is such a turn whose
    reasoning is the time each word was sent; `empty` is nothing.
    """
    rng = random.Random(hashlib.sha256(json.dumps(list(messages), sort_keys=True).encode()).digest())
    if shape == "empty":
        return []
    words = [STAMP if shape == "stamps" else rng.choice(WORDS) + " " for _ in range(tokens)]
    if shape == "lorem":
        return words
    head, tail = _turn(rng, messages)
    if shape == "turn":
        words = [json.dumps(word, ensure_ascii=False)[1:-1] for word in words]
    return [*head, *words, *tail]


def expected_text(messages: Sequence[Message], *, tokens: int = 120, shape: str = "turn") -> str:
    """Return the whole text of the answer (not for `stamps`, which only the clock knows)."""
    if shape == "stamps":
        raise ValueError("an answer of time stamps cannot be known beforehand")
    return "".join(tokens_for(messages, tokens=tokens, shape=shape))


def _turn(rng: random.Random, messages: Sequence[Message]) -> tuple[list[str], list[str]]:
    dialogue = list_dialogue(messages)
    given = sum(message["role"] == "assistant" for message in dialogue)
    shown = [message["content"] for message in dialogue if message["role"] == "user"]
    first, second, third = rng.sample(DIAGNOSES, 3)
    if given >= 4 or any(map(_LAST_TURN.search, shown)):
        action: dict[str, object] = {"type": "diagnose", "dx": first}
    else:
        action = {"type": "order", "tests": rng.sample(TESTS, 2)}
    differential = [
        {"dx": first, "p": 0.6, "for": ["o1.1"], "against": []},
        {"dx": second, "p": 0.3, "for": [], "against": ["o1.1"]},
        {"dx": third, "p": 0.1, "for": [], "against": []},
    ]
    tail = f'","differential":{json.dumps(differential)},"action":{json.dumps(action)}}}'
    return ['{"reasoning":"'], re.findall(r"\S+\s*", tail)
