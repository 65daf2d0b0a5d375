"""The loop's own part: what it holds out, what it does again, and that no server outlives it. The stages are commands
with tests of their own; `make loop` runs them all."""

from pathlib import Path

import psutil
import pytest

from benchmarks.loop import Loop, Plan
from benchmarks.loop_commands import LoopError, run, serving
from benchmarks.loop_stages import read_json, write_json
from benchmarks.loop_table import show
from medaction.formats.readers import read_cases

PLAN = Plan(data=(), prompt="assisted", synthetic=2, held_out=5, steps=2, accumulate=1, horizon=3, seed=0)


@pytest.fixture
def knowledge(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDACTION_CACHE", str(request.config.cache.mkdir("knowledge")))


def test_what_is_held_out_is_never_learned_from(knowledge: None, tmp_path: Path) -> None:
    loop = Loop(PLAN, tmp_path)
    loop.split_cases()
    learned = [row.case for row in read_cases(loop.cases)]
    held_out = [row.case for row in read_cases(loop.held_out)]
    assert len({case.group_key for case in held_out}) == 5
    assert not {case.group_key for case in held_out} & {case.group_key for case in learned}
    assert sum(case.id.startswith("teach-") for case in (*learned, *held_out)) > 50
    assert all(case.synthetic for case in learned)
    before = loop.held_out.read_bytes()
    loop.split_cases()
    assert loop.held_out.read_bytes() == before


def test_a_stage_that_is_done_is_not_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped in the fourth stage, the loop begins there."""
    done: list[str] = []
    names = list(Loop(PLAN, tmp_path).stages())

    def stages(loop: Loop, broken: str = ""):
        def one(name: str) -> None:
            if name == broken:
                raise LoopError("broken off")
            done.append(name)

        return {name: lambda name=name: one(name) for name in names}

    monkeypatch.setattr(Loop, "stages", lambda loop: stages(loop, broken=names[3]))
    with pytest.raises(LoopError):
        Loop(PLAN, tmp_path).go()
    assert done == names[:3] == list(read_json(tmp_path / "stages.json"))
    monkeypatch.setattr(Loop, "stages", stages)
    told = Loop(PLAN, tmp_path).go()
    assert done == names == list(told)
    assert all(stage["seconds"] >= 0 for stage in told.values())


def test_other_options_do_not_go_on_in_the_same_folder(tmp_path: Path) -> None:
    Loop(PLAN, tmp_path)
    Loop(PLAN, tmp_path)
    with pytest.raises(LoopError, match="other options"):
        Loop(Plan(**{**read_json(tmp_path / "plan.json"), "data": (), "steps": 9}), tmp_path)


def test_a_command_that_fails_stops_the_loop(tmp_path: Path) -> None:
    with pytest.raises(LoopError, match="distill score"):
        run("distill", "score", tmp_path / "nothing")


def test_no_server_outlives_its_block(tmp_path: Path) -> None:
    seen: list[psutil.Process] = []

    def interrupted() -> None:
        with serving("serve-policy", "random", log=tmp_path / "log") as url:
            assert url.startswith("http://127.0.0.1:")
            seen.extend(child for child in psutil.Process().children() if "serve-policy" in child.cmdline())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(seen) == 1
    assert not seen[0].is_running()


def test_a_server_that_does_not_start_is_said(tmp_path: Path) -> None:
    with pytest.raises(LoopError, match="did not start"), serving("serve-policy", "nobody", log=tmp_path / "log"):
        pass


def test_the_table_promises_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    figures = {"top1": {"difference": 0.25, "ci": [-0.1, 0.6]}, "dtc": {"difference": None, "ci": None}}
    reports = {name: {"top1": 0.5, "dtc": None, "turns": 2.0} for name in ("base", "tuned", "kg")}
    write_json(tmp_path / "report.json", reports)
    assert read_json(tmp_path / "report.json") == reports
    stages = {"cases": {"seconds": 90.0, "cpu_seconds": 60.0}}
    show(
        stages,
        reports,
        {"pairs": [{"n": 8, "figures": figures}]},
        {"prompt": "assisted", "horizon": 3, "steps": 2, "accumulate": 1},
        ("base", "tuned", "kg"),
    )
    printed = capsys.readouterr().out
    assert "-10.0% to 60.0%" in printed
    assert "promise" in printed
    assert "1.5 min" in printed
