"""The commands of the loop: run to their end, or served while a block lasts."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.processes import STOP_SECONDS

ROOT = Path(__file__).resolve().parents[1]
MEDACTION = (sys.executable, "-m", "medaction.cli")
TRAIN = ROOT / ".venv-train/bin/medaction"


class LoopError(Exception):
    """A stage that did not end well; the message says which command."""


class CommandFailed(LoopError):  # noqa: N818 - what happened, not a fault
    """``code``: what the command ended with."""

    def __init__(self, arguments: list[str], code: int) -> None:
        super().__init__(
            f"`medaction {' '.join(arguments[:2])} …` ended with {code}; what was done is kept, and the same command "
            "goes on"
        )
        self.code = code


def run(*arguments: object, quiet: bool = False) -> str:
    """``medaction …`` to its end. ``quiet``: what it prints is returned, not shown; progress is shown either way."""
    return _run(MEDACTION, [str(argument) for argument in arguments], quiet)


def train(*arguments: object) -> None:
    """``medaction train …`` where torch is."""
    if not TRAIN.exists():
        raise LoopError("training needs an environment of its own: make train-env")
    _run((str(TRAIN),), ["train", *map(str, arguments)])


def _run(program: tuple[str, ...], arguments: list[str], quiet: bool = False) -> str:
    print(f"$ medaction {' '.join(arguments)}", flush=True)
    child = subprocess.Popen([*program, *arguments], stdout=subprocess.PIPE if quiet else None, text=True)
    try:
        printed, _ = child.communicate()
    except KeyboardInterrupt:
        child.wait()
        raise
    if child.returncode:
        raise CommandFailed(arguments, child.returncode)
    return printed or ""


@contextlib.contextmanager
def serving(*arguments: str, log: Path) -> Iterator[str]:
    """``medaction serve-…`` on a free port while the block lasts; its address. What it says goes to ``log``."""
    with log.open("a", encoding="utf-8") as errors:
        command = [*MEDACTION, *arguments, "--port", "0", "--json"]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True)
        try:
            line = child.stdout.readline() if child.stdout else ""
            if not line.strip():
                raise LoopError(f"`medaction {arguments[0]}` did not start; see {log}")
            print(f"$ medaction {' '.join(arguments)}", flush=True)
            yield str(json.loads(line)["url"])
        finally:
            end(child)


def end(child: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
