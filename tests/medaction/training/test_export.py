"""What is exported says in llama.cpp what the trained model says in torch."""

import json

import pytest
import xllamacpp

PROMPTS = [
    "<|im_start|>user\nA woman of 24 has burning on passing urine.<|im_end|>\n<|im_start|>assistant\n",
    "[o1.1] No fever.\nTurn 1.",
    '{"reasoning":"I think of',
]


def ask(weights, *adapters):
    """The ten likeliest tokens after each prompt with their logarithms, from llama.cpp."""
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights)
    parameters.n_ctx, parameters.n_parallel, parameters.verbosity, parameters.ui = 1024, 1, 0, False
    parameters.cpuparams.n_threads = 1
    parameters.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(path)) for path in adapters]
    server = xllamacpp.Server(parameters)
    found = []
    for prompt in PROMPTS:
        answer = server.handle_completions({"prompt": prompt, "max_tokens": 1, "logprobs": 10, "temperature": 0})
        told = answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
        found.append([(token["id"], token["logprob"]) for token in told])
    return found


def assert_alike(here, there, *, within):
    for ours, theirs in zip(here, there, strict=True):
        assert ours[0][0] == theirs[0][0]
        known = dict(ours)
        shared = [abs(known[token] - value) for token, value in theirs if token in known]
        assert len(shared) >= 8
        assert max(shared) < within


@pytest.fixture(scope="module")
def exported(trained, base, elsewhere):
    """The products, and what torch says of the base and of the trained model."""
    out, plain = trained[1], base / "plain"
    weights = elsewhere.folder / "plain.gguf"
    told = elsewhere.run(
        ("as_gguf", plain, weights),
        ("next_tokens", plain, None, PROMPTS),
        ("next_tokens", plain, out, PROMPTS),
        ("command", "train", "export", out, "--gguf", "adapter", "--json"),
        ("command", "train", "export", out, "--gguf", "merged", "--json"),
        ("command", "train", "export", out, "--safetensors", "--out", elsewhere.folder / "whole", "--json"),
    )
    assert [job["code"] for job in told[3:]] == [0, 0, 0], told[3:]
    return {
        "weights": weights,
        "base says": told[1],
        "trained says": told[2],
        "adapter": json.loads(told[3]["out"]),
        "merged": json.loads(told[4]["out"]),
        "whole": elsewhere.folder / "whole",
    }


def test_training_changed_what_comes_next(exported):
    with pytest.raises(AssertionError):
        assert_alike(exported["base says"], exported["trained says"], within=0.05)


def test_the_base_is_the_same_in_both(exported):
    assert_alike(ask(exported["weights"]), exported["base says"], within=0.01)


def test_an_adapter_over_its_base_says_what_peft_says(exported):
    assert exported["adapter"]["matrices"] == 14
    assert_alike(ask(exported["weights"], exported["adapter"]["file"]), exported["trained says"], within=0.01)


def test_merged_weights_say_so_too(exported):
    assert_alike(ask(exported["merged"]["file"]), exported["trained says"], within=0.1)


def test_a_merged_folder_is_whole(exported):
    names = {path.name for path in exported["whole"].iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json", "chat_template.jinja", "manifest.json"} <= names
