"""Ports, secrets, the record, process numbers, access, and commands out of the Procfile."""

import os
import pwd
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from medaction_site.env import BASE_DIR
from medaction_site.stack.access import let_through
from medaction_site.stack.errors import StackError
from medaction_site.stack.home import Home
from medaction_site.stack.plan import command
from medaction_site.stack.ports import free_port
from medaction_site.stack.processes import ProcessId, end_all
from medaction_site.stack.record import Record

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def sleeper():
    with subprocess.Popen(SLEEP, start_new_session=True) as process:
        yield process
        process.kill()


def test_usual_port_is_kept_when_free_and_the_next_one_taken_when_not() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        listener.listen()
        assert free_port(port) != port
    assert free_port(port) == port


def test_secret_is_made_once_and_private(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.create()
    first = home.secret("secret_key")
    assert len(first) >= 50
    assert home.secret("secret_key") == first
    assert home.secret("other") != first
    assert stat.S_IMODE((home.path / "secret_key").stat().st_mode) == 0o600


def test_lock_is_for_one(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with home.lock() as first, home.lock() as second:
        assert (first, second) == (True, False)
    with home.lock() as again:
        assert again


def test_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StackError, match="MEDACTION_HOME"):
        Home(tmp_path / "file" / "home").create()


@pytest.mark.parametrize("damaged", ["", "{", "[]", '{"runner": 3}', "null"])
def test_damaged_record_reads_as_nothing_runs(tmp_path: Path, damaged: str) -> None:
    path = tmp_path / "stack.json"
    path.write_text(damaged)
    assert not Record.read(path).is_running()


def test_record_comes_back_as_written(tmp_path: Path) -> None:
    record = Record(ProcessId.of(os.getpid()), "http://127.0.0.1:1/", ["web"], {"web": ProcessId(1, 2.0)}, {"A": "b"})
    record.write(tmp_path / "stack.json")
    assert Record.read(tmp_path / "stack.json") == record
    assert record.is_running()


def test_process_number_used_again_is_left_alone(sleeper: subprocess.Popen) -> None:
    stranger = ProcessId(sleeper.pid, ProcessId.of(sleeper.pid).started - 3600)
    assert not stranger.is_alive()
    end_all([stranger], ask=signal.SIGTERM, grace=0)
    time.sleep(0.1)
    assert sleeper.poll() is None


def test_leftover_is_ended(sleeper: subprocess.Popen) -> None:
    end_all([ProcessId.of(sleeper.pid)], ask=signal.SIGTERM, grace=5)
    assert sleeper.wait(timeout=5) == -signal.SIGTERM


def test_procfile_documents_every_part_and_paths_may_hold_spaces() -> None:
    names = [
        line.split(":")[0] for line in (BASE_DIR / "Procfile").read_text().splitlines() if not line.startswith("#")
    ]
    assert names == ["postgres", "valkey", "model", "policy", "web", "worker", "beat", "growth"]
    words = command("postgres", {"POSTGRES_BIN": "/a b", "POSTGRES_DATA": "/c d", "POSTGRES_PORT": "1"})
    assert words[:5] == ("/a b/postgres", "-D", "/c d", "-p", "1")
    assert words[-1] == "unix_socket_directories="


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can hand a folder to another account")
def test_other_account_may_pass_but_not_look(tmp_path: Path) -> None:
    account = pwd.getpwnam("nobody")
    closed = tmp_path / "closed"
    inner = closed / "inner"
    inner.mkdir(parents=True)
    (inner / "file").write_text("x")
    closed.chmod(0o700)
    as_other = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "capture_output": True}
    # A chmod in between closes the way again; the next start opens it again.
    for _ in range(2):
        closed.chmod(0o700)
        let_through(inner, account.pw_name)
        assert subprocess.run(["cat", inner / "file"], **as_other).stdout == b"x"
        assert subprocess.run(["ls", closed], **as_other).returncode != 0
    mode = stat.S_IMODE(closed.stat().st_mode)
    assert not mode & (stat.S_IROTH | stat.S_IWOTH | stat.S_IRGRP | stat.S_IWGRP)
