"""vLLM's command from a manifest, and the life of its process (a small program stands in its place on PATH)."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from medaction.inference.release import ReleaseManifest, ReleaseManifestError, read_manifest
from medaction.inference.vllm import RANKS, VllmError, VllmSettings, vllm_command, vllm_environment
from tests.medaction.inference.test_release import HASH

CLI = [sys.executable, "-c", "from medaction.cli import main; main()", "serve-model", "--engine", "vllm"]
PLAIN = ReleaseManifest(name="medaction-8b", base="Qwen/Qwen3-8B")


def flags(manifest: ReleaseManifest, folder: Path = Path(), **settings: Any) -> dict[str, str]:
    command = vllm_command(manifest, folder, VllmSettings(**settings))
    assert command[:2] == ["vllm", "serve"]
    return {"model": command[2], **{name: value for name, _, value in (word.partition("=") for word in command[3:])}}


@pytest.fixture
def adapter(tmp_path: Path) -> ReleaseManifest:
    (tmp_path / "chat_template.jinja").write_text("{{ messages }}")
    return replace(PLAIN, adapter=".", adapter_rank=12, chat_template="chat_template.jinja", max_length=16384)


def test_a_base_model() -> None:
    assert flags(PLAIN) == {
        "model": "Qwen/Qwen3-8B",
        "--served-model-name": "medaction-8b",
        "--host": "127.0.0.1",
        "--port": "8000",
        "--max-model-len": "8192",
        "--tensor-parallel-size": "1",
        "--gpu-memory-utilization": "0.9",
        "--enable-prefix-caching": "",
        "--enable-prompt-tokens-details": "",
        "--structured-outputs-config": '{"backend":"xgrammar","disable_any_whitespace":true}',
        "--generation-config": "vllm",
    }


def test_an_adapter_takes_the_releases_name(adapter: ReleaseManifest, tmp_path: Path) -> None:
    made = flags(adapter, tmp_path, tensor_parallel=4)
    assert made["--served-model-name"] == "medaction-8b-base"
    assert made["--lora-modules"] == f"medaction-8b={tmp_path}"
    assert (made["--max-lora-rank"], made["--tensor-parallel-size"]) == ("16", "4")
    assert made["--chat-template"] == str(tmp_path / "chat_template.jinja")
    assert made["--max-model-len"] == "16384"
    assert "--enable-lora" in made


@pytest.mark.parametrize("rank", [1, 2, 8, 9, 64, 65, 300, 512])
def test_the_rank_is_one_that_vllm_takes(adapter: ReleaseManifest, tmp_path: Path, rank: int) -> None:
    taken = int(flags(replace(adapter, adapter_rank=rank), tmp_path)["--max-lora-rank"])
    assert taken in RANKS
    assert taken >= rank
    with pytest.raises(VllmError, match="rank 513"):
        vllm_command(replace(adapter, adapter_rank=513), tmp_path, VllmSettings())


def test_what_the_command_line_says_counts(tmp_path: Path) -> None:
    made = flags(replace(PLAIN, prefix_caching=False, structured_outputs="auto"), base=str(tmp_path), max_length=4096)
    assert (made["model"], made["--max-model-len"]) == (str(tmp_path), "4096")
    assert "--no-enable-prefix-caching" in made
    assert made["--structured-outputs-config"] == '{"backend":"auto"}'


def test_the_key_is_in_the_environment_and_never_in_the_command(tmp_path: Path) -> None:
    settings = VllmSettings(api_key="secret-key", base=str(tmp_path))
    command = vllm_command(PLAIN, Path(), settings)
    assert not [word for word in command if "secret-key" in word]
    told = vllm_environment(settings, command)
    assert (told["VLLM_API_KEY"], told["HF_HUB_OFFLINE"]) == ("secret-key", "1")
    assert "secret-key" not in repr(settings)


def test_what_lies_not_where_it_should(adapter: ReleaseManifest, tmp_path: Path) -> None:
    (tmp_path / "chat_template.jinja").unlink()
    with pytest.raises(VllmError, match=r"chat_template\.jinja is missing"):
        vllm_command(adapter, tmp_path, VllmSettings())
    with pytest.raises(VllmError, match="GGUF"):
        vllm_command(replace(PLAIN, base="model.gguf"), tmp_path, VllmSettings())


# A training's output.

TRAINED: dict[str, Any] = {
    "format": "medaction.training/1",
    "kind": "sft",
    "dataset": HASH,
    "prompt": HASH,
    "chat_template": HASH,
    "settings": {"method": "lora", "lora": {"rank": 8}, "max_tokens": 2048},
    "base": {"name": "org/base-model", "hash": HASH, "gguf": None},
    "files": {"adapter_model.safetensors": "f" * 64, "chat_template.jinja": HASH},
    "hash": "abcdef01" * 8,
}


def write(folder: Path, **changes: Any) -> Path:
    for name in ("adapter_model.safetensors", "chat_template.jinja"):
        (folder / name).write_text("x")
    (folder / "README.md").write_text("# Card\n")
    (folder / "manifest.json").write_bytes(orjson.dumps({**TRAINED, **changes}))
    return folder


def test_a_training_is_read_as_a_release(tmp_path: Path) -> None:
    release = read_manifest(write(tmp_path))
    assert (release.name, release.base, release.adapter_rank) == ("base-model-sft-abcdef01", "org/base-model", 8)
    assert (release.adapter_hash, release.base_hash, release.trained_on) == ("f" * 64, HASH, HASH)
    assert (release.max_length, release.card) == (8192, "# Card\n")
    assert flags(release, tmp_path)["--lora-modules"] == f"base-model-sft-abcdef01={tmp_path}"


def test_merged_weights_need_no_adapter(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "adapter_model.safetensors").rename(tmp_path / "model.safetensors")
    release = read_manifest(tmp_path)
    assert (release.base, release.adapter, release.adapter_hash) == (".", "", "f" * 64)
    made = flags(release, tmp_path)
    assert made["model"] == str(tmp_path)
    assert "--enable-lora" not in made


def test_a_whole_model_is_its_own_base(tmp_path: Path) -> None:
    parts = {f"model-0000{number}.safetensors": str(number) * 64 for number in (1, 2)}
    release = read_manifest(write(tmp_path, settings={**TRAINED["settings"], "method": "full"}, files=parts))
    assert (release.base, release.adapter, len(release.base_hash)) == (".", "", 64)


@pytest.mark.parametrize(
    "changes", [{"files": {}}, {"base": "x"}, {"settings": {}}, {"dataset": "not a hash"}, {"hash": None}]
)
def test_a_training_that_makes_no_sense_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(ReleaseManifestError, match=r"manifest\.json: "):
        read_manifest(write(tmp_path, **changes))


# The command.


def run(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [*CLI, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)


def test_the_printed_command_is_what_a_shell_would_run(tmp_path: Path) -> None:
    done = run("--model-dir", write(tmp_path), "--print-command", env={**os.environ, "MODEL_API_KEY": "secret-key"})
    assert done.returncode == 0, done.stderr
    assert "secret-key" not in done.stdout
    words = shlex.split(done.stdout)
    assert words[:3] == ["VLLM_NO_USAGE_STATS=1", "VLLM_API_KEY=$MODEL_API_KEY", "vllm"]
    told = json.loads(run("--model-dir", tmp_path, "--print-command", "--json").stdout)
    assert told["command"] == words[2:]


@pytest.fixture
def on_path(tmp_path: Path) -> dict[str, str]:
    """A PATH whose vllm is a program of the test's own: it writes down what it was told, and waits."""
    program = tmp_path / "bin" / "vllm"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\nimport json, os, pathlib, signal, subprocess, sys, time\n"
        "here = pathlib.Path(__file__).parent\n"
        "worker = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "def end(*_):\n    (here / 'ended').touch(); worker.kill(); sys.exit(0)\n"
        "if 'deaf' in sys.argv[2]:\n    end = signal.SIG_IGN\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "told = {'argv': sys.argv[1:], 'key': os.environ.get('VLLM_API_KEY'), 'worker': worker.pid}\n"
        "(here / 'told').write_text(json.dumps(told)); (here / 'told').rename(here / 'ready')\n"
        "if 'broken' in sys.argv[2]:\n    worker.kill(); sys.exit(7)\n"
        "time.sleep(600)\n"
    )
    program.chmod(0o755)
    return {**os.environ, "PATH": str(program.parent), "MODEL_API_KEY": "secret-key"}


