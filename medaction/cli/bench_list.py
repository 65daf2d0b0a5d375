"""`medaction bench list`: the benchmarks by name, and which of them are here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from medaction.bench.catalogue import BENCHMARKS
from medaction.cli.app import print_json
from medaction.cli.bench import bench
from medaction.formats.frozen import FrozenError, is_frozen, open_frozen
from medaction.formats.readers import read_cases


@bench.command("list")
def list_benchmarks(
    data: Annotated[Path | None, typer.Option(envvar="MEDACTION_DATA", help="Where benchmarks' files lie.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Name, file, licence and protocol of each benchmark; with --data also how many cases are there.

    `medaction bench run --cases NAME` takes the name in place of a file.
    """
    rows = []
    for benchmark in BENCHMARKS.values():
        found = benchmark.find(data)
        row: dict[str, Any] = {
            "name": benchmark.name,
            "title": benchmark.title,
            "needs": benchmark.needs,
            "licence": benchmark.licence,
            "source": benchmark.source,
            "protocols": list(benchmark.protocols),
            "options": benchmark.options,
            "note": benchmark.note,
            "found": None if found is None else found.name,
        }
        rows.append(row | ({"n": None, "refused": None} if found is None else _count(found)))
    if as_json:
        print_json({"benchmarks": rows})
        return
    for row in rows:
        here = "not here" if row["found"] is None else f"{row['n']:,} cases"
        print(f"{row['name']:13} {here:14} {row['title']}; {row['licence']}; {', '.join(row['protocols'])}")
        print(f"{'':13} needs {row['needs']} ({row['source']})")
        if row["options"]:
            print(f"{'':13} run with {row['options']}")
        print(f"{'':13} {row['note']}")


def _count(path: Path) -> dict[str, Any]:
    """Cases that can be used, and rows that cannot."""
    if is_frozen(path):
        try:
            return {"n": len(open_frozen(path).load()), "refused": 0}
        except FrozenError as error:
            return {"n": 0, "refused": None, "fault": str(error)}
    usable = [row.case is not None for row in read_cases(path)]
    return {"n": sum(usable), "refused": len(usable) - sum(usable)}
