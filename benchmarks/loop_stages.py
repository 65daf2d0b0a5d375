"""What loops share: a folder with every stage's result, the stages themselves, and the commands they are made of."""

import json
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.loop_commands import LoopError, run, serving, train
from medaction.domain.case import Case
from medaction.formats.own_jsonl import write_own_jsonl
from medaction.formats.readers import read_cases

ROOT = Path(__file__).resolve().parents[1]
SPLITS = "train=0.9,validation=0.1"


@dataclass(frozen=True)
class Sizes:
    """What decides the result, beside the code. ``prompt``: plain, or assisted (the graph offers candidates and tests).
    ``steps`` of ``accumulate`` rows; ``horizon`` turns a model has."""

    data: tuple[str, ...]
    prompt: str
    synthetic: int
    held_out: int
    steps: int
    accumulate: int
    horizon: int
    seed: int


class Stages(ABC):
    """A folder with every stage's result, and ``stages.json``: how long each that is done took. ``labels``: how the
    reports name what they measure."""

    labels: Mapping[str, str]
    answer_tokens, row_tokens = 240, 1280

    def __init__(self, plan: Sizes, out: Path) -> None:
        self.plan = plan
        self.out = out
        self.cases, self.held_out, self.run = out / "train.jsonl", out / "held-out.jsonl", out / "trees"
        self.reports = {name: out / f"{name}.json" for name in self.labels}
        out.mkdir(parents=True, exist_ok=True)
        made = out / "plan.json"
        if made.exists() and read_json(made) != read_plan(plan):
            raise LoopError(f"{out} was begun with other options; name another folder with --out, or delete it")
        write_json(made, read_plan(plan))

    @abstractmethod
    def stages(self) -> dict[str, Callable[[], None]]:
        """In their order."""

    def go(self) -> dict[str, Any]:
        """Every stage that is not done. Returns how long each took."""
        path = self.out / "stages.json"
        told: dict[str, Any] = read_json(path) if path.exists() else {}
        for name, stage in self.stages().items():
            if name in told:
                print(f"== {name}: done before, {told[name]['seconds']:.0f} s", flush=True)
                continue
            print(f"== {name}", flush=True)
            began, used = time.monotonic(), _used()
            stage()
            told[name] = {"seconds": round(time.monotonic() - began, 1), "cpu_seconds": round(_used() - used, 1)}
            write_json(path, told)
            print(f"== {name}: {told[name]['seconds']:.0f} s", flush=True)
        return told

    def split_cases(self) -> None:
        """Held out by case group, drawn by hash: the same whatever order the files have."""
        known: dict[str, Case] = {}
        for path in (str(ROOT / "medaction/cases"), *self.plan.data):
            for row in read_cases(path):
                if row.case is None:
                    raise LoopError(f"{Path(path).name}: {row.errors[0]}; `medaction cases check` lists all")
                if known.setdefault(row.case.id, row.case) != row.case:
                    raise LoopError(f"{Path(path).name} has another case with the id {row.case.id!r}; give it a new id")
        groups = sorted({case.group_key for case in known.values()}, key=lambda key: sha256(key.encode()).digest())
        apart = set(groups[: self.plan.held_out])
        drawn = self._synthesise() if self.plan.synthetic else []
        learned = [case for case in known.values() if case.group_key not in apart]
        write_own_jsonl([*learned, *drawn], self.cases)
        write_own_jsonl([case for case in known.values() if case.group_key in apart], self.held_out)

    def _synthesise(self) -> list[Case]:
        synthetic = self.out / "synthetic.jsonl"
        synthetic.unlink(missing_ok=True)
        run("cases", "synthesise", "--out", synthetic, "--n", self.plan.synthetic, "--seed", self.plan.seed)
        return [row.case for row in read_cases(synthetic) if row.case is not None]

    def grow(self) -> None:
        processes = ("--processes", os.cpu_count() or 1)
        run("distill", "grow", "--cases", self.cases, "--policy", "kg", "--out", self.run, "--seed", self.plan.seed,
            *processes)  # fmt: skip
        run("distill", "score", self.run, *processes)
        run("distill", "prune", self.run)

    def build(self, out: Path, name: str, *source: object) -> None:
        """A dataset version in one format. The benchmark's cases are left out once more, by content and likeness."""
        if not out.exists():
            run("dataset", "build", *source, "--out", out, "--format", name, "--prompt", self.plan.prompt,
                "--benchmark", self.held_out, "--splits", SPLITS)  # fmt: skip
        run("dataset", "check", out)

    def tune(self, kind: str, data: Path, out: Path, *options: object) -> None:
        """Goes on from its last checkpoint when it was stopped."""
        if out.exists():
            return
        begun = out.with_name(f"{out.name}.unfinished")
        sizes = {
            "steps": self.plan.steps,
            "accumulate": self.plan.accumulate,
            "every": 4,
            "held_out": 4,
            "log_every": 1,
            "max_tokens": self.row_tokens,
        }
        settings = [part for name, value in sizes.items() for part in ("--set", f"{name}={value}")]
        resume = ["--resume"] if list(begun.glob("checkpoints/*/trainer_state.json")) else []
        train(kind, "--data", data, "--out", out, "--config", "smollm2-135m", *settings, *options, *resume)

    def measure(self, name: str, *asked: object) -> None:
        """A run directory goes on where it was. The report gets a label that tells what was measured."""
        report = self.reports[name]
        run("bench", "run", "--cases", self.held_out, "--horizon", self.plan.horizon, "--seed", self.plan.seed,
            "--out", self.out / f"bench-{name}", "--json", report, *asked, quiet=True)  # fmt: skip
        write_json(report, {**read_json(report), "policy": self.labels[name]})

    def measure_model(self, name: str, *served: str) -> None:
        """``served``: options of ``serve-model``."""
        log = self.out / f"serve-{name}.log"
        with ExitStack() as servers:
            url = servers.enter_context(serving("serve-model", *served, log=log))
            model: tuple[str, ...] = ()
            if self.plan.prompt == "assisted":
                url = servers.enter_context(serving("serve-policy", "assisted", "--model-url", url, log=log))
                model = ("--model", "assisted")
            # Not held to a schema: the form is what it learns, and holding it to one costs most of the time.
            limits = ("--free", "--max-tokens", self.answer_tokens, "--patience", 300, "--parallel", 2)
            self.measure(name, *model, "--base-url", url, *limits)

    def compare(self, first: str, second: str) -> dict[str, Any]:
        paths = (self.reports[first], self.reports[second])
        compared: dict[str, Any] = json.loads(run("bench", "compare", *paths, "--json", quiet=True))
        return compared

    def read_reports(self) -> dict[str, Any]:
        """Without their cases."""
        reports = {name: read_json(path) for name, path in self.reports.items()}
        for report in reports.values():
            report.pop("cases")
        return reports


def read_plan(plan: Sizes) -> dict[str, Any]:
    """As JSON has it."""
    return {**asdict(plan), "data": list(plan.data)}


def _used() -> float:
    """Processor seconds of all children that have ended."""
    return os.times().children_user + os.times().children_system


def read_json(path: Path) -> Any:
    return json.loads(path.read_bytes())


def write_json(path: Path, value: Any) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)
