"""Reports from what a command is given: a run's directory, or a report's file."""

from pathlib import Path
from typing import Any

import orjson

from medaction.distill.runs import RunError

from .report import REPORT_FORMAT
from .runs import open_bench_run

JUDGED = "judged.json"
"""What a judge ruled on a run, in its directory."""


def load_report(path: str | Path) -> dict[str, Any]:
    """Of a directory the report of the records that are there now, with what a judge ruled on all of them.

    Raises ``RunError``."""
    place = Path(path)
    if place.is_dir():
        report = open_bench_run(place).report()
        judged = _read(place / JUDGED) if (place / JUDGED).is_file() else None
        return {**report, "judged": judged} if judged and judged.get("n") == report["n"] else report
    if not place.is_file():
        raise RunError(f"there is no {place}: name a run's directory, or a report that `bench run --json` wrote")
    report = _read(place)
    if report.get("format") != REPORT_FORMAT:
        raise RunError(f"{place} is no report of the form {REPORT_FORMAT}; an older one has to be run again")
    return report


def _read(file: Path) -> dict[str, Any]:
    try:
        told = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        raise RunError(f"{file} is not JSON: {error.msg}") from error
    return told if isinstance(told, dict) else {}
