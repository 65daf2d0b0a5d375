"""Run by the engines' interpreter: ``drive_verifiers.py CASES OUT URL``. Every task once, by verifiers' own client."""

import asyncio
import json
import sys
from pathlib import Path

import verifiers.v1 as vf

from medaction_diagnosis import load_environment


async def play(cases: str, url: str) -> dict:
    environment = load_environment(cases, constrained=True)
    context = vf.ModelContext(
        client=vf.EvalClientConfig(base_url=url, api_key_var="NO_KEY"),
        model="rote",
        sampling=vf.SamplingConfig(temperature=0.0),
    )
    async with environment.serving():
        episodes = [await environment.run_episode(task, context) for task in environment.taskset]
    assert all(episode.ok for episode in episodes), [episode.traces[0].errors for episode in episodes]
    traces = [episode.traces[0] for episode in episodes]
    return {
        "records": [trace.info["medaction"] for trace in traces],
        "rewards": [trace.reward for trace in traces],
        "metrics": [trace.metrics for trace in traces],
        "calls": [trace.num_turns for trace in traces],
    }


def main(cases: str, out: str, url: str) -> None:
    Path(out).write_text(json.dumps(asyncio.run(play(cases, url))), encoding="utf-8")


main(*sys.argv[1:])
