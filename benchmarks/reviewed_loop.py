"""Retraining from what people judged, and its effect beside the version before, by the stable commands.

    make reviewed-loop                                           # made-up judgements of packaged cases, at smoke size
    python -m benchmarks.reviewed_loop --reviews SET [--before MODEL] …
    python -m benchmarks.reviewed_loop --sft EXPORT [--dpo EXPORT] [--before MODEL] …

review set → rows and pairs → SFT → DPO → GGUF → the model before and the model after on the same held-out cases.
``SET`` is what ``manage.py export_reviewed`` writes, ``EXPORT`` an unpacked export of a reviewed version, ``MODEL``
what ``medaction train`` left; without it the model before is the base. With nothing given, trees are grown and judged
by made-up raters, as the data cards say. Each stage that is done is kept. Ends with a table, a page, ``report.json``.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.cores import machine
from benchmarks.loop import finish, sizes_of
from benchmarks.loop_commands import CommandFailed, LoopError, run, train
from benchmarks.loop_stages import Sizes, Stages, read_json, read_plan, write_json
from benchmarks.loop_table import show
from medaction.cli.dataset import NO_ROWS
from medaction.corpus import CorpusError
from medaction.corpus.check import list_groups
from medaction.corpus.reviewed import LabelPolicy
from medaction.formats.readers import read_cases

ACCURACIES = ("top1", "top3")
# A pair is read four times, by the model and by what it started from; and pairs move it far at the rate of rows.
FOR_PAIRS = ("--set", "learning_rate=5e-5", "--set", "accumulate=1", "--set", "held_out=2")


@dataclass(frozen=True)
class ReviewedPlan(Sizes):
    """``reviews``, ``sft``, ``dpo``, ``before`` and ``base`` are paths, or empty. ``base``: a GGUF file, else the one
    that comes with the project. ``labels``: the policy by which a review set is built."""

    reviews: str = ""
    sft: str = ""
    dpo: str = ""
    before: str = ""
    base: str = ""
    labels: str = LabelPolicy.MAJORITY


class ReviewedLoop(Stages):
    labels = {"before": "before", "after": "after the reviewed data"}

    def __init__(self, plan: ReviewedPlan, out: Path) -> None:
        if plan.sft and plan.reviews:
            raise LoopError("give a review set, or exports of a reviewed version, not both")
        if plan.dpo and not plan.sft:
            raise LoopError("an export of pairs goes with one of rows: give --sft too")
        super().__init__(plan, out)
        self.asked = plan
        self.reviews = Path(plan.reviews) if plan.reviews else out / "reviews"
        self.rows = Path(plan.sft) if plan.sft else out / "sft"
        self.pairs = Path(plan.dpo) if plan.dpo else out / "dpo"
        self.tuned = {"sft": out / "model-sft", "dpo": out / "model-dpo"}

    def stages(self) -> dict[str, Callable[[], None]]:
        made = {"trees": self.grow, "judgements": self.judge} if not (self.asked.reviews or self.asked.sft) else {}
        built = {"rows": self.build_rows, "pairs": self.build_pairs} if not self.asked.sft else {}
        return {
            "cases": self.split_cases,
            **made,
            **built,
            "apart": self.check_apart,
            "sft": self.train_rows,
            "dpo": self.train_pairs,
            "weights": self.export,
            "before": lambda: self.measure_model("before", *self.serve_before()),
            "after": lambda: self.measure_model("after", "--model-dir", str(self.out / "after")),
        }

    def judge(self) -> None:
        if not self.reviews.exists():
            run("dataset", "demo-reviews", "--run", self.run, "--out", self.reviews, "--seed", self.plan.seed)

    def build_rows(self) -> None:
        self.build(self.rows, "sft", "--reviews", self.reviews, "--labels", self.asked.labels)

    def build_pairs(self) -> None:
        """A set without corrections and comparisons has none, nor has one whose better turns the graph never offers."""
        try:
            self.build(self.pairs, "dpo", "--reviews", self.reviews, "--labels", self.asked.labels)
        except CommandFailed as failed:
            if failed.code != NO_ROWS:
                raise
            print("No pairs: the model is trained on rows alone.", flush=True)

    def check_apart(self) -> None:
        """No case group that is measured on may be learned from. (What the model before has learned is not at hand.)"""
        measured = {row.case.group_key for row in read_cases(self.held_out) if row.case is not None}
        for folder in self.versions().values():
            try:
                known = sorted(list_groups(folder) & measured)
            except CorpusError as error:
                raise LoopError(f"{error}") from error
            if known:
                raise LoopError(
                    f"{folder} holds cases that are measured on ({', '.join(known[:3])}); build it with --benchmark "
                    f"{self.held_out}, or in the app with a benchmark that holds them"
                )

    def versions(self) -> dict[str, Path]:
        """The dataset versions that are learned from: rows, and pairs where there are some."""
        found = {"sft": self.rows, "dpo": self.pairs}
        return {kind: folder for kind, folder in found.items() if kind == "sft" or folder.exists()}

    def train_rows(self) -> None:
        self.tune("sft", self.rows, self.tuned["sft"], *self._base(self.asked.before, "merged-before"))

    def train_pairs(self) -> None:
        if "dpo" in self.versions():
            base = self._base(self.tuned["sft"], "merged-sft")
            self.tune("dpo", self.pairs, self.tuned["dpo"], *base, *FOR_PAIRS)

    def _base(self, model: str | Path, merged: str) -> tuple[object, ...]:
        """To go on from a model it is merged first; its adapter alone cannot be trained further."""
        if not model:
            return ("--set", f"base={self.asked.base}") if self.asked.base else ()
        whole = self.out / merged
        if not whole.exists():
            train("export", model, "--safetensors", "--out", whole)
        return ("--set", f"base={whole.resolve()}")

    def export(self) -> None:
        """Both models merged and in the same precision, so that only what was learned differs."""
        for model, name in ((self.asked.before, "before"), (self.after(), "after")):
            weights = self.out / name / "model.gguf"
            if model and not weights.exists():
                weights.parent.mkdir(exist_ok=True)
                train("export", model, "--gguf", "merged", "--out", weights)

    def after(self) -> Path:
        """The model of the last training."""
        return self.tuned[list(self.versions())[-1]]

    def serve_before(self) -> tuple[str, ...]:
        if self.asked.before:
            return ("--model-dir", str(self.out / "before"))
        return ("--model-dir", str(Path(self.asked.base).parent)) if self.asked.base else ()

    def conclude(self, stages: Mapping[str, Any]) -> Path:
        """The table, the page of ``medaction bench report``, and ``report.json``; made anew each time."""
        compared = self.compare("after", "before")
        pages = [self.reports[name] for name in ("after", "before")]
        run("bench", "report", *pages, "--html", self.out / "benchmark.html", quiet=True)
        reports, plan = self.read_reports(), read_plan(self.plan)
        versions = {"before": self._tell_before(), "after": self._tell_after()}
        told = {
            "plan": plan,
            "machine": machine(),
            "stages": stages,
            "versions": versions,
            "reports": reports,
            "compared": compared,
        }
        write_json(self.out / "report.json", told)
        notes = [*_tell_tests(compared), *(_tell_version(name, version) for name, version in versions.items())]
        show(stages, reports, compared, plan, ("before", "after"), notes, read_base(self.tuned["sft"])["name"])
        return self.out / "report.json"

    def _tell_before(self) -> dict[str, Any]:
        """Model, and the dataset version that it was trained on; nothing of the latter for a base."""
        if not self.asked.before:
            return {"model": read_base(self.tuned["sft"])["hash"], "dataset": None}
        manifest = read_json(Path(self.asked.before) / "manifest.json")
        return {"model": manifest["hash"], "dataset": manifest["dataset"]}

    def _tell_after(self) -> dict[str, Any]:
        manifests = {kind: read_json(folder / "manifest.json") for kind, folder in self.versions().items()}
        reviews = manifests["sft"].get("reviews")
        return {
            "model": read_json(self.after() / "manifest.json")["hash"],
            "dataset": manifests["sft"]["hash"],
            "pairs": manifests["dpo"]["hash"] if "dpo" in manifests else None,
            "reviews": None
            if reviews is None
            else {name: reviews[name] for name in ("fingerprint", "nature", "raters")},
        }


def read_base(model: Path) -> dict[str, Any]:
    """What a training went on from."""
    base: dict[str, Any] = read_json(model / "manifest.json")["base"]
    return base


def _tell_tests(compared: Mapping[str, Any]) -> list[str]:
    """McNemar's exact test of each accuracy, in words."""
    lines = []
    for name in ACCURACIES:
        figure = compared["pairs"][0]["figures"][name]
        if "p" in figure:
            lines.append(
                f"{name}: right only after in {figure['only_first']}, only before in {figure['only_second']}; "
                f"McNemar's exact p {figure['p']:.2f}, corrected {figure['p_holm']:.2f}"
            )
    return lines


