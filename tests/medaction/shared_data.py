"""Where the third-party case files lie that the project reads but does not contain."""

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("MEDACTION_SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")


def shared_file(name: str) -> Path:
    """The file, or a skip that says what is missing."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{name} is not in the shared data folder; set MEDACTION_SHARED_DATA to where it is")
    return path
