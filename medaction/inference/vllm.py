"""vLLM as a child process, with the command that a release's manifest asks for.

Every flag was checked against the arguments that vLLM 0.33.0 reads; docs/guides/serving.md says what each is for.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from medaction.inference.release import ReleaseManifest

VERIFIED_VERSION = "0.33.0"
RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""What `--max-lora-rank` takes."""
GRACE_SECONDS = 30.0
DEVICES = ("/dev/nvidiactl", "/dev/kfd", "/dev/dri/renderD128", "/dev/dxg")
# Only these can refuse white space between JSON's parts; else a hot model fills its answer with it.
COMPACT = ("xgrammar", "guidance")


class VllmError(Exception):
    """vLLM cannot be started. The text is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class VllmSettings:
    """How to serve, where the manifest does not say. `None` means what the manifest says.

    `base` takes the place of the manifest's: a folder, or a model that vLLM finds itself. `gpu_share` is the part of
    each device's memory that vLLM may use. `without_gpu` is for vLLM's build for processors.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    base: str = ""
    tensor_parallel: int | None = None
    max_length: int | None = None
    gpu_share: float = 0.9
    api_key: str = field(default="", repr=False)
    without_gpu: bool = False


def vllm_command(manifest: ReleaseManifest, folder: Path, settings: VllmSettings) -> list[str]:
    """The words of the command. `folder` is the manifest's. Raises `VllmError` for what lies not where it should.

    The key is not among them: everybody on the machine can read a process's arguments.
    """
    length = settings.max_length or manifest.max_length
    command = [
        "vllm",
        "serve",
        _find_base(manifest, folder, settings),
        f"--served-model-name={_base_name(manifest)}",
        f"--host={settings.host}",
        f"--port={settings.port}",
        f"--max-model-len={length}",
        f"--tensor-parallel-size={settings.tensor_parallel or manifest.tensor_parallel}",
        f"--gpu-memory-utilization={settings.gpu_share}",
        "--enable-prefix-caching" if manifest.prefix_caching else "--no-enable-prefix-caching",
        # So that the client sees how much of a prompt was reused.
        "--enable-prompt-tokens-details",
        f"--structured-outputs-config={_structured(manifest.structured_outputs)}",
        # The request alone decides temperature and the like, not a file beside the weights.
        "--generation-config=vllm",
    ]
    if manifest.chat_template:
        command.append(f"--chat-template={_inside(folder, manifest.chat_template)}")
    if manifest.adapter:
        rank = next((rank for rank in RANKS if rank >= manifest.adapter_rank), None)
        if rank is None:
            raise VllmError(f"The adapter has rank {manifest.adapter_rank}; vLLM takes at most {RANKS[-1]}.")
        adapter = f"{manifest.name}={_inside(folder, manifest.adapter)}"
        command += ["--enable-lora", f"--max-lora-rank={rank}", f"--lora-modules={adapter}"]
    return command


def vllm_environment(settings: VllmSettings, command: list[str]) -> dict[str, str]:
    """What the child is told beside its arguments."""
    told = {"VLLM_NO_USAGE_STATS": "1"}
    if settings.api_key:
        told["VLLM_API_KEY"] = settings.api_key
    if Path(command[2]).is_dir():
        told["HF_HUB_OFFLINE"] = "1"
    return told


def run_vllm(command: list[str], settings: VllmSettings, *, environment: Mapping[str, str]) -> int:
    """Serve until vLLM ends, and return its exit code: 0 after SIGTERM or SIGINT. Raises `VllmError`.

    `environment` is what the child inherits; vLLM is looked for on its PATH and beside this Python.

    The first signal lets vLLM finish its shutdown for some seconds, a second one ends it and its workers at once.
    """
    program = _find_program(environment)
    if not settings.without_gpu and not any(Path(device).exists() for device in DEVICES):
        raise VllmError(
            "No GPU is seen on this machine, and vLLM needs one. Serve with --engine embedded (llama.cpp on"
            " processors), or, with vLLM's build for processors, add --without-gpu."
        )
    told = {**environment, **vllm_environment(settings, command)}
    # A group of its own, so that Ctrl-C reaches it once, through us, and its workers can be ended with it.
    child = subprocess.Popen([program, *command[1:]], env=told, start_new_session=True)
    asked: list[int] = []

    def pass_on(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        _signal(child, signal.SIGTERM if len(asked) == 1 else signal.SIGKILL)

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        code = _wait(child, asked)
    finally:
        _signal(child, signal.SIGKILL)
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0 if asked else code


def _wait(child: subprocess.Popen[bytes], asked: list[int]) -> int:
    while not asked:
        try:
            return child.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            continue
    try:
        return child.wait(timeout=GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        _signal(child, signal.SIGKILL)
        return child.wait()


def _signal(child: subprocess.Popen[bytes], number: int) -> None:
    """To the whole group at a kill: vLLM's workers must not outlive it."""
    try:
        if number == signal.SIGKILL:
            os.killpg(child.pid, number)
        elif child.poll() is None:
            child.send_signal(number)
    except ProcessLookupError:
        return


def _find_program(environment: Mapping[str, str]) -> str:
    beside = Path(sys.executable).parent / "vllm"
    program = shutil.which("vllm", path=environment.get("PATH")) or (str(beside) if beside.is_file() else None)
    if program is None:
        raise VllmError(
            "vLLM is not installed here: pip install 'medaction[vllm]' (Linux, NVIDIA or AMD GPU), or serve with"
            " docker/vllm; --print-command shows the command to run elsewhere."
        )
    return program


def _base_name(manifest: ReleaseManifest) -> str:
    """With an adapter, the release's name is the adapter's."""
    return f"{manifest.name}-base" if manifest.adapter else manifest.name


def _find_base(manifest: ReleaseManifest, folder: Path, settings: VllmSettings) -> str:
    given = settings.base or manifest.base
    place = Path(given) if settings.base else folder / given
    if place.is_dir():
        return str(place.resolve())
    if place.is_file() or place.suffix == ".gguf":
        raise VllmError(
            f"{given} is a GGUF file, which vLLM does not serve: name the base in Hugging Face's form (--base)."
        )
    return given


def _inside(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.exists():
        raise VllmError(f"{path} is missing: the release is not whole.")
    return path.resolve()


def _structured(backend: str) -> str:
    config: dict[str, object] = {"backend": backend}
    if backend in COMPACT:
        config["disable_any_whitespace"] = True
    return json.dumps(config, separators=(",", ":"))
