"""The `train` extra: whether it is there, how it behaves, and which versions ran."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from .errors import TrainingError

NEEDED = ("torch", "transformers", "trl", "peft", "accelerate", "datasets", "gguf")


def require_extra() -> None:
    """Raise :class:`TrainingError` unless everything is installed. Nothing is imported: that takes ten seconds."""
    absent = [name for name in NEEDED if not _installed(name)]
    if absent:
        raise TrainingError(
            f"training needs {', '.join(absent)}: run `make train-env` and use .venv-train/bin/medaction, "
            "or pip install 'medaction[train]'"
        )
    spec = find_spec("datasets")
    if spec is not None and spec.origin and "site-packages" not in spec.origin and "dist-packages" not in spec.origin:
        raise TrainingError(
            "the folder this was started in hides the library `datasets` behind our app of that name: "
            "start the installed command .venv-train/bin/medaction, not python -m"
        )


def list_versions() -> dict[str, str]:
    return {name: version(name) for name in NEEDED if _installed(name)}


def _installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True
