"""One thing looked at, and where to look."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Status(StrEnum):
    """`WARN`: works, but worth knowing. `SKIP`: not needed here. Only `FAIL` makes the exit code 1."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Check:
    """`detail` is what was found; `advice` is what to do, never empty for a failure."""

    name: str
    status: Status
    detail: str
    advice: str = ""

    def __post_init__(self) -> None:
        if self.status is Status.FAIL and not self.advice:
            raise ValueError(f"{self.name}: a failed check must say what to do")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where we are: `checkout` is None for an installed library; an empty address means the embedded part."""

    checkout: Path | None
    home: Path
    database_url: str = ""
    redis_url: str = ""
    model_url: str = ""
    model_name: str = ""
    model_api_key: str = ""
    cache: Path | None = None


def find_checkout(start: Path) -> Path | None:
    """Return the checkout that `start` lies in, None outside one."""
    for folder in (start, *start.parents):
        if (folder / "manage.py").is_file() and (folder / "requirements" / "lock.txt").is_file():
            return folder
    return None
