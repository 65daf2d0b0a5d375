"""A benchmark run's directory.

``manifest.json``   what decides the records, its fingerprint, and what the report says of the run
``records.jsonl``   one record for each case and sample, in the order of the cases; only ever added to
``report.json``     the report of all records, once they are there
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

import medaction
from medaction.distill.lines import LineWriter, read_json_lines, unfinished
from medaction.distill.manifest import code_hash, fingerprint, hash_cases, list_differences
from medaction.distill.runs import MANIFEST, RunError, read_manifest, write_whole
from medaction.domain.case import Case
from medaction.metrics import METRIC_VERSION

from .report import build_report

BENCH_FORMAT = "medaction.bench/1"
RECORDS, REPORT, LOCK = "records.jsonl", "report.json", ".lock"
_OURS = (MANIFEST, RECORDS, REPORT, LOCK)
_CODE: tuple[str, ...] = ("domain", "knowledge", "inference", "distill", "metrics", "bench/record.py", "bench/path.py")
_CODE += tuple(f"bench/{name}.py" for name in ("answer", "asking", "protocols", "readings", "retelling", "settings"))


class BenchRun:
    """A run that exists. Reading never changes it."""

    def __init__(self, path: Path, manifest: dict[str, Any]) -> None:
        self.path = path
        self.manifest = manifest

    @property
    def fingerprint(self) -> str:
        return str(self.manifest["fingerprint"])

    @property
    def notes(self) -> list[str]:
        """A last line that a killed writer left unfinished; it is left out of what is read."""
        size = unfinished(self.path / RECORDS)
        return [f"{RECORDS}: {size} bytes of an unfinished last line are left out"] if size else []

    @property
    def wanted(self) -> int:
        """How many records the run is to have."""
        return int(self.manifest["cases"]["n"]) * int(self.manifest["about"]["samples"])

    def records(self) -> Iterator[dict[str, Any]]:
        return read_json_lines(self.path / RECORDS)

    def done(self) -> set[tuple[str, int]]:
        """Which case and sample are there."""
        return {(record["id"], record["sample"]) for record in self.records()}

    def writer(self) -> LineWriter:
        """Hold ``distill.runs.hold_run`` while it is open."""
        return LineWriter(self.path / RECORDS)

    def report(self) -> dict[str, Any]:
        """Of the records that are there: ``complete`` says whether that is all of them."""
        about = {
            **self.manifest["about"],
            "cases_file": self.manifest["cases"]["name"],
            "fingerprint": self.manifest["fingerprint"],
            "created_at": self.manifest["created_at"],
        }
        records = list(self.records())
        told = build_report(records, about, seed=self.manifest["about"]["seed"])
        return {**told, "complete": len(records) == self.wanted}

    def write_report(self) -> dict[str, Any]:
        report = self.report()
        write_whole(self.path / REPORT, [orjson.dumps(report, option=orjson.OPT_INDENT_2)])
        return report


def make_bench_manifest(
    cases: Sequence[Case], *, source: str, policy: dict[str, Any], about: dict[str, Any]
) -> dict[str, Any]:
    """``source`` names the case file; ``policy`` is ``Teachers.describe()``; ``about`` is what
    ``describe_run`` gives: settings, graph and prompt."""
    decided = {
        "format": BENCH_FORMAT,
        "versions": {"medaction": medaction.__version__, "metrics": METRIC_VERSION, "code": code_hash(_CODE)},
        "policy": policy,
        "cases": {"name": source, "n": len(cases), "sha256": hash_cases(cases)},
        "about": about,
    }
    manifest: dict[str, Any] = orjson.loads(orjson.dumps(decided))
    return {**manifest, "fingerprint": fingerprint(manifest), "created_at": datetime.now(UTC).isoformat("T", "seconds")}


def open_bench_run(path: str | Path) -> BenchRun:
    """Raises ``RunError``."""
    folder = Path(path)
    return BenchRun(folder, read_manifest(folder, BENCH_FORMAT, "benchmark run", "medaction bench run --out"))


def start_bench_run(path: str | Path, manifest: dict[str, Any]) -> BenchRun:
    """The run of this manifest: a new one, or the one that is there, to go on with.

    Raises ``RunError`` for a run with another configuration, naming what differs, and for a folder of other things;
    ``OSError`` when the folder cannot be written.
    """
    folder = Path(path)
    if (folder / MANIFEST).exists():
        run = open_bench_run(folder)
        if differences := list_differences(run.manifest, manifest):
            told = "; ".join(differences)
            raise RunError(f"{folder} is a run of another configuration ({told}); name another folder with --out")
        return run
    folder.mkdir(parents=True, exist_ok=True)
    if foreign := sorted(entry.name for entry in folder.iterdir() if not _is_ours(entry.name)):
        raise RunError(f"{folder} holds other things ({', '.join(foreign[:3])}); name a new folder with --out")
    write_whole(folder / MANIFEST, [orjson.dumps(manifest, option=orjson.OPT_INDENT_2)])
    return BenchRun(folder, manifest)


def _is_ours(name: str) -> bool:
    """One of the files, or what a killed process left of writing one."""
    return name in _OURS or any(name.startswith(f".{ours}.") for ours in _OURS)
