"""`medaction distill`: trajectory trees, grown, scored and pruned."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

import typer

from medaction.cli.app import app, fail, print_json
from medaction.cli.case_files import load_cases
from medaction.cli.interrupts import INTERRUPTED, terminable
from medaction.cli.policies import load_graph
from medaction.cli.progress import show_progress
from medaction.distill.crew import Grown, Growth, GrowthError, grow_trees
from medaction.distill.lines import LinesError
from medaction.distill.manifest import make_manifest
from medaction.distill.policies.catalogue import GRAPH_DROPOUT
from medaction.distill.policies.teachers import CHAT, read_teachers
from medaction.distill.pool import PoolError
from medaction.distill.runs import TREES, Run, RunError, hold_run, start_run
from medaction.distill.shape import GrowthConfig, TreeShape
from medaction.domain.case import Case
from medaction.domain.environment import EnvironmentSettings
from medaction.inference.errors import ModelError
from medaction.knowledge import KnowledgeGraph

distill = typer.Typer(help="Trajectory trees: grow, score, prune, look.", no_args_is_help=True)
app.add_typer(distill, name="distill")
SHAPE = TreeShape()
FAULTS = (RunError, LinesError, GrowthError, PoolError)


@distill.callback()
def options() -> None:
    """Trajectory trees: grow, score, prune, look. A run is a directory; see medaction.distill.runs."""


@distill.command()
def grow(
    cases: Annotated[list[Path], typer.Option(help="Case file of any format that can be read; may be repeated.")],
    out: Annotated[Path, typer.Option(help="The run's directory: a new one, or one to go on with.")],
    policy: Annotated[
        str | None, typer.Option(help="kg, kg-dropout, random, anchored, scripted:NAME, chat; or kg:0.7,random:0.3.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Only the first cases.", min=1)] = None,
    seed: Annotated[int, typer.Option(help="Decides every draw.", min=0)] = 0,
    root: Annotated[int, typer.Option(help="Replies at the root.", min=1)] = SHAPE.root,
    below: Annotated[int, typer.Option(help="Replies at every other point.", min=1)] = SHAPE.below,
    leaves: Annotated[int, typer.Option(help="At most so many branches a tree.", min=1)] = SHAPE.leaves,
    temperature: Annotated[float, typer.Option(help="How far replies differ, 0 to 2.")] = SHAPE.temperature,
    horizon: Annotated[int, typer.Option(help="Turns a policy has.", min=1, max=50)] = 5,
    menu_visible: Annotated[bool, typer.Option("--menu-visible", help="Show the names of the tests.")] = False,
    node_budget: Annotated[int, typer.Option(help="At most so many nodes a tree.")] = SHAPE.nodes,
    token_budget: Annotated[int | None, typer.Option(help="At most so many generated tokens a tree.")] = None,
    graph_dropout: Annotated[float, typer.Option(help="What kg-dropout does not see, 0 to 1.")] = GRAPH_DROPOUT,
    own_paper: Annotated[
        bool, typer.Option("--own-paper", help="Let policies use what the graph has from a case's own publication.")
    ] = False,
    parallel: Annotated[int, typer.Option(help="Trees at a time, for a policy over a network.", min=1, max=64)] = 1,
    processes: Annotated[int, typer.Option(help="Processes, for a policy that computes.", min=1, max=64)] = 1,
    model: Annotated[str, typer.Option(help="A model's name, with --base-url.")] = "",
    base_url: Annotated[str, typer.Option(help="An OpenAI-compatible server, for the policy chat.")] = "",
    api_key: Annotated[str, typer.Option(envvar="MODEL_API_KEY", help="The server's key.", show_envvar=True)] = "",
    cache: Annotated[Path | None, typer.Option(envvar="MEDACTION_CACHE", help="Folder of the compiled graph.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Grow one tree a case. Killed at any point, the same command goes on where it was."""
    if processes > 1 and parallel > 1:
        raise typer.BadParameter("give --parallel (a policy over a network) or --processes (one that computes)")
    try:
        config = GrowthConfig(
            TreeShape(root, below, leaves, temperature, node_budget, token_budget, own_paper),
            EnvironmentSettings(horizon=horizon, menu_visible=menu_visible),
        )
        names = policy or (CHAT if base_url else "kg")
        teachers = read_teachers(
            names, seed=seed, dropout=graph_dropout, model=model, base_url=base_url, api_key=api_key
        )
    except (ModelError, ValueError) as error:
        raise typer.BadParameter(str(error)) from error
    loaded = gather_cases(cases, limit)
    graph = load_graph(cache)
    growth = Growth(teachers, config, seed, cache)
    source = ", ".join(path.name for path in cases)
    began = monotonic()
    try:
        with hold_run(out), terminable():
            manifest = make_manifest(
                loaded, source=source, policy=teachers.describe(), graph=graph.hash, config=config, seed=seed
            )
            run = start_run(out, manifest, loaded)
            told = grow_run(run, loaded, growth, graph, processes=processes, parallel=parallel)
    except FAULTS as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.strerror or error} ({out}); what was finished is kept, and the same command goes on")
    except KeyboardInterrupt:
        typer.echo("medaction: stopped; what was finished is kept, and the same command goes on", err=True)
        raise typer.Exit(INTERRUPTED) from None
    told |= {"seconds": round(monotonic() - began, 1), "fingerprint": run.fingerprint}
    if as_json:
        print_json(told)
    else:
        print(f"{told['trees']:,} trees, {told['branches']:,} branches in {out} ({told['grown']:,} grown now)")


def gather_cases(paths: list[Path], limit: int | None) -> list[Case]:
    """The cases of several files, in order. Ends the command when two files have a case of one id."""
    found: dict[str, Case] = {}
    for path in paths:
        room = None if limit is None else limit - len(found)
        if room == 0:
            break
        for case in load_cases(path, limit=room):
            if case.id in found:
                fail(f"{path.name} has a case {case.id!r} that another file has as well; give each case once")
            found[case.id] = case
    return list(found.values())


def grow_run(
    run: Run, cases: list[Case], growth: Growth, graph: KnowledgeGraph, *, processes: int, parallel: int
) -> dict[str, Any]:
    """Grow what the run has not. Returns its counts."""
    with run.append_to(TREES) as writer:
        if writer.cut:
            typer.echo(f"medaction: {TREES} ended in an unfinished line; {writer.cut} bytes were cut off", err=True)
        had = set(run.cases_in(TREES))
        missing = [case for case in cases if case.id not in had]
        if had:
            typer.echo(f"medaction: {len(had):,} trees are there; {len(missing):,} are to be grown", err=True)
        branches = 0
        with show_progress("Growing", len(cases), len(had)) as advance:

            def take(grown: Grown) -> None:
                nonlocal branches
                writer.append(grown.line)
                branches += grown.branches
                advance(f"{branches:,} branches")

            grow_trees(missing, growth, graph, take, processes=processes, parallel=parallel)
    policies: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    for tree in run.trees():
        policies[tree.policy] += 1
        ends.update(leaf.end.value for leaf in tree.leaves)
    merged = ends.pop("MERGED", 0)
    return {
        "out": str(run.path),
        "trees": policies.total(),
        "grown": len(missing),
        "branches": ends.total(),
        "merged": merged,
        "ends": dict(sorted(ends.items())),
        "policies": dict(sorted(policies.items())),
    }