def start(environment: dict[str, str], base: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*CLI, "--base", base, "--without-gpu"], env=environment, stderr=subprocess.PIPE)


def wait_for(path: Path) -> dict[str, Any]:
    until = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < until, f"no {path.name}"
        time.sleep(0.05)
    told: dict[str, Any] = json.loads(path.read_text() or "{}")
    return told


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:3]
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_vllm_in_its_own_way(on_path: dict[str, str], tmp_path: Path, number: signal.Signals) -> None:
    server = start(on_path, "some/model")
    told = wait_for(tmp_path / "bin" / "ready")
    assert told["argv"][:2] == ["serve", "some/model"]
    assert told["key"] == "secret-key"
    server.send_signal(number)
    assert server.wait(timeout=20) == 0
    assert (tmp_path / "bin" / "ended").exists()


def test_a_second_signal_ends_it_and_its_workers_at_once(on_path: dict[str, str], tmp_path: Path) -> None:
    server = start(on_path, "deaf/model")
    told = wait_for(tmp_path / "bin" / "ready")
    server.terminate()
    time.sleep(0.3)
    server.terminate()
    assert server.wait(timeout=20) == 0
    assert not is_alive(told["worker"])


def test_vllms_own_failure_is_the_exit_code(on_path: dict[str, str]) -> None:
    server = start(on_path, "broken/model")
    server.communicate(timeout=30)
    assert server.returncode == 7


def test_without_vllm_or_a_gpu_one_line_says_what_to_do(on_path: dict[str, str], tmp_path: Path) -> None:
    nowhere = {**on_path, "PATH": str(tmp_path)}
    missing = run("--base", "some/model", env=nowhere)
    assert (missing.returncode, missing.stderr.count("\n")) == (1, 1)
    assert "medaction[vllm]" in missing.stderr
    if not any(Path(device).exists() for device in ("/dev/nvidiactl", "/dev/kfd", "/dev/dri/renderD128", "/dev/dxg")):
        without = run("--base", "some/model", env=on_path)
        assert (without.returncode, without.stderr.count("\n")) == (1, 1)
        assert "No GPU" in without.stderr


def test_options_of_the_other_engine_are_refused(tmp_path: Path) -> None:
    assert run().returncode == 2
    assert run("--base", "x", "--requantise", tmp_path).returncode == 2
    other = [*CLI[:-1], "embedded", "--print-command"]
    assert subprocess.run(other, capture_output=True, timeout=60, check=False).returncode == 2
