"""The real processes: uvicorn, a Celery worker, the beat and the fake upstream, on the test database and Valkey."""

import os
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from diagnosis.streaming.client import get_client
from diagnosis.streaming.presence import list_workers
from medaction_site.stack.ports import free_port
from medaction_site.stack.processes import die_with_parent
from tests import services
from tests.fake_upstream import RunningUpstream

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
# Shorter than in earnest, so that a test of patience is not one.
IMPATIENT = {"MODEL_CONNECT_TIMEOUT": "2", "MODEL_FIRST_TOKEN_TIMEOUT": "4", "MODEL_IDLE_TIMEOUT": "3"}
GROWTH = "--pool=solo --queues=medaction-growth --without-gossip --without-mingle --loglevel=INFO"
SCRIPTS = "walk,walk@0,walk@400,garbage@0,half@0"


class Part:
    """One process, which can be killed and started again."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.name = name
        self.command = command
        self.log = log
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL: nothing is said, nothing is tidied."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self, seconds: float = 10) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()


class Stack:
    """Everything that a clinician's browser talks to. ``url`` is the site's address."""

    def __init__(self, folder: Path, upstream: RunningUpstream) -> None:
        self.upstream = upstream
        self._folder = folder
        self.files = folder / "files"
        port = free_port(0)
        self.url = f"http://127.0.0.1:{port}"
        celery = "celery --quiet --app medaction_site.celery:app"
        self.web = self._part(
            "web",
            f"uvicorn medaction_site.asgi:application --host 127.0.0.1 --port {port} --no-access-log"
            " --timeout-graceful-shutdown 2",
        )
        self.worker = self._part(
            "worker",
            f"{celery} worker --pool=threads --concurrency=64 --without-gossip --without-mingle --loglevel=INFO",
        )
        # Started by the tests that need it: it computes, and the others measure patience.
        self.growth = self._part("growth", f"{celery} worker {GROWTH} --hostname=growth@test")
        self.beat = self._part("beat", f"{celery} beat --schedule={folder / 'beat'} --pidfile= --loglevel=WARNING")

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.web, self.worker, self.beat)

    def ensure_running(self) -> None:
        """Start what is not running, also what ends meanwhile, and wait until pages and workers answer."""

        def is_ready() -> bool:
            for part in self.parts:
                if not part.is_alive:
                    part.start()
            return self._is_ready()

        wait_until(is_ready, seconds=START_SECONDS, what="the stack to be ready", detail=self.logs)

    def stop(self) -> None:
        for part in (*self.parts, self.growth):
            part.stop()

    def another_worker(self) -> Part:
        """A second worker beside the first, already running."""
        # By name: one that a test before killed may fade while this one begins.
        others = list_workers(settings.REDIS_URL)
        second = Part("worker-2", self.worker.command, self._environment(), self._folder / "worker-2.log")
        second.start()
        wait_until(
            lambda: bool(list_workers(settings.REDIS_URL) - others),
            seconds=START_SECONDS,
            what="a worker",
            detail=self.logs,
        )
        return second

    def another_growth_worker(self) -> Part:
        command = [*self.growth.command[:-1], "--hostname=growth-2@test"]
        second = Part("growth-2", command, self._environment(), self._folder / "growth-2.log")
        second.start()
        return second

    def wipe_redis(self) -> None:
        _own_valkey()
        get_client(settings.REDIS_URL).flushall()

    def drop_messages(self) -> None:
        """Lose what the broker holds for the workers."""
        client = get_client(settings.REDIS_URL)
        for key in client.scan_iter("medaction*"):
            if client.type(key) == b"list":
                client.delete(key)

    def restart_redis(self, *, away_seconds: float = 0) -> None:
        """Kill it and, after a while, start it empty."""
        with self.redis_away():
            time.sleep(away_seconds)

    @contextmanager
    def redis_away(self) -> Iterator[None]:
        server = _own_valkey()
        server.kill()
        try:
            yield
        finally:
            server.start()

    def logs(self) -> str:
        """The end of every log, for a message."""
        return "\n".join(
            f"--- {part.name}\n{part.log.read_text()[-2000:]}"
            for part in (*self.parts, self.growth)
            if part.log.exists()
        )

    def _part(self, name: str, module: str) -> Part:
        command = [sys.executable, "-m", *shlex.split(module)]
        return Part(name, command, self._environment(), self._folder / f"{name}.log")

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            **IMPATIENT,
            "DJANGO_SETTINGS_MODULE": "medaction_site.settings.test",
            "DATABASE_URL": test_database_url(),
            "REDIS_URL": settings.REDIS_URL,
            "MODEL_URL": self.upstream.url,
            "MODEL_NAME": "fake",
            "SCRIPTED_MODELS": SCRIPTS,
            "FILES_FOLDER": str(self.files),
            "PYTHONUNBUFFERED": "1",
        }

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as response:
                return b'"workers": 0' not in response.read()
        except OSError:
            return False


def _own_valkey() -> services.EmbeddedValkey:
    """Skips the test rather than wipe or kill a Redis that is not ours."""
    if services.valkey_server is None:
        pytest.skip("REDIS_URL names a Redis that may not be disturbed")
    return services.valkey_server


def test_database_url() -> str:
    """The address of the database that the running test uses."""
    values = connection.settings_dict
    login = f"{quote(values['USER'])}:{quote(values['PASSWORD'])}" if values["PASSWORD"] else quote(values["USER"])
    options = "".join(f"&{name}={value}" for name, value in values["OPTIONS"].items() if isinstance(value, str))
    if values["HOST"].startswith("/"):
        return f"postgresql://{login}@/{values['NAME']}?host={values['HOST']}{options}"
    address = f"{values['HOST']}:{values['PORT']}" if values["PORT"] else values["HOST"]
    return f"postgresql://{login}@{address}/{values['NAME']}?{options.lstrip('&')}"


test_database_url.__test__ = False


def wait_until(
    condition: Callable[[], bool], *, seconds: float, what: str, detail: Callable[[], str] = lambda: ""
) -> float:
    """Poll until true; returns the seconds that it took. Fails the test with ``what`` was waited for."""
    started = time.monotonic()
    while not condition():
        waited = time.monotonic() - started
        assert waited < seconds, f"waited {waited:.1f} s for {what}\n{detail()}"
        time.sleep(0.02)
    return time.monotonic() - started


@contextmanager
def running_stack(folder: Path, upstream: RunningUpstream) -> Iterator[Stack]:
    stack = Stack(folder, upstream)
    try:
        stack.ensure_running()
        yield stack
    finally:
        stack.stop()
