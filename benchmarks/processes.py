"""Processes on the app's core, and waiting for what they do."""

import asyncio
import contextlib
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.cores import on_app_core

ROOT = Path(__file__).resolve().parents[1]
STOP_SECONDS = 20


@contextlib.contextmanager
def process(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command on the app's core; end it with the block. Its output is shown only when the block fails."""
    with tempfile.TemporaryFile() as log:
        started = subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=on_app_core(),
        )
        try:
            yield started
        except Exception as error:
            log.seek(0)
            error.add_note(log.read().decode(errors="replace")[-2000:])
            raise
        finally:
            end(started)


def end(started: subprocess.Popen[bytes]) -> None:
    started.terminate()
    try:
        started.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        started.kill()
        started.wait()


async def wait_until(condition: Callable[[], bool], *, seconds: float, every: float = 0.02) -> bool:
    """Look until the condition holds. Returns whether it did in time."""
    until = time.monotonic() + seconds
    for _ in iter(condition, True):
        if time.monotonic() > until:
            return False
        await asyncio.sleep(every)
    return True
