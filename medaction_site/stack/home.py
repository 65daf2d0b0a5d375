"""The one folder that holds everything the stack writes (``.run`` unless ``MEDACTION_HOME`` names another)."""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from medaction_site import env

from .errors import StackError


class Home:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.logs = path / "logs"
        self.record = path / "stack.json"

    @classmethod
    def locate(cls) -> "Home":
        return cls(Path(env.text("MEDACTION_HOME", str(env.BASE_DIR / ".run"))).expanduser().absolute())

    def create(self) -> None:
        """Make the folder. Raises `StackError` when it cannot be written."""
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
            # PostgreSQL refuses to run as root, and its own user must pass through to its data, but read nothing else.
            self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)
            self.logs.chmod(0o700)
        except OSError as error:
            raise StackError(
                f"The data folder {self.path} cannot be used ({error.strerror}). "
                "Give it to your user, or set MEDACTION_HOME to another folder."
            ) from None

    def secret(self, name: str) -> str:
        """Return the secret kept under ``name``, made on first use; readable by its owner only."""
        path = self.path / name
        with contextlib.suppress(FileNotFoundError):
            if kept := path.read_text().strip():
                return kept
        value = secrets.token_urlsafe(48)
        write_private(path, value)
        return value

    @contextlib.contextmanager
    def lock(self) -> Iterator[bool]:
        """Hold the folder for one runner; yields False when another one holds it. The kernel frees it on any death."""
        with (self.path / "lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner only."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)
