"""The lock file, the migrations and the commands agree with what they stand for."""

import re
import tomllib

import typer.main
from click import Command, Group
from django.apps import apps
from django.core.management import get_commands, load_command_class
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.questioner import NonInteractiveMigrationQuestioner
from django.db.migrations.state import ProjectState
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .repository import ROOT

OWN_APPS = ("diagnosis", "review", "datasets")


def locked() -> dict[str, str]:
    """Name → version of every entry of the lock file, each of which must carry at least one hash."""
    text = (ROOT / "requirements/lock.txt").read_text(encoding="utf-8")
    entries = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==(\S+)((?:.*\\\n)*.*)$", text, re.MULTILINE)
    assert len(entries) > 100
    assert not [entry for entry, _, rest in entries if "--hash=sha256:" not in rest]
    return {canonicalize_name(entry): version for entry, version, _ in entries}


def test_lock_covers_every_requirement() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [
        Requirement(line) for line in [*project["dependencies"], *extras["model"], *extras["web"], *extras["dev"]]
    ]
    versions = locked()
    wrong = [
        str(requirement)
        for requirement in wanted
        if requirement.name != project["name"]
        and not requirement.specifier.contains(versions.get(canonicalize_name(requirement.name), "0"), prereleases=True)
    ]
    assert not wrong, f"not in requirements/lock.txt, or at another version: {wrong}"


def test_migrations_are_complete() -> None:
    loader = MigrationLoader(None)
    detector = MigrationAutodetector(
        loader.project_state(), ProjectState.from_apps(apps), NonInteractiveMigrationQuestioner()
    )
    changes = detector.changes(graph=loader.graph)
    missing = {app: [str(op) for migration in found for op in migration.operations] for app, found in changes.items()}
    assert not {app: operations for app, operations in missing.items() if app in OWN_APPS}


def test_every_management_command_has_help() -> None:
    commands = {command: app for command, app in get_commands().items() if app in (*OWN_APPS, "medaction_site")}
    assert commands
    assert not [command for command, app in commands.items() if not load_command_class(app, command).help]


def walk(path: str, command: Command) -> list[str]:
    """Names of the commands and options under ``command`` that say nothing about themselves."""
    silent = [] if command.help else [path]
    silent += [
        f"{path} {option.name}"
        for option in command.params
        if not getattr(option, "help", None) and option.name not in {"install_completion", "show_completion"}
    ]
    if isinstance(command, Group):
        for child in command.commands.values():
            silent += walk(f"{path} {child.name}", child)
    return silent


def test_every_cli_command_and_option_has_help() -> None:
    from medaction.cli import app

    assert not walk("medaction", typer.main.get_command(app))
