"""A wrong address from the environment: one line that names the variable, exit code 1, nothing started."""

import os
import pwd
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .running import ROOT, environment, processes_of, run_stack


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port where nobody listens: bound, so that nobody else takes it, but never opened."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


@pytest.mark.parametrize(
    ("variable", "address"),
    [
        ("DATABASE_URL", "mysql://127.0.0.1/medaction"),
        ("DATABASE_URL", "postgresql://127.0.0.1:5432"),
        ("DATABASE_URL", "postgresql://127.0.0.1:many/medaction"),
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1:{port}/medaction"),
        ("DATABASE_URL", "postgresql://nobody@host.invalid/medaction"),
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1:{port}/medaction?nosuchoption=1"),
        ("REDIS_URL", "http://127.0.0.1:6379"),
        ("REDIS_URL", "redis://127.0.0.1:{port}/0"),
        ("REDIS_URL", "redis://host.invalid/0"),
        ("MODEL_URL", "127.0.0.1:8080"),
        ("MODEL_URL", "ftp://127.0.0.1/v1"),
        ("MODEL_URL", "http://127.0.0.1:{port}/v1"),
        ("MODEL_URL", "http://host.invalid/v1"),
        ("WORKER_THREADS", "many"),
    ],
)
def test_wrong_value_is_one_line(tmp_path: Path, silent_port: int, variable: str, address: str) -> None:
    # The other addresses point nowhere either: no embedded part is needed to see that this one is wrong.
    refused = run_stack(tmp_path / "home", "up", **{variable: address.format(port=silent_port)})
    assert refused.returncode == 1
    assert refused.stderr.startswith("medaction: ")
    assert refused.stderr.count("\n") == 1, refused.stderr
    assert variable in refused.stderr
    assert "Traceback" not in refused.stdout + refused.stderr
    assert not processes_of(tmp_path / "home")


def test_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    refused = run_stack(tmp_path / "file" / "home", "up")
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "MEDACTION_HOME" in refused.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of another user and then give up its rights")
def test_folder_of_another_user_is_one_line(tmp_path: Path) -> None:
    """Started once by root, then by an ordinary user."""
    account = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        (home / "lock").touch(mode=0o600)
        for path in (Path(folder), home):
            os.chown(path, account.pw_uid, account.pw_gid)
        (home / "lock").chmod(0o600)
        script = (
            "import os, shutil, sys; from medaction_site.stack.__main__ import main;"
            f"os.setgid({account.pw_gid}); os.setuid({account.pw_uid}); sys.argv = ['stack', 'up']; sys.exit(main())"
        )
        refused = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, env=environment(home), capture_output=True, text=True
        )
    assert refused.returncode == 1, refused.stderr
    assert "lock belongs to another user" in refused.stderr
    assert "Traceback" not in refused.stderr
