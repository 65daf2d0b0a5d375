"""`medaction dataset`: versions to train on, built from runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from medaction.cli.app import app, fail, print_json
from medaction.cli.case_files import load_cases
from medaction.cli.policies import load_graph
from medaction.cli.progress import show_progress
from medaction.corpus import (
    CorpusError,
    LeakFinder,
    NoRowsError,
    Recipe,
    check_version,
    compare_versions,
    write_version,
)
from medaction.corpus.card import render_card
from medaction.corpus.check import find_leaks
from medaction.corpus.manifest import read_manifest
from medaction.corpus.recipe import ASSISTED, PLAIN, read_splits
from medaction.corpus.reviewed import LabelPolicy, Pass, Reliability, ReviewSource, open_review_set
from medaction.corpus.reviewed.demo import write_demo_set
from medaction.corpus.reviewed.policy import read_policy
from medaction.corpus.sources import Source, order_runs
from medaction.distill.policies.assisted import AssistedPrompt
from medaction.distill.policies.kg import KgPolicy
from medaction.distill.runs import Run, RunError, open_run
from medaction.formats.frozen import FrozenError, is_frozen, open_frozen
from medaction.formats.training import FORMATS

dataset = typer.Typer(help="Dataset versions: build, check, compare, describe.", no_args_is_help=True)
app.add_typer(dataset, name="dataset")

NO_ROWS = 4
"""Exit code of a build that found nothing to write: a script may go on without that format."""
Folder = Annotated[Path, typer.Argument(help="A dataset's folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Benchmark = Annotated[
    list[Path] | None,
    typer.Option(help="A benchmark's case file, or what mine-hard froze (folder or list); can be given again."),
]


@dataset.command()
def build(
    out: Annotated[Path, typer.Option(help="A new folder.")],
    runs: Annotated[
        list[Path] | None, typer.Option("--runs", help="A run of `medaction distill`; can be given again.")
    ] = None,
    reviews: Annotated[
        Path | None, typer.Option(help="Instead of runs: a review set (`manage.py export_reviewed`).")
    ] = None,
    labels: Annotated[
        str, typer.Option(help=f"Which judgements of a review set count: {', '.join(LabelPolicy)}.")
    ] = LabelPolicy.AUTHORITATIVE,
    review_pass: Annotated[
        str, typer.Option("--pass", help="first (the future hidden) or second (the truth shown).")
    ] = Pass.SECOND,
    reliability: Annotated[
        str, typer.Option(help="What weights are made from: gold or agreement.")
    ] = Reliability.AGREEMENT,
    format: Annotated[str, typer.Option(help=f"One of {', '.join(FORMATS)}.")] = "sft",  # noqa: A002 - users' word
    splits: Annotated[str, typer.Option(help="Shares of case groups.")] = "train=0.9,validation=0.05,test=0.05",
    seed: Annotated[int, typer.Option(help="Which groups go to which split.")] = 0,
    policy: Annotated[list[str] | None, typer.Option(help="Only trees of this policy; can be given again.")] = None,
    benchmark: Benchmark = None,
    near: Annotated[float, typer.Option(help="Likeness of texts from which two cases count as one.")] = 0.8,
    prompt: Annotated[
        str, typer.Option(help="plain, or assisted: short, with candidates and tests that the graph offers.")
    ] = PLAIN,
    cache: Annotated[Path | None, typer.Option(envvar="MEDACTION_CACHE", help="Folder of the compiled graph.")] = None,
    as_json: Json = False,
) -> None:
    """Write a dataset version. Cases that a benchmark holds too are left out and listed in the manifest.

    Exit code 4: the source has nothing that this format could say.
    """
    try:
        judged = read_policy(labels, review_pass, reliability) if reviews else None
        recipe = Recipe(format, read_splits(splits), seed, tuple(policy or ()), near, prompt, judged)
        source = _open_source(runs or [], reviews, recipe)
        assist = AssistedPrompt(KgPolicy(load_graph(cache))) if recipe.prompt == ASSISTED else None
        with show_progress("Trees", source.size) as advance:
            manifest = write_version(
                source, out, recipe, benchmark=_finder(benchmark, near), on_tree=advance, assist=assist
            )
    except NoRowsError as error:
        fail(f"{error}", code=NO_ROWS)
    except (CorpusError, RunError) as error:
        fail(f"{error}")
    except OSError as error:
        fail(f"{out} cannot be written: {error.strerror or error}")
    if as_json:
        print_json(manifest)
        return
    for name, about in manifest["splits"].items():
        print(f"{name:12} {about['rows']:8,} rows  {about['turns']:8,} turns  {about['cases']:6,} cases")
    if left_out := manifest["leaks"]["left_out"]:
        print(f"{left_out} cases left out: a benchmark holds them too")
    print(f"{out} is written, {manifest['hash'][:12]}")


@dataset.command("demo-reviews")
def demo_reviews(
    run: Annotated[Path, typer.Option(help="A scored and pruned run of `medaction distill`.")],
    out: Annotated[Path, typer.Option(help="A new folder.")],
    seed: Annotated[int, typer.Option(help="Where the made-up raters err.")] = 0,
) -> None:
    """Write a review set of made-up judgements, marked as such, to try what is done with real ones."""
    try:
        written = write_demo_set(open_run(run), out, seed=seed)
    except (CorpusError, RunError) as error:
        fail(f"{error}")
    except OSError as error:
        fail(f"{out} cannot be written: {error.strerror or error}")
    print(f"{out} is written, {written.fingerprint[:12]}: made-up judgements, of no expert")


@dataset.command()
def check(
    folder: Folder,
    benchmark: Benchmark = None,
    runs: Annotated[
        list[Path] | None, typer.Option("--runs", help="The runs it was built from, to check against a benchmark.")
    ] = None,
    reviews: Annotated[Path | None, typer.Option(help="The review set that it was built from, for the same.")] = None,
    as_json: Json = False,
) -> None:
    """Verify files, rows and splits, and that no benchmark holds a case of it; exit code 1 when something is wrong."""
    if benchmark and not (runs or reviews):
        raise typer.BadParameter(
            "to check against a benchmark, name the runs with --runs, or the review set with --reviews: the rows hold "
            "no cases"
        )
    try:
        report = check_version(folder)
        if benchmark:
            known = _cases_of([open_run(path) for path in runs or ()], reviews)
            near = float(read_manifest(folder)["recipe"]["near"])
            leaks = [leak.to_dict() for leak in find_leaks(known, folder, _finder(benchmark, near) or LeakFinder(()))]
            report |= {"leaks": leaks, "ok": report["ok"] and not leaks}
    except (CorpusError, RunError) as error:
        fail(f"{error}")
    if as_json:
        print_json(report)
    else:
        for fault in report["faults"]:
            print(fault)
        for leak in report.get("leaks", ()):
            print(f"{leak['case']} is also {leak['benchmark_case']} of the benchmark ({leak['kind'].lower()})")
        print(f"{report['rows']:,} rows, {'all is well' if report['ok'] else 'not as it should be'}")
    if not report["ok"]:
        raise typer.Exit(1)


@dataset.command()
def diff(before: Folder, after: Folder, as_json: Json = False) -> None:
    """What changed from one version to the next."""
    try:
        report = compare_versions(before, after)
    except CorpusError as error:
        fail(f"{error}")
    if as_json:
        print_json(report)
        return
    for kind, rows in report["rows"].items():
        print(f"{kind:8} {rows['n']:8,}  {', '.join(rows['examples'][:3])}")
    for change in report["settings"]:
        print(f"{change['setting']}: {change['before']} → {change['after']}")
    print("the rows are the same" if report["same"] else "the rows differ")


@dataset.command()
def card(folder: Folder, as_json: Json = False) -> None:
    """The data card."""
    try:
        manifest = read_manifest(folder)
    except CorpusError as error:
        fail(f"{error}")
    if as_json:
        print_json(manifest)
    else:
        print(render_card(manifest))


def _open_source(runs: Sequence[Path], reviews: Path | None, recipe: Recipe) -> Source:
    if bool(runs) == (reviews is not None):
        raise typer.BadParameter("name either runs of trees with --runs, or a review set with --reviews")
    if reviews is not None and recipe.review is not None:
        return ReviewSource(open_review_set(reviews), recipe.review)
    return order_runs([open_run(path) for path in runs])


def _finder(paths: Sequence[Path] | None, near: float) -> LeakFinder | None:
    """A frozen list without its cases still keeps out its groups and contents."""
    if not paths:
        return None
    try:
        frozen = {path: open_frozen(path) for path in paths if is_frozen(path)}
        alone = [one for one in frozen.values() if not one.has_cases]
        cases = [frozen[path].load() if path in frozen else load_cases(path)
                 for path in paths if path not in frozen or frozen[path].has_cases]  # fmt: skip
    except FrozenError as error:
        fail(f"{error}")
    listed = [(case.id, case.group, case.content_hash) for one in alone for case in one.cases]
    return LeakFinder((case for some in cases for case in some), near, listed=listed)


def _cases_of(runs: Sequence[Run], reviews: Path | None) -> dict[str, Any]:
    judged = open_review_set(reviews).cases().values() if reviews else ()
    return {name: case for run in runs for name, case in run.cases().items()} | {case.id: case for case in judged}
