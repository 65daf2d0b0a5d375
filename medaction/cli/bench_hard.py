"""`medaction bench mine-hard|check-hard`: the hard benchmark, mined and frozen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import file_digest
from pathlib import Path
from typing import Annotated, Any

import typer

from medaction.bench.hard import HardRule, MiningError, mine_hard
from medaction.bench.hard.mining import choose_tries
from medaction.bench.runs import open_bench_run
from medaction.cli.app import fail, print_json
from medaction.cli.bench import bench
from medaction.cli.case_files import load_cases
from medaction.cli.interrupts import INTERRUPTED, terminable
from medaction.cli.policies import load_graph
from medaction.cli.progress import Advance, show_progress
from medaction.corpus import CorpusError
from medaction.corpus.check import list_groups
from medaction.distill.lines import LinesError
from medaction.distill.pool import PoolError
from medaction.distill.runs import RunError
from medaction.domain.case import Case
from medaction.formats.frozen import Frozen, FrozenError, open_frozen

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@bench.command("mine-hard")
def mine(
    cases: Annotated[list[Path], typer.Option(help="A case file, any format; can be given again.")],
    out: Annotated[Path, typer.Option(help="A new folder, or one whose mining was stopped.")],
    runs: Annotated[
        list[Path] | None,
        typer.Option(help="A run of `bench run --out` that counts as a reference; can be given again."),
    ] = None,
    most: Annotated[int, typer.Option(help="Cases at most.", min=1)] = 300,
    right_at_most: Annotated[int, typer.Option(help="Reference runs that may have been right.", min=0)] = 0,
    per_disease: Annotated[int, typer.Option(help="Cases of one disease at most.", min=1)] = 2,
    tries: Annotated[int | None, typer.Option(help="Try only so many cases of each diagnosis.", min=1)] = None,
    seed: Annotated[int, typer.Option(help="Which of equally hard cases come first.", min=0)] = 0,
    own_paper: Annotated[
        bool, typer.Option("--own-paper", help="Let the reference policies use what cites a case's own publication.")
    ] = False,
    processes: Annotated[int, typer.Option(help="Processes that try cases.", min=1, max=64)] = 1,
    cache: Annotated[Path | None, typer.Option(envvar="MEDACTION_CACHE", help="Folder of the compiled graph.")] = None,
    as_json: Json = False,
) -> None:
    """Choose cases that the reference policies fail, and freeze them by hash. What was tried is kept: run it again to
    go on."""
    rule = HardRule(most, right_at_most, per_disease, tries, seed, without_own_paper=not own_paper)
    loaded: list[Case] = []
    sources: list[dict[str, Any]] = []
    for path in cases:
        found = load_cases(path)
        with path.open("rb") as file:
            sources.append({"file": path.name, "sha256": file_digest(file, "sha256").hexdigest(), "cases": len(found)})
        loaded += found
    graph = load_graph(cache)
    try:
        with terminable(), _Bar(len(choose_tries(loaded, rule))) as bar:
            report = mine_hard(
                loaded, out, graph, rule, sources=sources, runs=[open_bench_run(path) for path in runs or ()],
                cache=cache, processes=processes, on_begin=bar.begin, on_tried=bar.advance,
            )  # fmt: skip
    except KeyboardInterrupt:
        typer.echo(f"medaction: stopped; what was tried is kept in {out}, the same command goes on", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except (MiningError, FrozenError, RunError, LinesError, PoolError) as error:
        fail(f"{error}")
    except OSError as error:
        fail(f"{out} cannot be written: {error.strerror or error}")
    told = {**report, "systems": _count(report["cases"], "system"), "from": _count(report["cases"], "source")}
    del told["cases"]
    if as_json:
        print_json(told)
        return
    print(f"{told['n']} of {told['tried']:,} cases are frozen in {out}, {told['hash'][:12]}")
    for kind in ("from", "systems", "left_out"):
        print(f"{kind.replace('_', ' ')}: {', '.join(f'{name} {n:,}' for name, n in told[kind].items())}")
    print(told["what"])


@bench.command("check-hard")
def check(
    folder: Annotated[Path, typer.Argument(help="The frozen folder, or its list alone.")],
    dataset: Annotated[
        list[Path] | None, typer.Option(help="A dataset version that must share no group with it; can be given again.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Verify that the benchmark is what was frozen and that no dataset holds one of its groups; exit code 1 if not."""
    try:
        frozen = open_frozen(folder)
        if frozen.has_cases:
            frozen.load()
        shared = {str(path): sorted(_shared(frozen, path)) for path in dataset or ()}
    except (FrozenError, CorpusError) as error:
        fail(f"{error}")
    ok = not any(shared.values())
    report = {
        "ok": ok,
        "n": len(frozen.cases),
        "hash": frozen.hash,
        "cases_checked": frozen.has_cases,
        "shared_groups": shared,
    }
    if as_json:
        print_json(report)
    else:
        for path, groups in shared.items():
            said = f"shares {len(groups)} group(s): {', '.join(groups[:5])}" if groups else "shares no group"
            print(f"{path} {said}")
        kept = "list and cases are" if frozen.has_cases else "the list (its cases are not here) is"
        print(f"{len(frozen.cases)} cases, {frozen.hash[:12]}: {kept} as frozen")
    if not ok:
        raise typer.Exit(1)


def _shared(frozen: Frozen, dataset: Path) -> set[str]:
    return {case.group for case in frozen.cases} & list_groups(dataset)


def _count(rows: Sequence[dict[str, Any]], key: str) -> dict[str, int]:
    return dict(Counter(str(row[key]) for row in rows).most_common())


class _Bar:
    """Progress that begins where the mining was stopped, which only the mining knows."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._shown: Any = None
        self._advance: Advance | None = None

    def begin(self, done: int) -> None:
        self._shown = show_progress("Cases tried", self._total, done)
        self._advance = self._shown.__enter__()

    def advance(self) -> None:
        if self._advance:
            self._advance()

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *exc: Any) -> None:
        if self._shown:
            self._shown.__exit__(*exc)
