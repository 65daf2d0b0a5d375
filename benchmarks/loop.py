"""The whole loop at smoke size by the stable commands: cases → trees → dataset → SFT → GGUF → serve → benchmark.

    make loop                          # or: python -m benchmarks.loop [--out DIR] [--data FILE …] [--steps N] …

Works on the packaged teaching cases alone. Some are held out; the others, and synthetic patients drawn from the graph,
are what the small model learns from. Each stage that is done is kept: the same command goes on where it was stopped.
Ends with one table, a page (``benchmark.html``) and ``report.json``. At this size no gain is promised, as it says.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.cores import machine
from benchmarks.loop_commands import LoopError, run, train
from benchmarks.loop_stages import Sizes, Stages, read_json, read_plan, write_json
from benchmarks.loop_table import show
from medaction.cli.interrupts import INTERRUPTED, terminable

Plan = Sizes


class Loop(Stages):
    labels = {"kg": "kg policy", "base": "SmolLM2-135M as it came", "tuned": "SmolLM2-135M tuned"}

    def __init__(self, plan: Plan, out: Path) -> None:
        super().__init__(plan, out)
        self.dataset, self.model, self.adapter = out / "dataset", out / "model", out / "adapter.gguf"

    def stages(self) -> dict[str, Callable[[], None]]:
        return {
            "cases": self.split_cases,
            "trees": self.grow,
            "dataset": lambda: self.build(self.dataset, "sft", "--runs", self.run),
            "training": lambda: self.tune("sft", self.dataset, self.model),
            "adapter": self.export,
            "kg": lambda: self.measure("kg", "--policy", "kg"),
            "base": lambda: self.measure_model("base"),
            "tuned": lambda: self.measure_model("tuned", "--adapter", str(self.adapter)),
        }

    def export(self) -> None:
        if not self.adapter.exists():
            train("export", self.model, "--gguf", "adapter", "--out", self.adapter)

    def conclude(self, stages: Mapping[str, Any]) -> Path:
        """The table, the page of ``medaction bench report``, and ``report.json``; made anew each time."""
        compared = self.compare("tuned", "base")
        pages = [self.reports[name] for name in ("tuned", "base", "kg")]
        run("bench", "report", *pages, "--html", self.out / "benchmark.html", quiet=True)
        reports = self.read_reports()
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
        show(stages, reports, compared, plan, ("base", "tuned", "kg"))
        return self.out / "report.json"


def sizes_of(parser: argparse.ArgumentParser, **defaults: int) -> None:
    """The options that every loop has."""
    parser.add_argument("--data", nargs="*", default=[], metavar="FILE", help="more cases, of any format")
    parser.add_argument("--prompt", choices=("assisted", "plain"), default="assisted", help="assisted: with the graph")
    for name, about in (
        ("synthetic", "synthetic patients to learn from"),
        ("held-out", "case groups to measure on"),
        ("steps", "steps of each training"),
        ("accumulate", "rows to a step"),
        ("horizon", "turns a model has"),
        ("seed", "of everything that is drawn"),
    ):
        parser.add_argument(f"--{name}", type=int, default=defaults[name.replace("-", "_")], help=about)


def finish(name: str, work: Callable[[], Path]) -> int:
    """The exit code. ``work`` returns the report's path."""
    try:
        with terminable():
            report = work()
    except LoopError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{name}: stopped; the same command goes on", file=sys.stderr)
        return INTERRUPTED
    print(f"Every case beside its plots: {report.with_name('benchmark.html')}. All figures: {report}")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loop", description="The whole loop at smoke size.")
    parser.add_argument("--out", type=Path, default=Path("runs/loop"), help="a folder; one that was begun goes on")
    sizes_of(parser, synthetic=24, held_out=6, steps=8, accumulate=2, horizon=3, seed=0)
    options = vars(parser.parse_args())
    out = options.pop("out")
    data = tuple(str(Path(path).resolve()) for path in options.pop("data"))

    def work() -> Path:
        loop = Loop(Plan(data=data, **options), out)
        return loop.conclude(loop.go())

    return finish("loop", work)


if __name__ == "__main__":
    raise SystemExit(main())
