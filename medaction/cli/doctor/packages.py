"""Installed packages against the lock file, and the model's weights."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path

from medaction.cli.doctor.check import Check, Status, Surroundings
from medaction.inference.weights import EmbeddedModelError, find_weights

PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)[ \\]*$", re.MULTILINE)
REQUIREMENT = re.compile(r"^[A-Za-z0-9._-]+")
SHOWN = 5


def check_packages(where: Surroundings) -> Check:
    """In a checkout, every locked package at its locked version; elsewhere, everything the library requires."""
    if where.checkout is None:
        try:
            lines = [line for line in requires("medaction") or [] if "extra ==" not in line]
        except PackageNotFoundError:
            return Check("packages", Status.FAIL, "medaction is not installed", "Run `pip install .` in its folder.")
        wanted = {match[0]: "" for line in lines if (match := REQUIREMENT.match(line))}
        advice = "Run `pip install medaction` again."
    else:
        wanted = _read_pins(where.checkout / "requirements")
        advice = "Run `make setup`."
    wrong = [said for name, locked in wanted.items() if (said := _compare(name, locked))]
    if wrong:
        more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        return Check("packages", Status.FAIL, ", ".join(wrong[:SHOWN]) + more, advice)
    return Check("packages", Status.OK, f"{len(wanted)} packages as {'locked' if where.checkout else 'required'}")


def check_weights(where: Surroundings) -> Check:
    if where.model_url:
        return Check("weights", Status.SKIP, "MODEL_URL replaces the embedded model")
    try:
        return Check("weights", Status.OK, f"{find_weights().name}, checked by its sha256")
    except EmbeddedModelError as error:
        advice = "Run `make setup`, or set MODEL_URL to a model server."
        return Check("weights", Status.FAIL, str(error), advice)


def check_runtime(where: Surroundings) -> Check:
    """llama.cpp loads. In a process of its own: a processor without its instructions would end ours."""
    if where.model_url:
        return Check("model runtime", Status.SKIP, "MODEL_URL replaces the embedded model")
    if find_spec("xllamacpp") is None:
        advice = "Run `make setup` (library: pip install 'medaction[model]'), or set MODEL_URL."
        return Check("model runtime", Status.FAIL, "xllamacpp is not installed", advice)
    done = subprocess.run([sys.executable, "-c", "import xllamacpp"], capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [f"it ends with code {done.returncode}"])[-1]
        advice = "This machine cannot run the embedded model: set MODEL_URL to a model server."
        return Check("model runtime", Status.FAIL, f"xllamacpp does not load: {said}", advice)
    return Check("model runtime", Status.OK, f"xllamacpp {version('xllamacpp')}")


def _read_pins(folder: Path) -> dict[str, str]:
    text = "\n".join((folder / name).read_text(encoding="utf-8") for name in ("lock.txt", "weights.txt"))
    return dict(PIN.findall(text))


def _compare(name: str, locked: str) -> str:
    try:
        installed = version(name)
    except PackageNotFoundError:
        return f"{name} is missing"
    return f"{name} is {installed}, locked is {locked}" if locked and installed != locked else ""
