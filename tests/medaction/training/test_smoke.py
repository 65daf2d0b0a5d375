"""A tiny random model learns: the real command, a real dataset version, real steps, and the loss falls."""

import json

from medaction.corpus.files import hash_file


def test_the_loss_falls(trained):
    manifest, _ = trained
    assert manifest["steps"] == 24
    for loss in (manifest["loss"], manifest["held_out_loss"]):
        assert loss["last"] < loss["first"] - 0.2


def test_the_manifest_says_what_it_was_made_from(trained, versions):
    manifest, out = trained
    dataset = json.loads((versions / "sft" / "manifest.json").read_text())
    assert (manifest["dataset"], manifest["prompt"]) == (dataset["hash"], dataset["prompt"])
    assert manifest["settings"]["seed"] == 0
    assert manifest["versions"]["trl"].startswith("1.")
    assert manifest["files"]["adapter_model.safetensors"] == hash_file(out / "adapter_model.safetensors")
    assert manifest["data"]["rows"] == {"train": dataset["splits"]["train"]["rows"], "validation": 2}


def test_only_what_the_dataset_marks_is_learned(trained):
    data = trained[0]["data"]
    assert 0 < data["learned_tokens"]["train"] < data["tokens"]["train"] / 2


def test_the_folder_is_whole_and_names_no_folder_of_this_machine(trained):
    _, out = trained
    names = {path.name for path in out.iterdir()}
    assert {"README.md", "manifest.json", "metrics.jsonl", "adapter_config.json", "tokenizer.json"} <= names
    assert not out.with_name("trained.unfinished").exists()
    assert json.loads((out / "adapter_config.json").read_text())["base_model_name_or_path"] == "plain"
    assert "Not for patient care" in (out / "README.md").read_text()


def test_metrics_are_one_line_a_look(trained):
    lines = [json.loads(line) for line in (trained[1] / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "held_out_loss" in line] == [0, 12, 24]
    assert len([line for line in lines if "loss" in line]) == 24
