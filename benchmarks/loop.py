"""The whole loop at smoke size by the stable commands: cases → trees → dataset → SFT → GGUF → serve → benchmark.

    make loop                          # or: python -m benchmarks.loop [--out DIR] [--data FILE …] [--steps N] …

Works on the packaged teaching cases alone. Some are held out; the others, and synthetic patients drawn from the graph,
are what the small model learns from. Each stage that is done is kept: the same command goes on where it was stopped.
Ends with one table, a page (``benchmark.html``) and ``report.json``. At this size no gain is promised, as it says.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.cores import machine
from benchmarks.loop_commands import LoopError, run, serving, train
from benchmarks.loop_table import show
from medaction.cli.interrupts import INTERRUPTED, terminable
from medaction.domain.case import Case
from medaction.formats.own_jsonl import write_own_jsonl
from medaction.formats.readers import read_cases

ROOT = Path(__file__).resolve().parents[1]
SPLITS = "train=0.9,validation=0.1"
LABELS = {"kg": "kg policy", "base": "SmolLM2-135M as it came", "tuned": "SmolLM2-135M tuned"}


@dataclass(frozen=True)
class Plan:
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


class Loop:
    """A folder with every stage's result, and ``stages.json``: how long each that is done took."""

    def __init__(self, plan: Plan, out: Path) -> None:
        self.plan = plan
        self.out = out
        self.cases, self.held_out, self.run = out / "train.jsonl", out / "held-out.jsonl", out / "trees"
        self.dataset, self.model, self.adapter = out / "dataset", out / "model", out / "adapter.gguf"
        self.reports = {name: out / f"{name}.json" for name in LABELS}
        out.mkdir(parents=True, exist_ok=True)
        made = out / "plan.json"
        if made.exists() and read_json(made) != read_plan(plan):
            raise LoopError(f"{out} was begun with other options; name another folder with --out, or delete it")
        write_json(made, read_plan(plan))

    def stages(self) -> dict[str, Callable[[], None]]:
        return {
            "cases": self.split_cases,
            "trees": self.grow,
            "dataset": self.build,
            "training": self.train,
            "adapter": self.export,
            "kg": lambda: self.measure("kg", "--policy", "kg"),
            "base": lambda: self.measure_model("base"),
            "tuned": lambda: self.measure_model("tuned", "--adapter", str(self.adapter)),
        }

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
        synthetic = self.out / "synthetic.jsonl"
        synthetic.unlink(missing_ok=True)
        run("cases", "synthesise", "--out", synthetic, "--n", self.plan.synthetic, "--seed", self.plan.seed)
        drawn = [row.case for row in read_cases(synthetic) if row.case is not None]
        learned = [case for case in known.values() if case.group_key not in apart]
        write_own_jsonl([*learned, *drawn], self.cases)
        write_own_jsonl([case for case in known.values() if case.group_key in apart], self.held_out)

    def grow(self) -> None:
        processes = ("--processes", os.cpu_count() or 1)
        run("distill", "grow", "--cases", self.cases, "--policy", "kg", "--out", self.run, "--seed", self.plan.seed,
            *processes)  # fmt: skip
        run("distill", "score", self.run, *processes)
        run("distill", "prune", self.run)

    def build(self) -> None:
        """The benchmark's cases are left out once more, by content and likeness."""
        if not self.dataset.exists():
            run("dataset", "build", "--runs", self.run, "--out", self.dataset, "--format", "sft",
                "--prompt", self.plan.prompt, "--benchmark", self.held_out, "--splits", SPLITS)  # fmt: skip
        run("dataset", "check", self.dataset)

    def train(self) -> None:
        """Goes on from its last checkpoint when it was stopped."""
        if self.model.exists():
            return
        begun = self.model.with_name(f"{self.model.name}.unfinished")
        sizes = {
            "steps": self.plan.steps,
            "accumulate": self.plan.accumulate,
            "every": 4,
            "held_out": 4,
            "log_every": 1,
            "max_tokens": 1280,
        }
        options = [part for name, value in sizes.items() for part in ("--set", f"{name}={value}")]
        resume = ["--resume"] if list(begun.glob("checkpoints/*/trainer_state.json")) else []
        train("sft", "--data", self.dataset, "--out", self.model, "--config", "smollm2-135m", *options, *resume)

    def export(self) -> None:
        if not self.adapter.exists():
            train("export", self.model, "--gguf", "adapter", "--out", self.adapter)

    def measure(self, name: str, *asked: object) -> None:
        """A run directory goes on where it was. The report gets a label that tells base and tuned apart."""
        report = self.reports[name]
        run("bench", "run", "--cases", self.held_out, "--horizon", self.plan.horizon, "--seed", self.plan.seed,
            "--out", self.out / f"bench-{name}", "--json", report, *asked, quiet=True)  # fmt: skip
        write_json(report, {**read_json(report), "policy": LABELS[name]})

    def measure_model(self, name: str, *adapter: str) -> None:
        log = self.out / f"serve-{name}.log"
        with ExitStack() as servers:
            url = servers.enter_context(serving("serve-model", *adapter, log=log))
            model: tuple[str, ...] = ()
            if self.plan.prompt == "assisted":
                url = servers.enter_context(serving("serve-policy", "assisted", "--model-url", url, log=log))
                model = ("--model", "assisted")
            # Not held to a schema: the form is what it learns, and holding it to one costs most of the time.
            limits = ("--free", "--max-tokens", 240, "--patience", 300, "--parallel", 2)
            self.measure(name, *model, "--base-url", url, *limits)

    def conclude(self, stages: Mapping[str, Any]) -> Path:
        """The table, the page of ``medaction bench report``, and ``report.json``; made anew each time."""
        paths = [self.reports[name] for name in ("tuned", "base", "kg")]
        compared = json.loads(run("bench", "compare", *paths[:2], "--json", quiet=True))
        run("bench", "report", *paths, "--html", self.out / "benchmark.html", quiet=True)
        reports = {name: read_json(path) for name, path in self.reports.items()}
        for report in reports.values():
            report.pop("cases")
        plan = read_plan(self.plan)
        told = {
            "plan": plan,
            "machine": machine(),
            "stages": stages,
            "dataset": read_json(self.dataset / "manifest.json")["hash"],
            "training": read_json(self.model / "manifest.json"),
            "reports": reports,
            "compared": compared,
        }
        write_json(self.out / "report.json", told)
        show(stages, reports, compared, plan)
        return self.out / "report.json"


def read_plan(plan: Plan) -> dict[str, Any]:
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


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loop", description="The whole loop at smoke size.")
    parser.add_argument("--out", type=Path, default=Path("runs/loop"), help="a folder; one that was begun goes on")
    parser.add_argument("--data", nargs="*", default=[], metavar="FILE", help="more cases, of any format")
    parser.add_argument("--prompt", choices=("assisted", "plain"), default="assisted", help="assisted: with the graph")
    parser.add_argument("--synthetic", type=int, default=24, help="synthetic patients to learn from")
    parser.add_argument("--held-out", type=int, default=6, help="case groups to measure on")
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--accumulate", type=int, default=2, help="rows to a step")
    parser.add_argument("--horizon", type=int, default=3, help="turns a model has")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def main() -> int:
    options = vars(parse())
    out = options.pop("out")
    data = tuple(str(Path(path).resolve()) for path in options.pop("data"))
    try:
        with terminable():
            loop = Loop(Plan(data=data, **options), out)
            report = loop.conclude(loop.go())
    except LoopError as error:
        print(f"loop: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("loop: stopped; the same command goes on", file=sys.stderr)
        return INTERRUPTED
    print(f"Every case beside its plots: {out / 'benchmark.html'}. All figures: {report}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
