"""``medaction doctor``: a fixed shape for scripts, and advice with every failure."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from medaction.cli import app
from medaction.cli.doctor import command, machine, packages, services
from medaction.cli.doctor.check import Check, Status, Surroundings
from medaction.cli.doctor.command import CHECKS
from medaction.inference import weights

from .running import ROOT

PASSWORD = "hush-hush"
CLEAN = dict.fromkeys(["DATABASE_URL", "REDIS_URL", "MODEL_URL", "MODEL_NAME", "MODEL_API_KEY"], "")
NAMES = {
    "python", "packages", "weights", "model runtime", "model", "database", "queue", "data folder", "disk space",
    "ports", "browser", "site", "graph",
}  # fmt: skip


def examine(home: Path, *arguments: str) -> tuple[int, dict[str, Any], dict[str, dict[str, str]]]:
    result = CliRunner().invoke(app, ["doctor", "--json", *arguments], env={**CLEAN, "MEDACTION_HOME": str(home)})
    told = json.loads(result.stdout)
    return result.exit_code, told, {check["name"]: check for check in told["checks"]}


def test_healthy_machine_in_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    code, told, checks = examine(tmp_path / "home")
    assert told["format"] == "medaction.doctor/1"
    assert set(checks) == NAMES
    assert len(CHECKS) == len(NAMES)
    assert all(set(check) == {"name", "status", "detail", "advice"} for check in told["checks"])
    assert not [check for check in told["checks"] if check["status"] == "fail"]
    assert (code, told["ok"]) == (0, True)


def test_every_address_that_fails_is_said_with_advice(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        nowhere = f"127.0.0.1:{holder.getsockname()[1]}"
        code, told, checks = examine(
            tmp_path,
            "--database-url", f"postgresql://somebody:{PASSWORD}@{nowhere}/x",
            "--redis-url", f"redis://{nowhere}",
            "--model-url", f"http://{nowhere}/v1",
        )  # fmt: skip
    assert (code, told["ok"]) == (1, False)
    for name, variable in [("database", "DATABASE_URL"), ("queue", "REDIS_URL"), ("model", "MODEL_URL")]:
        assert checks[name]["status"] == "fail"
        assert variable in checks[name]["advice"]
    assert checks["weights"]["status"] == "skip"
    assert PASSWORD not in json.dumps(told)


@pytest.mark.parametrize("wrong", ["mysql://h/x", "postgresql://h:port/x"])
def test_address_that_is_none(tmp_path: Path, wrong: str) -> None:
    check = services.check_database(Surroundings(checkout=None, home=tmp_path, database_url=wrong))
    assert check.status is Status.FAIL
    assert check.detail.startswith("DATABASE_URL: ")


def test_folder_in_the_way_of_the_data(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    check = machine.check_home(Surroundings(checkout=None, home=tmp_path / "file" / "home"))
    assert check.status is Status.FAIL
    assert "MEDACTION_HOME" in check.advice


def test_missing_and_other_versions_are_named(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "lock.txt").write_text("typer==0.0.1 \\\n    --hash=sha256:0\nno-such-package==1\n")
    (tmp_path / "requirements" / "weights.txt").write_text("")
    check = packages.check_packages(Surroundings(checkout=tmp_path, home=tmp_path))
    assert check.status is Status.FAIL
    assert "locked is 0.0.1" in check.detail
    assert "no-such-package is missing" in check.detail
    assert check.advice == "Run `make setup`."


def test_damaged_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "WEIGHTS_SHA256", "0" * 64)
    check = packages.check_weights(Surroundings(checkout=None, home=tmp_path))
    assert check.status is Status.FAIL
    assert "damaged" in check.detail


def test_missing_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "find_spec", lambda name: None)
    check = services.check_database(Surroundings(checkout=None, home=tmp_path))
    assert check.status is Status.FAIL
    assert "DATABASE_URL" in check.advice


def test_outside_a_checkout_the_library_alone_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "requires", lambda name: ["typer>=0.20", 'no-such-package; extra == "train"'])
    check = packages.check_packages(Surroundings(checkout=None, home=tmp_path))
    assert (check.status, check.detail) == (Status.OK, "1 packages as required")


def test_failure_without_advice_cannot_be_made() -> None:
    with pytest.raises(ValueError):
        Check("anything", Status.FAIL, "broken")


def test_table_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    command.print_table([Check("anything", Status.FAIL, "broken [so to say]", "Mend it.")])
    assert capsys.readouterr().out.split() == ["FAIL", "anything", "broken", "[so", "to", "say]", "→", "Mend", "it."]


def test_a_graph_that_is_not_built_is_a_note(tmp_path: Path) -> None:
    _, told, checks = examine(tmp_path / "home", "--cache", str(tmp_path / "empty"))
    assert checks["graph"]["status"] == "warn"
    assert "kg build" in checks["graph"]["advice"]
    assert told["ok"]
    assert not (tmp_path / "empty").exists(), "looking builds nothing"
