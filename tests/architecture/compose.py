"""Reads docker/ without an engine: compose files with their variables, Dockerfiles as stages of instructions."""

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .repository import ROOT, tree

DOCKER = ROOT / "docker"
VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>[A-Z][A-Z0-9_]*)(?P<operator>:[-?])?(?P<rest>[^}]*)\}")


@dataclass(frozen=True)
class Variable:
    name: str
    operator: str | None
    rest: str

    @property
    def required(self) -> bool:
        return self.operator == ":?"


@dataclass
class Stage:
    name: str
    base: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def last(self, keyword: str) -> str | None:
        return next((value for key, value in reversed(self.instructions) if key == keyword), None)


def compose(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DOCKER / name).read_text(encoding="utf-8"))
    return loaded


def variables(text: str) -> list[Variable]:
    return [Variable(found["name"], found["operator"], found["rest"]) for found in VARIABLE.finditer(text)]


def example(folder: Path = DOCKER) -> dict[str, bool]:
    """Name → whether it must be filled in, from its .env.example (a commented line is optional)."""
    lines = (folder / ".env.example").read_text(encoding="utf-8").splitlines()
    found = [re.fullmatch(r"(#?)([A-Z][A-Z0-9_]*)=(.*)", line) for line in lines]
    return {match[2]: not match[1] for match in found if match}


def stages(path: Path) -> dict[str, Stage]:
    """Build stages by name, in order; ARG defaults filled into FROM; continuation lines joined, comments dropped."""
    text = "\n".join(
        line for line in path.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#")
    )
    arguments: dict[str, str] = {}
    found: dict[str, Stage] = {}
    for line in filter(None, (line.strip() for line in re.sub(r"\\\n\s*", " ", text).splitlines())):
        keyword, _, value = line.partition(" ")
        if keyword == "ARG":
            key, _, default = value.partition("=")
            arguments[key] = default
        elif keyword == "FROM":
            base, _, name = value.partition(" AS ")
            for key, default in arguments.items():
                base = base.replace(f"${{{key}}}", default)
            current = found[name or path.name] = Stage(name or path.name, base)
        else:
            current.instructions.append((keyword, value))
    return found


def settings_variables() -> set[str]:
    """Names that the site's settings ask of the environment: the first argument of every ``env.…("NAME")``."""
    names = {"DJANGO_SETTINGS_MODULE"}
    functions = {"text", "flag", "number", "words", "database", "redis_url", "model_url", "folder"}
    for path in [ROOT / "medaction_site/env.py", *(ROOT / "medaction_site/settings").glob("*.py")]:
        for node in ast.walk(tree(path)):
            asked = []
            if isinstance(node, ast.Call) and ast.unparse(node.func).removeprefix("env.") in functions:
                asked = node.args[:1]
            elif isinstance(node, ast.FunctionDef) and node.name in functions:
                asked = node.args.defaults[:1]
            names |= {str(name.value) for name in asked if isinstance(name, ast.Constant) and name.value}
    return names
