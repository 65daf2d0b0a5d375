"""`medaction bench`: score a policy or a model on a case file."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from medaction.bench import BenchSettings, run_bench
from medaction.bench.sampling import sample_per_disease
from medaction.cli.app import app, fail, print_json
from medaction.cli.case_files import load_cases, load_lab_terms
from medaction.cli.policies import load_graph, load_policy
from medaction.cli.progress import show_progress
from medaction.distill.policies import Policy
from medaction.domain.noise import NoiseSettings
from medaction.inference.errors import ModelError

bench = typer.Typer(help="Benchmarks of policies and models.", no_args_is_help=True)
app.add_typer(bench, name="bench")


class Noise(StrEnum):
    TYPOS = "typos"
    PARAPHRASE = "paraphrase"


def _noise_settings(kind: Noise | None, share: float, seed: int) -> NoiseSettings | None:
    if kind is None:
        return None
    return NoiseSettings(seed, typos=share) if kind is Noise.TYPOS else NoiseSettings(seed, paraphrases=share)


@bench.callback()
def options() -> None:
    """Benchmarks of policies and models."""


@bench.command()
def run(
    cases: Annotated[Path, typer.Option(help="Case file, JSONL or JSONL.gz of any format that can be read.")],
    policy: Annotated[str | None, typer.Option(help="A policy: kg, or scripted:walk.")] = None,
    model: Annotated[str | None, typer.Option(help="A model's name, with --base-url.")] = None,
    base_url: Annotated[str | None, typer.Option(help="An OpenAI-compatible server.")] = None,
    api_key: Annotated[str, typer.Option(envvar="MODEL_API_KEY", help="The server's key.", show_envvar=True)] = "",
    format: Annotated[str, typer.Option(help="Format of the case file.")] = "auto",  # noqa: A002 - users' word
    static: Annotated[bool, typer.Option("--static", help="Give all evidence at once.")] = False,
    limit: Annotated[int | None, typer.Option(help="Only the first cases.", min=1)] = None,
    horizon: Annotated[int, typer.Option(help="Turns a policy has.", min=1, max=50)] = 5,
    menu_visible: Annotated[bool, typer.Option("--menu-visible", help="Show the names of the tests.")] = False,
    parallel: Annotated[int, typer.Option(help="Episodes at a time.", min=1, max=64)] = 1,
    without_own_paper: Annotated[
        bool, typer.Option("--without-own-paper", help="Do not use annotations that cite a case's own references.")
    ] = False,
    per_disease: Annotated[int | None, typer.Option(help="At most so many cases of each disease.", min=1)] = None,
    lab_terms: Annotated[Path | None, typer.Option(help="A loinc2hpo table, for laboratory results.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the bootstrap.", min=0)] = 0,
    noise: Annotated[Noise | None, typer.Option(help="Orders arrive less well written than they were.")] = None,
    noise_share: Annotated[float, typer.Option(help="The share of orders that get noise.", min=0, max=1)] = 0.5,
    noise_seed: Annotated[int, typer.Option(help="Seed of the noise.", min=0)] = 0,
    cache: Annotated[Path | None, typer.Option(envvar="MEDACTION_CACHE", help="Folder of the compiled graph.")] = None,
    out: Annotated[Path | None, typer.Option("--json", help="Write the whole report here.")] = None,
) -> None:
    """Run every case and print the figures; --json keeps them, with one record per case."""
    if (policy is None) == (base_url is None):
        raise typer.BadParameter("give either --policy, or --model with --base-url")
    if without_own_paper and policy is None:
        raise typer.BadParameter("--without-own-paper needs a policy that reads the graph: a model keeps what it knows")
    loaded = load_cases(cases, format, limit, labs=load_lab_terms(lab_terms))
    loaded = loaded if per_disease is None else sample_per_disease(loaded, per_disease)
    graph = load_graph(cache)
    chosen = load_policy(policy, graph, model=model, base_url=base_url, api_key=api_key)
    try:
        orders = _noise_settings(noise, noise_share, noise_seed)
        settings = BenchSettings(static, horizon, menu_visible, parallel, seed, orders, without_own_paper)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error

    async def measure(with_policy: Policy) -> dict[str, Any]:
        with show_progress("Cases", len(loaded)) as advance:
            try:
                return await run_bench(loaded, with_policy, graph, settings, on_done=lambda _: advance())
            finally:
                await with_policy.aclose()

    try:
        report = asyncio.run(measure(chosen))
    except ModelError as error:
        fail(f"no figures: {error}")
    if out is not None:
        out.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    print_json({key: value for key, value in report.items() if key != "cases"})
