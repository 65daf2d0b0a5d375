"""`medaction distill score`, `prune` and `sensitivity`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

import typer

from medaction.cli.app import fail, print_json
from medaction.cli.distill import FAULTS, distill
from medaction.cli.interrupts import INTERRUPTED, terminable
from medaction.cli.policies import load_graph
from medaction.cli.progress import show_progress
from medaction.distill.crew_scoring import score_trees
from medaction.distill.judging import TreeScores, prune_tree_record
from medaction.distill.lines import LineWriter
from medaction.distill.pruning import Thresholds, Verdict
from medaction.distill.record import TreeRecord
from medaction.distill.runs import SCORES, TREES, VERDICTS, Run, RunError, hold_run, open_run
from medaction.distill.survey import Survey, vary_thresholds
from medaction.domain.tree import TreeError
from medaction.knowledge import KnowledgeGraph
from medaction.metrics import METRIC_VERSION, BranchScore
from medaction.metrics.aggregate import summarise_scores

LEVELS = Thresholds()
Folder = Annotated[Path, typer.Argument(help="The run's directory.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Dtc = Annotated[float, typer.Option(help="The least DTC of what is kept whole, 0 to 1.")]
Rac = Annotated[float, typer.Option(help="The least RAC of what is kept whole, 0 to 1.")]
TurnRac = Annotated[float, typer.Option(help="With a lower RAC a turn is at fault, 0 to 1.")]
Grounding = Annotated[float, typer.Option(help="With this share of tests to the point, or less, a turn is at fault.")]


@distill.command()
def score(
    folder: Folder,
    processes: Annotated[int, typer.Option(help="Processes.", min=1, max=64)] = 1,
    cache: Annotated[Path | None, typer.Option(envvar="MEDACTION_CACHE", help="Folder of the compiled graph.")] = None,
    as_json: Json = False,
) -> None:
    """Score every branch by the whole graph. Killed at any point, the same command goes on where it was."""
    began = monotonic()
    try:
        run = open_run(folder)
        graph = load_graph(cache)
        with hold_run(folder), terminable():
            _drop_old_scores(run, graph)
            _score_rest(run, graph, processes, cache)
            told = {**_summarise(run), "seconds": round(monotonic() - began, 1)}
    except (*FAULTS, TreeError) as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.strerror or error} ({folder}); what was finished is kept, and the same command goes on")
    except KeyboardInterrupt:
        typer.echo("medaction: stopped; what was finished is kept, and the same command goes on", err=True)
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        print_json(told)
        return
    for policy, figures in told["policies"].items():
        means = (f"{name} {_mean(figures[name])}" for name in ("dtc", "rac", "grounding", "coverage", "accuracy"))
        print(f"{policy:>14}: {figures['n']:,} branches of {figures['groups']:,} cases; {'; '.join(means)}")
    print("DTC and RAC are our own operationalisation; means with 95 % bootstrap intervals over cases.")


@distill.command()
def prune(
    folder: Folder,
    dtc: Dtc = LEVELS.dtc,
    rac: Rac = LEVELS.rac,
    turn_rac: TurnRac = LEVELS.turn_rac,
    grounding: Grounding = LEVELS.grounding,
    as_json: Json = False,
) -> None:
    """Decide what is kept of every branch, and why; writes verdicts.jsonl anew."""
    thresholds = read_thresholds(dtc, rac, turn_rac, grounding)
    survey = Survey()

    def decide(run: Run) -> Iterator[dict[str, Any]]:
        for record, scores in pair_scores(run):
            verdicts = prune_tree_record(scores, thresholds)
            survey.add(record, scores.branches, verdicts)
            yield verdicts.to_dict()

    try:
        run = open_run(folder)
        with hold_run(folder):
            run.replace(VERDICTS, decide(run))
    except FAULTS as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.strerror or error} ({folder}); the verdicts that were there are kept")
    told = {**survey.to_dict(), "thresholds": thresholds.to_dict()}
    if as_json:
        print_json(told)
        return
    for name, counts in {"all": told["verdicts"], **told["policies"]}.items():
        shares = (f"{verdict.lower().replace('_', ' ')} {count:,}" for verdict, count in counts.items())
        print(f"{name:>14}: {', '.join(shares)}")
    for verdict, rules in told["rules"].items():
        print(f"{verdict:>14}: {', '.join(f'{rule} {count:,}' for rule, count in rules.items())}")
    kept, cases = f"{told['kept']:,}", f"{told['cases_with_kept']:,}"
    print(f"{kept} trajectories kept of {cases} cases, {told['kept_distinct']:,} of them distinct")


@distill.command()
def sensitivity(
    folder: Folder,
    dtc: Dtc = LEVELS.dtc,
    rac: Rac = LEVELS.rac,
    turn_rac: TurnRac = LEVELS.turn_rac,
    grounding: Grounding = LEVELS.grounding,
    as_json: Json = False,
) -> None:
    """Verdict counts with each threshold moved alone; nothing is written."""
    thresholds = read_thresholds(dtc, rac, turn_rac, grounding)
    try:
        run = open_run(folder)
        rows = vary_thresholds((scores.branches for _, scores in pair_scores(run)), thresholds)
    except FAULTS as error:
        fail(str(error))
    if as_json:
        print_json(rows)
        return
    print(f"{'threshold':>10} {'value':>6} {' '.join(f'{verdict.value:>14}' for verdict in Verdict)}")
    for row in rows:
        mark = "  ← chosen" if row["chosen"] else ""
        counts = " ".join(f"{row[verdict.value]:>14,}" for verdict in Verdict)
        print(f"{row['threshold']:>10} {row['value']:>6.2f} {counts}{mark}")


def read_thresholds(dtc: float, rac: float, turn_rac: float, grounding: float) -> Thresholds:
    try:
        return Thresholds(dtc, rac, turn_rac, grounding)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def pair_scores(run: Run) -> Iterator[tuple[TreeRecord, TreeScores]]:
    """Every tree with its scores. Raises :class:`RunError` when there is no tree, or one without scores."""
    scores = run.scores()
    empty = True
    for record in run.trees():
        empty = False
        of_tree = next(scores, None)
        if of_tree is None or of_tree.case != record.case:
            raise RunError(f"{run.path}: the tree of {record.case} has no scores; run `medaction distill score` first")
        yield record, of_tree
    if empty:
        raise RunError(f"{run.path} has no trees; run `medaction distill grow` first")


def _drop_old_scores(run: Run, graph: KnowledgeGraph) -> None:
    """Scores of another graph or metric version cannot be gone on with."""
    first = next((score for scores in run.scores() for score in scores.branches), None)
    if first is not None and (first.metric_version, first.graph) != (METRIC_VERSION, graph.hash):
        typer.echo("medaction: the scores are of another graph or metric version; all are made anew", err=True)
        (run.path / SCORES).unlink()
        (run.path / VERDICTS).unlink(missing_ok=True)


def _score_rest(run: Run, graph: KnowledgeGraph, processes: int, cache: Path | None) -> None:
    trees = run.cases_in(TREES)
    if not trees:
        raise RunError(f"{run.path} has no trees; run `medaction distill grow` first")
    with run.append_to(SCORES) as writer:
        if writer.cut:
            typer.echo(f"medaction: {SCORES} ended in an unfinished line; {writer.cut} bytes were cut off", err=True)
        done = run.cases_in(SCORES)
        _append_scores(run, writer, done, len(trees), graph, processes, cache)


def _append_scores(
    run: Run,
    writer: LineWriter,
    done: list[str],
    total: int,
    graph: KnowledgeGraph,
    processes: int,
    cache: Path | None,
) -> None:
    scoring = score_trees(run, done, graph, processes=processes, cache=cache)
    with show_progress("Scoring", total, len(done)) as advance, closing(scoring) as trees:
        for scored in trees:
            writer.append(scored.line)
            advance()


def _summarise(run: Run) -> dict[str, Any]:
    scores: dict[str, list[BranchScore]] = defaultdict(list)
    groups: dict[str, list[str]] = defaultdict(list)
    for tree in run.scores():
        scores[tree.policy] += [replace(score, turns=(), notes=()) for score in tree.branches]
        groups[tree.policy] += [tree.case] * len(tree.branches)
    policies = {name: summarise_scores(scores[name], groups=groups[name]) for name in sorted(scores)}
    return {"branches": sum(map(len, scores.values())), "policies": policies}


def _mean(figure: dict[str, Any]) -> str:
    if figure["mean"] is None:
        return "not assessable"
    low, high = figure["ci"]
    return f"{figure['mean']:.2f} ({low:.2f}–{high:.2f}, n {figure['n']:,})"
