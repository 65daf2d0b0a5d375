"""`medaction bench`: score a policy or a model on a case file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console

from medaction.bench.crew import Job
from medaction.bench.protocols import PROTOCOLS, follow_protocol
from medaction.bench.sampling import sample_per_disease
from medaction.bench.settings import OWN, BenchSettings
from medaction.cli.app import app, print_json
from medaction.cli.bench_running import run_job
from medaction.cli.bench_summary import print_summary
from medaction.cli.case_files import find_cases, load_cases, load_lab_terms
from medaction.cli.judge_asking import JudgeOptions, judge_records
from medaction.cli.policies import load_graph
from medaction.distill.policies.assisted import NAME as ASSISTED
from medaction.distill.policies.teachers import CHAT, Teachers
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
    cases: Annotated[Path, typer.Option(help="A case file of any format, a benchmark's name, or a frozen folder.")],
    policy: Annotated[str | None, typer.Option(help="kg, kg-dropout, random, anchored, or scripted:walk.")] = None,
    model: Annotated[str | None, typer.Option(help="A model's name, with --base-url.")] = None,
    base_url: Annotated[str | None, typer.Option(help="An OpenAI-compatible server.")] = None,
    api_key: Annotated[str, typer.Option(envvar="MODEL_API_KEY", help="The server's key.", show_envvar=True)] = "",
    adapter: Annotated[str, typer.Option(help="With --policy assisted: an adapter that llama.cpp has loaded.")] = "",
    free: Annotated[bool, typer.Option("--free", help="A model is not held to the schema of a turn.")] = False,
    max_tokens: Annotated[int | None, typer.Option(help="The longest answer of a model.", min=1)] = None,
    patience: Annotated[float | None, typer.Option(help="Seconds to wait for a model's first words.", min=1)] = None,
    format: Annotated[str, typer.Option(help="Format of the case file.")] = "auto",  # noqa: A002 - users' word
    protocol: Annotated[str, typer.Option(help=f"One of {', '.join(PROTOCOLS)}.")] = OWN,
    static: Annotated[bool, typer.Option("--static", help="Give all evidence at once.")] = False,
    regret: Annotated[
        bool, typer.Option("--regret", help="Read each case twice more at once: own evidence, and all.")
    ] = False,
    permutations: Annotated[int, typer.Option(help="Read all evidence so often in another order.", min=0, max=100)] = 0,
    samples: Annotated[int, typer.Option(help="Runs of each case, with --temperature.", min=1, max=100)] = 1,
    temperature: Annotated[float | None, typer.Option(help="How far samples differ, 0 to 2.", min=0, max=2)] = None,
    limit: Annotated[int | None, typer.Option(help="Only the first cases.", min=1)] = None,
    horizon: Annotated[int, typer.Option(help="Turns a policy has.", min=1, max=50)] = 5,
    menu_visible: Annotated[bool, typer.Option("--menu-visible", help="Show the names of the tests.")] = False,
    parallel: Annotated[int, typer.Option(help="Cases at a time, for a model over a network.", min=1, max=64)] = 1,
    retries: Annotated[int, typer.Option(help="Begin a case again so often when a server fails.", min=0)] = 2,
    processes: Annotated[int, typer.Option(help="Processes, for a policy that computes.", min=1, max=64)] = 1,
    without_own_paper: Annotated[
        bool, typer.Option("--without-own-paper", help="Do not use annotations that cite a case's own references.")
    ] = False,
    per_disease: Annotated[int | None, typer.Option(help="At most so many cases of each disease.", min=1)] = None,
    data: Annotated[Path | None, typer.Option(envvar="MEDACTION_DATA", help="Where benchmarks' files lie.")] = None,
    judge_model: Annotated[str, typer.Option(help="A judge for what concept match cannot decide.")] = "",
    judge_url: Annotated[str, typer.Option(help="The judge's OpenAI-compatible server.")] = "",
    judge_api_key: Annotated[str, typer.Option(envvar="JUDGE_API_KEY", help="Its key.", show_envvar=True)] = "",
    lab_terms: Annotated[Path | None, typer.Option(help="A loinc2hpo table, for laboratory results.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of bootstrap, samples and orders of evidence.", min=0)] = 0,
    noise: Annotated[Noise | None, typer.Option(help="Orders arrive less well written than they were.")] = None,
    noise_share: Annotated[float, typer.Option(help="The share of orders that get noise.", min=0, max=1)] = 0.5,
    noise_seed: Annotated[int, typer.Option(help="Seed of the noise.", min=0)] = 0,
    cache: Annotated[Path | None, typer.Option(envvar="MEDACTION_CACHE", help="Folder of the compiled graph.")] = None,
    out: Annotated[Path | None, typer.Option(help="Keep the run in this directory; killed, it goes on there.")] = None,
    json_out: Annotated[Path | None, typer.Option("--json", help="Write the whole report here.")] = None,
) -> None:
    """Run every case and print the figures, in a pipe as JSON; --json keeps them, with one record per case."""
    if (policy is None or policy == ASSISTED) != (base_url is not None):
        raise typer.BadParameter("give either --policy, or --model with --base-url; the policy assisted needs both")
    if without_own_paper and policy is None:
        raise typer.BadParameter("--without-own-paper needs a policy that reads the graph: a model keeps what it knows")
    if processes > 1 and parallel > 1:
        raise typer.BadParameter("give --parallel (a model over a network) or --processes (a policy that computes)")
    try:
        settings = BenchSettings(
            static=static,
            horizon=horizon,
            menu_visible=menu_visible,
            seed=seed,
            noise=_noise_settings(noise, noise_share, noise_seed),
            without_own_paper=without_own_paper,
            samples=samples,
            temperature=temperature,
            regret=regret,
            permutations=permutations,
        )
        settings = follow_protocol(protocol, settings)
        name = policy or CHAT
        headed = PROTOCOLS[protocol].headed
        teachers = Teachers(
            ((name, 1.0),),
            model=model or "",
            base_url=base_url or "",
            api_key=api_key,
            headed=headed,
            adapter=adapter,
            constrained=not free,
            max_tokens=max_tokens,
            patience=patience,
        )
    except (ModelError, ValueError) as error:
        raise typer.BadParameter(str(error)) from error
    if bool(judge_model) != bool(judge_url):
        raise typer.BadParameter("a judge needs both --judge-model and --judge-url")
    loaded = load_cases(find_cases(cases, data), format, limit, labs=load_lab_terms(lab_terms))
    loaded = loaded if per_disease is None else sample_per_disease(loaded, per_disease)
    job = Job(teachers, settings, cache, retries)
    report = run_job(loaded, job, load_graph(cache), source=cases.name, out=out, processes=processes, parallel=parallel)
    if judge_model:
        options = JudgeOptions(judge_model, judge_url, judge_api_key, parallel)
        report["judged"] = judge_records(report["cases"], options, run=out, seed=seed)
    if json_out is not None:
        json_out.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    console = Console()
    if console.is_terminal:
        print_summary(report, console)
    else:
        print_json({key: value for key, value in report.items() if key != "cases"})
