"""The real app in a scratch folder: the project's own stack runner, on the app's core."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.cores import on_app_core
from benchmarks.processes import ROOT, end

START_SECONDS = 120
USER = "benchmark"
MAKE_USER = (
    "import os; from django.contrib.auth.models import User; User.objects.create_user({name!r}, password={password!r})"
)


@dataclass(frozen=True)
class App:
    address: str
    password: str
    environment: dict[str, str]
    pids: dict[str, int]


@contextmanager
def running_app(model_url: str, **settings: object) -> Iterator[App]:
    """Start PostgreSQL, Valkey, web, worker and beat with this model; stop them, and drop their data, at the end."""
    with tempfile.TemporaryDirectory(prefix="medaction-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        home = Path(folder) / "stack"
        environment = _environment(home, MODEL_URL=model_url, MODEL_NAME="fake", **settings)
        log = (Path(folder) / "stack.log").open("wb")
        stack = subprocess.Popen(
            [sys.executable, "-m", "medaction_site.stack", "up", "--with-parent"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=on_app_core(),
        )
        try:
            record = _wait_until_ready(stack, home / "stack.json", Path(log.name))
            password = secrets.token_urlsafe(12)
            app = App(
                address=record["address"],
                password=password,
                environment={**environment, **record["environment"]},
                pids={name: part["pid"] for name, part in record["parts"].items() if name != "prepare"},
            )
            manage(app, "shell", "-v0", "-c", MAKE_USER.format(name=USER, password=password))
            yield app
        finally:
            end(stack)
            log.close()


def _environment(home: Path, **settings: object) -> dict[str, str]:
    """Ours, less whatever would point the stack at somebody else's services."""
    replaced = {
        "DATABASE_URL",
        "REDIS_URL",
        "MODEL_API_KEY",
        "MODEL_LABEL",
        "SCRIPTED_MODELS",
        "DJANGO_SETTINGS_MODULE",
    }
    kept = {name: value for name, value in os.environ.items() if name not in replaced}
    return {**kept, "MEDACTION_HOME": str(home), **{name: str(value) for name, value in settings.items()}}


def _wait_until_ready(stack: subprocess.Popen[bytes], record: Path, log: Path) -> dict[str, Any]:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and stack.poll() is None:
        time.sleep(0.2)
        if record.exists():
            state: dict[str, Any] = json.loads(record.read_text())
            if {"web", "worker"} <= set(state["ready"]):
                return state
    raise RuntimeError(f"the stack did not start:\n{log.read_text(errors='replace')[-2000:]}")


def manage(app: App, *arguments: str) -> str:
    """A management command of this app; what it printed."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=app.environment,
        check=True,
        capture_output=True,
        text=True,
        preexec_fn=on_app_core(),
    )
    return done.stdout
