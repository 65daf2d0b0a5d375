"""Run by the engines' interpreter: ``drive_inspect.py CASES OUT LOGS``. The task by its registered name, on mockllm."""

import json
import sys
from pathlib import Path

from clinician import USAGE, reply
from inspect_ai import eval as run_task
from inspect_ai.model import ModelOutput, ModelUsage, get_model


def say(messages, tools, tool_choice, config):
    output = ModelOutput.from_content("rote", reply([{"role": m.role, "content": m.text} for m in messages]))
    output.usage = ModelUsage(
        input_tokens=USAGE["prompt_tokens"], output_tokens=USAGE["completion_tokens"], total_tokens=18
    )
    return output


def main(cases: str, out: str, logs: str) -> None:
    model = get_model("mockllm/model", custom_outputs=say)
    (log,) = run_task(
        "medaction/active_diagnosis", model=model, task_args={"cases": cases}, log_dir=logs, display="plain"
    )
    assert log.status == "success", log.error
    found = {
        "records": [sample.scores["concept_match"].metadata for sample in log.samples],
        "stored": [sample.store["medaction"]["id"] for sample in log.samples],
        "figures": {name: value.value for name, value in log.results.scores[0].metrics.items()},
        "dialogue": [message.role for message in log.samples[0].messages],
        "config": log.plan.config.model_dump(exclude_none=True),
    }
    Path(out).write_text(json.dumps(found), encoding="utf-8")


main(*sys.argv[1:])
