"""PostgreSQL and Valkey of a test run: the embedded ones, unless DATABASE_URL or REDIS_URL name others.

``medaction_site.settings.test`` calls ``start_missing`` before it reads the environment. Everything lives in one
temporary folder, ends with the test process (even by SIGKILL: the kernel sees to it), and works as root and as a user.
"""

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psycopg
import redis

from medaction_site.stack import postgres, valkey
from medaction_site.stack.home import Home
from medaction_site.stack.ports import free_port
from medaction_site.stack.processes import die_with_parent

START_SECONDS = 60
# Nothing here outlives the run, so nothing needs to survive a power cut.
# No autovacuum: it would look at tables while they are empty, between tests, and the planner would then expect no row.
FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "autovacuum=off"]


class EmbeddedValkey:
    """Can be killed and started again at the same address, empty: it keeps nothing on disk."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.port = free_port(0)
        self.url = valkey.url(home, self.port)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        config = valkey.write_config(self._home, self.port)
        config.write_text(config.read_text().replace("appendonly yes", "appendonly no"))
        self._process = _spawn([str(valkey.binary()), str(config)], self._home, "valkey", signal.SIGKILL)
        _wait(lambda: redis.Redis.from_url(self.url).ping(), (redis.RedisError,))

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class EmbeddedPostgres:
    def __init__(self, home: Home, options: Sequence[str] = FAST) -> None:
        user = postgres.system_user(home)
        postgres.prepare_cluster(home, user)
        port = free_port(0)
        command = [str(postgres.binaries() / "postgres"), "-D", str(postgres.data_folder(home)), "-p", str(port)]
        for option in ("listen_addresses=127.0.0.1", "unix_socket_directories=", *options):
            command += ["-c", option]
        self.url = postgres.url(home, port)
        self._process = _spawn(command, home, "postgres", signal.SIGQUIT, user=user)
        _wait(lambda: psycopg.connect(self.url, connect_timeout=2).close(), (psycopg.OperationalError,))

    def stop(self) -> None:
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()


valkey_server: EmbeddedValkey | None = None
"""None when REDIS_URL named another one, which no test may wipe or kill."""


def start_missing() -> None:
    """Start what the environment does not name, and name it there."""
    global valkey_server
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)]
    if not missing:
        return
    folder = Path(tempfile.mkdtemp(prefix="medaction-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    home = Home(folder)
    home.create()
    if "DATABASE_URL" in missing:
        server = EmbeddedPostgres(home)
        atexit.register(server.stop)
        os.environ["DATABASE_URL"] = server.url
    if "REDIS_URL" in missing:
        valkey_server = EmbeddedValkey(home)
        valkey_server.start()
        atexit.register(valkey_server.kill)
        os.environ["REDIS_URL"] = valkey_server.url


def _spawn(
    command: list[str], home: Home, name: str, at_parents_death: signal.Signals, *, user: str | None = None
) -> subprocess.Popen[bytes]:
    with (home.logs / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            command,
            cwd="/",
            user=user,
            group=pwd.getpwnam(user).pw_gid if user else None,
            extra_groups=[] if user else None,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(at_parents_death),
        )


def _wait(ready, not_yet: tuple[type[Exception], ...]) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            ready()
        except not_yet:
            if time.monotonic() > until:
                raise
            with suppress(InterruptedError):
                time.sleep(0.05)
        else:
            return
