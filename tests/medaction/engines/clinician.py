"""A model by rote for every engine: what it says depends on nothing but the messages. Imports nothing but json.

It orders what the case has and what it has not, answers once in no form at all (the engine must ask again), and ends
with the diagnosis that its case calls for: right, wrong, or none that can be read.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

USAGE = {"prompt_tokens": 11, "completion_tokens": 7}
GIBBERISH = "I would rather not say."


def reply(messages: Sequence[Mapping[str, str]]) -> str:
    """The answer to a dialogue in our prompt's form."""
    said = [message["content"] for message in messages if message["role"] == "user"][1:]
    asked_again = said[-1].startswith("Your last answer")
    turns = sum(not text.startswith("Your last answer") for text in said)
    wanted = "Pulmonary embolism" if "calf" in said[0] else "Gout" if "toe" in said[0] else ""
    if turns == 1:
        return _turn(wanted or "Asthma", {"type": "order", "tests": ["Vital signs", "A test nobody has"]})
    if turns == 2 and not asked_again:
        return GIBBERISH
    if turns == 2:
        return _turn(wanted or "Asthma", {"type": "order", "tests": ["D-dimer", "Vital signs"]})
    return _turn(wanted, {"type": "diagnose", "dx": wanted}) if wanted else GIBBERISH


def _turn(leader: str, action: dict[str, Any]) -> str:
    differential = [
        {"dx": leader, "p": 0.6, "for": ["o1.1"], "against": []},
        {"dx": "Pneumonia", "p": 0.3, "for": [], "against": []},
    ]
    return json.dumps({"reasoning": "By rote.", "differential": differential, "action": action})
