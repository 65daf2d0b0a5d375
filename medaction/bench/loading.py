"""Reports from what a command is given: a run's directory, or a report's file."""

from pathlib import Path
from typing import Any

import orjson

from medaction.distill.runs import RunError

from .report import REPORT_FORMAT
from .runs import open_bench_run


def load_report(path: str | Path) -> dict[str, Any]:
    """Of a directory the report of the records that are there now. Raises ``RunError``."""
    place = Path(path)
    if place.is_dir():
        return open_bench_run(place).report()
    if not place.is_file():
        raise RunError(f"there is no {place}: name a run's directory, or a report that `bench run --json` wrote")
    try:
        report = orjson.loads(place.read_bytes())
    except orjson.JSONDecodeError as error:
        raise RunError(f"{place} is not JSON: {error.msg}") from error
    if not isinstance(report, dict) or report.get("format") != REPORT_FORMAT:
        raise RunError(f"{place} is no report of the form {REPORT_FORMAT}; an older one has to be run again")
    return report
