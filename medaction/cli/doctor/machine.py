"""Python, the data folder, disk space, ports, a browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from medaction.cli.doctor.check import Check, Status, Surroundings

LEAST_PYTHON = (3, 11)
USUAL_PORTS = {"web": 8000, "model": 8080, "PostgreSQL": 5432, "Valkey": 6379}
LEAST_FREE_BYTES = 300_000_000
ENOUGH_FREE_BYTES = 2_000_000_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FIND_PLAYWRIGHTS_OWN = (
    "from playwright.sync_api import sync_playwright as p\nwith p() as b: print(b.chromium.executable_path)"
)


def check_python(where: Surroundings) -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    detail = f"Python {version} ({sys.executable})"
    if sys.version_info[:2] >= LEAST_PYTHON:
        return Check("python", Status.OK, detail)
    return Check("python", Status.FAIL, detail, "Install Python 3.11 or newer and run `make setup` again.")


def check_home(where: Surroundings) -> Check:
    """The data folder, or the nearest folder above it that exists, takes a new file."""
    folder = next(path for path in (where.home, *where.home.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        advice = f"Give {folder} to your user, or set MEDACTION_HOME to a folder of yours."
        return Check("data folder", Status.FAIL, f"{where.home} cannot be written ({error.strerror})", advice)
    return Check("data folder", Status.OK, str(where.home))


def check_disk(where: Surroundings) -> Check:
    folder = next(path for path in (where.home, *where.home.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    detail = f"{free / 1e9:.1f} GB free"
    if free < LEAST_FREE_BYTES:
        return Check("disk space", Status.FAIL, detail, "Free some space, or set MEDACTION_HOME to another disk.")
    if free < ENOUGH_FREE_BYTES:
        return Check("disk space", Status.WARN, detail, "Long use needs about 2 GB.")
    return Check("disk space", Status.OK, detail)


def check_ports(where: Surroundings) -> Check:
    taken = [f"{port} ({name})" for name, port in USUAL_PORTS.items() if not _is_free(port)]
    if taken:
        return Check("ports", Status.WARN, f"taken: {', '.join(taken)}", "Nothing to do: the demo takes others.")
    return Check("ports", Status.OK, "the usual ports are free")


def check_browser(where: Surroundings) -> Check:
    """A Chromium for the browser tests; the demo itself opens in any browser."""
    if where.checkout is None:
        return Check("browser", Status.SKIP, "only the tests of a checkout need one")
    found = next(filter(None, map(shutil.which, BROWSERS)), None) or _playwrights_own()
    if found:
        return Check("browser", Status.OK, found)
    advice = "For `make test`: apt-get install chromium (Debian), or `.venv/bin/playwright install chromium`."
    return Check("browser", Status.WARN, "no Chromium for the browser tests", advice)


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _playwrights_own() -> str | None:
    done = subprocess.run([sys.executable, "-c", FIND_PLAYWRIGHTS_OWN], capture_output=True, text=True)
    path = done.stdout.strip()
    return path if path and os.access(Path(path), os.X_OK) else None
