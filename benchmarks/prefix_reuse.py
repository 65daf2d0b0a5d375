"""P9: how much of a prompt a server has already read, computed on the requests that a fake upstream recorded.

`python -m benchmarks.prefix_reuse --cases FILE [--turns 10] [--siblings 3] [--json FILE]`. Each case is played for
ten turns by the fake upstream's answers. `kept`: of the bytes of the prompt before, the share that the next one begins
with (a prefix cache loses the rest); `reused`: of all bytes sent after the first turn, the share that was sent before
in the same place; `siblings`: the same between samples of one turn.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from medaction.domain.actions import FinalDiagnosis, TestOrder
from medaction.domain.case import Case
from medaction.domain.environment import Environment, EnvironmentSettings
from medaction.domain.observation import Observation
from medaction.domain.parser import parse_turn
from medaction.domain.prompt import render_messages
from medaction.formats.readers import read_cases
from medaction.inference.openai_compatible import OpenAICompatibleModel
from medaction.inference.port import ChatRequest, Message
from tests.fake_upstream import Answer, FakeUpstream

TARGETS = {"kept": 0.9, "siblings": 0.95}


def prompt_bytes(messages: Sequence[Message]) -> bytes:
    """The messages in one line, as a chat template lays them out; the header of the answer is not part of them."""
    return "".join(f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n" for m in messages).encode()


def common(before: bytes, after: bytes) -> int:
    differing = (at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other)
    return next(differing, min(len(before), len(after)))


async def play(model: OpenAICompatibleModel, case: Case, turns: int, siblings: int) -> None:
    """Play one case, asking `siblings` times for each turn and going on with the first answer."""
    environment = Environment(case, EnvironmentSettings(horizon=turns + 1))
    first = environment.reset()
    history: list[tuple[str, Observation]] = []
    for _ in range(turns):
        messages = render_messages(first, history, must_diagnose=environment.must_diagnose)
        answers = ["".join([d.text async for d in model.stream(ChatRequest(messages))]) for _ in range(siblings)]
        action = parse_turn(answers[0]).action
        # The fake commits itself from its fifth answer on; ordering the disease by name keeps the dialogue going.
        if isinstance(action, FinalDiagnosis):
            action = TestOrder((action.dx,))
        history.append((answers[0], environment.step(action).observation))


async def record(cases: Sequence[Case], turns: int, siblings: int) -> list[list[list[bytes]]]:
    """Return the recorded prompts by case, turn and sibling."""
    played = []
    async with FakeUpstream(Answer(tps=0)) as upstream:
        model = OpenAICompatibleModel(base_url=upstream.url, name="fake")
        for case in cases:
            upstream.log.clear()
            await play(model, case, turns, siblings)
            prompts = [prompt_bytes(entry.body["messages"]) for entry in upstream.log]
            played.append([prompts[at : at + siblings] for at in range(0, len(prompts), siblings)])
        await model.aclose()
    return played


def figures(played: list[list[list[bytes]]]) -> dict[str, float]:
    steps = [(before[0], after[0]) for turns in played for before, after in pairwise(turns)]
    pairs = [(turn[0], other) for turns in played for turn in turns for other in turn[1:]]
    shared = sum(common(before, after) for before, after in steps)
    return {
        "kept": shared / sum(len(before) for before, _ in steps),
        "worst_kept": min(common(before, after) / len(before) for before, after in steps),
        "reused": shared / sum(len(after) for _, after in steps),
        "siblings": sum(common(one, other) for one, other in pairs) / sum(len(other) for _, other in pairs),
        "prompts": float(sum(len(turn) for turns in played for turn in turns)),
        "longest_prompt_bytes": float(max(len(prompt) for turns in played for turn in turns for prompt in turn)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prefix_reuse", description=__doc__)
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=20)
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--siblings", type=int, default=3)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rows = (row.case for row in read_cases(arguments.cases))
    cases = [case for case in rows if case is not None][: arguments.limit]
    found = figures(asyncio.run(record(cases, arguments.turns, arguments.siblings)))
    for name, value in found.items():
        target = TARGETS.get(name)
        verdict = "" if target is None else f"  target {target}: {'met' if value >= target else 'MISSED'}"
        print(f"{name:>22} {value:>12.4f}{verdict}")
    if arguments.json:
        arguments.json.write_text(json.dumps({"benchmark": "prefix_reuse", "cases": len(cases), **found}, indent=1))


if __name__ == "__main__":
    main()