def _tell_version(name: str, version: Mapping[str, Any]) -> str:
    dataset = version["dataset"]
    learned = f"trained on dataset version {dataset[:12]}" if dataset else "the base, trained on none of ours"
    pairs = f" and pairs {version['pairs'][:12]}" if version.get("pairs") else ""
    demo = "; its judgements are made up" if (version.get("reviews") or {}).get("nature") == "demo" else ""
    return f"{name}: model {version['model'][:12]}, {learned}{pairs}{demo}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reviewed_loop", description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("runs/reviewed-loop"), help="a folder; one begun goes on")
    parser.add_argument("--reviews", default="", help="a review set; else made-up judgements")
    parser.add_argument("--sft", default="", help="instead: an unpacked export of a reviewed version, format sft")
    parser.add_argument("--dpo", default="", help="its pairs, format dpo")
    parser.add_argument("--before", default="", help="what `medaction train` left, to go on from; else the base")
    parser.add_argument("--base", default="", help="a base as GGUF; else the one that comes with the project")
    parser.add_argument(
        "--labels", choices=list(LabelPolicy), default=LabelPolicy.MAJORITY, help="which judgements count"
    )
    sizes_of(parser, synthetic=0, held_out=5, steps=4, accumulate=2, horizon=3, seed=0)
    options = vars(parser.parse_args())
    out = options.pop("out")
    data = tuple(str(Path(path).resolve()) for path in options.pop("data"))
    places = {name: str(Path(options.pop(name)).resolve()) if options[name] else options.pop(name)
              for name in ("reviews", "sft", "dpo", "before", "base")}  # fmt: skip

    def work() -> Path:
        loop = ReviewedLoop(ReviewedPlan(data=data, **options, **places), out)
        return loop.conclude(loop.go())

    return finish("reviewed-loop", work)


if __name__ == "__main__":
    raise SystemExit(main())
