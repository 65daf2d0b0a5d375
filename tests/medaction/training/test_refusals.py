"""What cannot be trained on stops early: the reason in one line, an exit code, the last good checkpoint."""

import json
import shutil

import pytest

from medaction.domain.canonical import content_hash

from .conftest import QUICK


@pytest.fixture(scope="module")
def ended(elsewhere, versions, base):
    """How each bad training ended: code, output, and its output folder."""
    folder = elsewhere.folder
    other = folder / "other-template"
    shutil.copytree(versions / "sft", other)
    manifest = json.loads((other / "manifest.json").read_text()) | {"chat_template": "0" * 64}
    manifest["hash"] = content_hash({key: value for key, value in manifest.items() if key != "hash"})
    (other / "manifest.json").write_text(json.dumps(manifest))
    changed = folder / "changed-data"
    shutil.copytree(versions / "sft", changed)
    with (changed / "data" / "train.jsonl").open("a") as file:
        file.write("{}\n")

    def job(name, data, which, *settings, kind="sft", **options):
        arguments = ["--data", data, "--out", folder / name, *QUICK, f"--set=base={base / which}"]
        return ("command", "train", kind, *arguments, *(f"--set={setting}" for setting in settings), options)

    jobs = {
        "no base": job("no base", versions / "sft", "nowhere"),
        "no dataset": job("no dataset", versions / "nowhere", "plain"),
        "empty": job("empty", versions / "no-train", "plain"),
        "changed": job("changed", changed, "plain"),
        "pairs to sft": job("pairs to sft", versions / "dpo", "plain"),
        "conversations to dpo": job("conversations to dpo", versions / "sft", "plain", kind="dpo"),
        "too long": job("too long", versions / "sft", "plain", "max_tokens=50"),
        "rewriting": job("rewriting", versions / "sft", "rewriting"),
        "speechless": job("speechless", versions / "sft", "speechless"),
        "other template": job("other template", other, "plain"),
        "nothing to resume": (*job("nothing", versions / "sft", "plain")[:-1], "--resume", {}),
        "no number": job("no number", versions / "sft", "plain", "learning_rate=1.0e+30", "every=1", "steps=4"),
        "no memory": job("no memory", versions / "sft", "plain", "attention=eager", "batch=6", "steps=2", spare_mb=100),
        "export of nothing": ("command", "train", "export", versions / "sft", "--gguf", "adapter"),
    }
    told = dict(zip(jobs, elsewhere.run(*jobs.values()), strict=True))
    left = {path.name for path in folder.iterdir()}
    return {name: answer | {"left": left} for name, answer in told.items()}


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("no base", 1, "base model is missing"),
        ("no dataset", 1, "is no dataset"),
        ("empty", 1, "is empty"),
        ("changed", 1, "was changed after it was written"),
        ("pairs to sft", 1, "--format sft"),
        ("conversations to dpo", 1, "--format dpo"),
        ("too long", 1, "raise max_tokens"),
        ("rewriting", 1, "rewrites what was said before"),
        ("speechless", 1, "has no chat template"),
        ("other template", 1, "was made for the chat template 000000000000"),
        ("nothing to resume", 1, "there is nothing to resume"),
        ("no number", 3, "is not a number after step"),
        ("no memory", 3, "memory did not suffice"),
        ("export of nothing", 1, "is no finished training"),
    ],
)
def test_one_line_says_why(ended, name, code, said):
    answer = ended[name]
    assert answer["code"] == code, answer
    last = answer["err"].splitlines()[-1]
    assert last.startswith("medaction: ")
    assert said in last
    assert name not in answer["left"]
    assert (f"{name}.unfinished" in answer["left"]) == (name == "no number")


def test_a_loss_that_is_no_number_names_the_last_good_checkpoint(ended):
    assert "The last good checkpoint is" in ended["no number"]["err"]


def test_without_a_checkpoint_that_is_said(ended):
    assert "There is no checkpoint yet" in ended["no memory"]["err"]
