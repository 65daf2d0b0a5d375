"""Runs in the training environment, which has torch and no pytest: jobs as JSON on stdin, what came of them on stdout.

One process for many jobs, because torch takes long to load. A job is a list: its kind and its arguments.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from tiny_base import write
from transformers import AutoModelForCausalLM, AutoTokenizer
from typer.testing import CliRunner

from medaction.cli import app
from medaction.training.export.gguf_model import write_model


def command(*arguments: str, spare_mb: int | None = None) -> dict[str, Any]:
    """`medaction …`; with `spare_mb`, no more memory than that beyond what the process has."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    if spare_mb is not None:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + spare_mb * 2**20, before[1]))
    try:
        done = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    return {"code": done.exit_code, "out": done.stdout, "err": done.stderr}


def next_tokens(base: str, adapter: str | None, prompts: list[str]) -> list[list[tuple[int, float]]]:
    """The ten likeliest tokens after each prompt, with the logarithms of their probabilities."""
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    if adapter:
        model = PeftModel.from_pretrained(model, adapter)
    found = []
    for prompt in prompts:
        ids = tokenizer(prompt, add_special_tokens=False, return_tensors="pt")["input_ids"]
        with torch.no_grad():
            best = torch.log_softmax(model(input_ids=ids).logits[0, -1], -1).topk(10)
        found.append([(int(token), float(value)) for value, token in zip(best.values, best.indices, strict=True)])
    return found


def as_gguf(base: str, out: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForCausalLM.from_pretrained(base)
    write_model(model, Path(base), tokenizer.chat_template, Path(out), quant="f16", name="tiny")


JOBS = {"command": command, "next_tokens": next_tokens, "as_gguf": as_gguf, "tiny_base": write}

if __name__ == "__main__":
    told = [JOBS[kind](*arguments, **options) for kind, arguments, options in json.load(sys.stdin)]
    sys.stdout.write("\n" + json.dumps(told))
