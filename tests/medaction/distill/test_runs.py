"""A run's directory: started once, gone on with, never mixed with another configuration."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from medaction.distill.growing import grow_case
from medaction.distill.manifest import make_manifest
from medaction.distill.policies.anchored import AnchoredPolicy
from medaction.distill.runs import TREES, Run, RunError, hold_run, open_run, start_run
from medaction.distill.shape import GrowthConfig, TreeShape
from tests.medaction.distill.small_cases import make_case

POLICY = {"name": "anchored", "label": "anchored", "settings": {"anchored": {"share": 1.0}}}


def manifest(*, seed: int = 0, root: int = 3, truth: str = "Pulmonary embolism") -> dict[str, Any]:
    cases = [make_case(truth=truth)]
    config = GrowthConfig(TreeShape(root=root))
    return make_manifest(cases, source="small.jsonl", policy=POLICY, graph="g" * 8, config=config, seed=seed)


def start(folder: Path, **changed: Any) -> Run:
    return start_run(folder, manifest(**changed), [make_case()])


def test_a_run_reads_back_what_was_written(tmp_path: Path) -> None:
    run = start(tmp_path / "run")
    assert open_run(tmp_path / "run").manifest == run.manifest
    assert run.cases() == {"small-1": make_case()}
    assert list(run.trees()) == []
    assert run.notes == []


async def test_trees_read_back_and_a_cut_one_is_left_out_and_said(tmp_path: Path) -> None:
    run = start(tmp_path / "run")
    record = await grow_case(make_case(), AnchoredPolicy())
    with run.append_to(TREES) as writer:
        writer.append(orjson.dumps(record.to_dict()))
    assert list(run.trees()) == [record]
    with (run.path / TREES).open("ab") as file:
        file.write(b'{"case": "half')
    assert list(run.trees()) == [record]
    assert run.notes == ["trees.jsonl: 14 bytes of an unfinished last line are left out"]
    assert run.cases_in(TREES) == ["small-1"]


async def test_a_case_that_is_there_twice_is_an_error(tmp_path: Path) -> None:
    run = start(tmp_path / "run")
    line = orjson.dumps((await grow_case(make_case(), AnchoredPolicy())).to_dict())
    with run.append_to(TREES) as writer:
        writer.append(line)
        writer.append(line)
    with pytest.raises(RunError, match="twice"):
        run.cases_in(TREES)


def test_the_same_configuration_goes_on_and_another_says_what_differs(tmp_path: Path) -> None:
    created = start(tmp_path / "run").manifest["created_at"]
    assert start(tmp_path / "run").manifest["created_at"] == created
    with pytest.raises(RunError, match=r"seed: 0, now 4; shape\.root: 3, now 2") as told:
        start(tmp_path / "run", seed=4, root=2)
    assert "--out" in str(told.value)
    with pytest.raises(RunError, match=r"cases\.sha256: "):
        start(tmp_path / "run", truth="Gout")


def test_a_folder_of_other_things_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("dear to me")
    with pytest.raises(RunError, match=r"thesis\.txt"):
        start(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]


def test_what_a_killed_start_left_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / ".manifest.json.x7").write_text("{")
    (tmp_path / "cases.jsonl").write_text("")
    assert start(tmp_path).cases() == {"small-1": make_case()}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "has no manifest"),
        (b"{", "is not JSON"),
        (b"[]", "is not a manifest"),
        (b'{"format":"medaction.run/2"}', "is not a manifest"),
    ],
)
def test_what_is_no_run_is_said(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(RunError, match=message):
        open_run(tmp_path)


def test_a_manifest_that_was_edited_is_told(tmp_path: Path) -> None:
    run = start(tmp_path / "run")
    (run.path / "manifest.json").write_bytes(orjson.dumps(run.manifest | {"seed": 5}))
    with pytest.raises(RunError, match="was changed"):
        open_run(run.path)


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with hold_run(tmp_path / "run"):
        with pytest.raises(RunError, match="another process"), hold_run(tmp_path / "run"):
            pass
        assert start(tmp_path / "run").cases()
    with hold_run(tmp_path / "run"):
        pass
