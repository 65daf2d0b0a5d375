"""The server as a process of its own, so that its load is not the load of what is tested."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]


@dataclass
class RunningUpstream:
    """A started server: its address, and its control endpoints."""

    url: str
    process: subprocess.Popen[str]

    def control(self, path: str, value: object = None, *, method: str | None = None) -> Any:
        """Call `/_control/<path>`: GET without a value, POST with one."""
        data = None if value is None else json.dumps(value).encode()
        address = f"{self.url.removesuffix('/v1')}/_control/{path}"
        request = urllib.request.Request(address, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    def log(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.control("log")
        return entries


@contextmanager
def running(*arguments: str) -> Iterator[RunningUpstream]:
    """Start `python -m tests.fake_upstream` with more `arguments` on a free port; stop it at the end."""
    command = [sys.executable, "-m", "tests.fake_upstream", "--port", "0", "--with-parent", *arguments]
    process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("the fake upstream did not start")
        yield RunningUpstream(json.loads(line)["url"], process)
    finally:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()
