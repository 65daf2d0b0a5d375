"""A user's session with the stack: start, use, stop; killed and started again; a part that dies."""

import json
import re
import signal
import socket
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit

import psutil
import pytest

from tests.fake_upstream.process import running

from .running import RunningStack, processes_of, run_stack, wait_until

pytestmark = pytest.mark.stack
EVERY_PART = {"postgres", "valkey", "policy", "web", "worker", "beat", "growth"}


@pytest.fixture(scope="module")
def model_url() -> Iterator[str]:
    with running() as upstream:
        yield upstream.url


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """One data folder for all: later starts find what earlier ones left. Its path is deep and has spaces.

    Not pytest's own folder, which another test run closes again (chmod) while PostgreSQL's account needs to pass.
    """
    with tempfile.TemporaryDirectory(prefix="a folder with spaces ") as folder:
        yield Path(folder) / ("deep" * 30) / "demo data"


@pytest.fixture(scope="module")
def taken_ports() -> Iterator[set[int]]:
    """The usual ports belong to somebody else (to us, or to whoever had them before)."""
    usual = {5432, 6379, 8000}
    with ExitStack() as stack:
        for port in usual:
            listener = stack.enter_context(socket.socket())
            try:
                listener.bind(("127.0.0.1", port))
                listener.listen()
            except OSError:
                continue
        yield usual


@pytest.fixture(scope="module")
def stack(home: Path, model_url: str, taken_ports: set[int]) -> Iterator[RunningStack]:
    home.parent.mkdir(parents=True)
    with RunningStack(home, MODEL_URL=model_url) as started:
        yield started


def test_first_start_gives_a_page_and_a_login(stack: RunningStack, taken_ports: set[int]) -> None:
    assert urlsplit(stack.address).port not in taken_ports
    assert stack.answers()
    assert urlsplit(stack.log_in()).path == "/cases/"
    assert set(stack.parts()) == EVERY_PART
    assert wait_until(lambda: all(part["state"] == "ready" for part in stack.parts().values()), 60), stack.output


def test_only_the_admin_account_may_enter_the_admin(stack: RunningStack) -> None:
    assert urlsplit(stack.log_in("demo-admin", then="admin/")).path == "/admin/"
    with pytest.raises(HTTPError, match="403"):
        stack.log_in("demo", then="admin/")


def test_exec_runs_a_command_with_the_settings_of_the_stack(stack: RunningStack) -> None:
    counting = "from diagnosis.models import Case; print('cases:', Case.objects.count())"
    said = run_stack(stack.home, "exec", "--", sys.executable, "manage.py", "shell", "-c", counting)
    assert re.search(r"cases: \d\d", said.stdout), said.stderr


def test_secrets_are_private_and_the_password_is_kept_nowhere(stack: RunningStack) -> None:
    for name in ("secret_key", "postgres_password", "valkey_password", "valkey.conf", "stack.json"):
        assert stat.S_IMODE((stack.home / name).stat().st_mode) == 0o600, name
    files = [
        path for path in stack.home.rglob("*") if path.is_file() and not path.is_relative_to(stack.home / "postgres")
    ]
    assert not [path for path in files if stack.password.encode() in path.read_bytes()]
    commands = [" ".join(process.cmdline()) for process in processes_of(stack.home)]
    secrets = [stack.password, (stack.home / "postgres_password").read_text()]
    assert not [command for command in commands for secret in secrets if secret in command]


def test_second_instance_is_refused_with_the_address_of_the_first(stack: RunningStack) -> None:
    second = run_stack(stack.home, "up")
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert stack.address in second.stderr
    assert stack.answers()


@pytest.mark.parametrize(
    ("variable", "change", "said"),
    [
        ("DATABASE_URL", lambda url: url.replace(":5", ":nothing5", 1), "numeric port"),
        ("DATABASE_URL", lambda url: url.replace("postgres:", "postgres:not"), "password authentication failed"),
        ("DATABASE_URL", lambda url: url.replace("/medaction", "/elsewhere"), 'database "elsewhere" does not exist'),
        ("REDIS_URL", lambda url: url.replace("://:", "://:not"), "WRONGPASS"),
        ("REDIS_URL", lambda url: url.replace("/0", "/99"), "out of range"),
    ],
)
def test_wrong_login_at_a_real_server_is_one_line(stack: RunningStack, tmp_path: Path, variable, change, said) -> None:
    right = json.loads((stack.home / "stack.json").read_text())["environment"][variable]
    refused = run_stack(tmp_path, "up", **{variable: change(right)})
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1, refused.stderr
    assert said in refused.stderr
    assert "Traceback" not in refused.stdout + refused.stderr


def test_a_part_that_dies_is_started_again(stack: RunningStack) -> None:
    before = stack.parts()
    for name in ("web", "worker"):
        psutil.Process(before[name]["pid"]).kill()

    def is_back() -> bool:
        now = stack.parts()
        return set(now) == EVERY_PART and all(
            now[name]["pid"] != before[name]["pid"] and now[name]["state"] == "ready" for name in ("web", "worker")
        )

    assert wait_until(is_back, 60), stack.output
    assert stack.answers()


def test_ctrl_c_leaves_no_process(stack: RunningStack) -> None:
    password = stack.password
    stack.process.send_signal(signal.SIGINT)
    assert stack.process.wait(timeout=10) == 0
    assert not processes_of(stack.home)
    assert run_stack(stack.home, "status").returncode == 1
    assert password


def test_killed_runner_leaves_no_orphan_and_the_next_start_works(home: Path, model_url: str) -> None:
    with RunningStack(home, MODEL_URL=model_url) as killed:
        first, password = processes_of(home), killed.password
        killed.process.kill()
        killed.process.wait()
        with RunningStack(home, MODEL_URL=model_url) as second:
            assert not [process for process in first if process.is_running()]
            assert second.password != password
            assert urlsplit(second.log_in()).path == "/cases/"
            ended = run_stack(home, "down")
            assert ended.returncode == 0
            assert not processes_of(home)
            assert second.process.wait(timeout=5) == 0


@pytest.mark.model
def test_the_embedded_model_is_part_of_the_stack(home: Path) -> None:
    with RunningStack(home) as stack:
        assert "untuned demo model" in stack.output
        assert wait_until(lambda: stack.parts().get("model", {}).get("state") == "ready", 60), stack.output
