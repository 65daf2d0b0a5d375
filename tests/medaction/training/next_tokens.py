"""Run in the training environment. Writes, as JSON, the ten likeliest tokens after each prompt: [token, logarithm].

Usage: python next_tokens.py BASE ADAPTER PROMPTS.json, where ADAPTER may be - for none.
"""

import json
import sys
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def main(base: str, adapter: str, prompts: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    if adapter != "-":
        model = PeftModel.from_pretrained(model, adapter)
    found = []
    for prompt in json.loads(Path(prompts).read_text()):
        ids = tokenizer(prompt, add_special_tokens=False, return_tensors="pt")["input_ids"]
        with torch.no_grad():
            scores = torch.log_softmax(model(input_ids=ids).logits[0, -1].float(), -1)
        best = scores.topk(10)
        found.append([[int(i), float(v)] for v, i in zip(best.values, best.indices, strict=True)])
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
