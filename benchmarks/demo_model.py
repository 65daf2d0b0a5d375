"""The demo model, tuned and not, against the graph policy, on the same cases.

`python -m benchmarks.demo_model --out DIR [--agentclinic FILE] [--phenopackets FILE] [--each N] [--only NAME …]`.
Cases: our teaching cases, AgentClinic, and the half of the phenopackets whose groups were kept from training; of each
the first N by the hash of their ids, with phenopackets one a disease and without their own papers. Records are kept in
DIR, so a run that is stopped goes on; cases that all have are compared. `free` writes without a schema: only there is
a valid turn the model's own merit. A turn counts as valid by the first answer, before any repair.

All but `base` and `kg` are offered candidates and tests by the graph that `kg` decides with: what they add to it, or
lose, is the difference to `kg`, not the accuracy.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from medaction.bench import BenchSettings, bench_case, build_report
from medaction.bench.compare import compare_runs
from medaction.bench.sampling import keep_told_elsewhere, sample_per_disease
from medaction.bench.statistics import estimate
from medaction.distill.policies import Policy
from medaction.distill.policies.assisted import AssistedPolicy, AssistedPrompt
from medaction.distill.policies.chat import ChatPolicy, ChatSettings
from medaction.distill.policies.kg import KgPolicy
from medaction.domain.actions import Turn
from medaction.domain.case import Case
from medaction.formats.readers import read_cases
from medaction.formats.teaching import load_teaching_cases
from medaction.inference.embedded import EmbeddedServer, EmbeddedSettings
from medaction.inference.openai_compatible import OpenAICompatibleModel
from medaction.inference.timeouts import Timeouts
from medaction.inference.weights import find_adapter
from medaction.knowledge import KnowledgeGraph, open_graph

SETTINGS = BenchSettings(without_own_paper=True)
PATIENT = Timeouts(first_token=600, idle=600, total=1200)
TOKENS = 400
PAIRED = ("top1", "top3", "truth_p")
SHOWN = ("grounding", "dtc", "rac", "coverage", "placebo_rate", "unavailable_rate", "truth_p")


@dataclass(frozen=True)
class Variant:
    """``tuned``: with the adapter. ``assisted``: in the short form. ``free``: without a schema."""

    name: str
    tuned: bool = False
    assisted: bool = False
    free: bool = False


VARIANTS = (
    Variant("kg"),
    Variant("base"),
    Variant("base-assisted", assisted=True),
    Variant("tuned-free", tuned=True, assisted=True, free=True),
    Variant("tuned", tuned=True, assisted=True),
    Variant("base-assisted-free", assisted=True, free=True),
)


def is_held_out(case: Case) -> bool:
    """The half of the groups that no training sees."""
    return sha256(case.group_key.encode()).digest()[0] >= 128


def choose_cases(graph: KnowledgeGraph, agentclinic: Path | None, phenopackets: Path | None, each: int) -> list[Case]:
    sources: list[Sequence[Case]] = [load_teaching_cases()]
    if agentclinic:
        sources.append(_read(agentclinic))
    if phenopackets:
        held = keep_told_elsewhere(graph, [case for case in _read(phenopackets) if is_held_out(case)])
        sources.append(sample_per_disease(held, 1))
    picked = [sorted(cases, key=lambda case: sha256(case.id.encode()).digest())[:each] for cases in sources]
    # By turns, so that a run that is cut short has some of each.
    return [cases[place] for place in range(each) for cases in picked if place < len(cases)]


def _read(path: Path) -> list[Case]:
    return [row.case for row in read_cases(path, "auto") if row.case is not None]


def open_variant(variant: Variant, graph: KnowledgeGraph, url: str) -> Policy:
    if not url:
        return KgPolicy(graph)
    model = OpenAICompatibleModel(base_url=url, timeouts=PATIENT)
    settings = ChatSettings(max_tokens=TOKENS, constrained=not variant.free)
    return (
        AssistedPolicy(model, AssistedPrompt(KgPolicy(graph)), settings)
        if variant.assisted
        else ChatPolicy(model, settings)
    )


async def run_variant(
    variant: Variant, cases: Sequence[Case], graph: KnowledgeGraph, file: Path, url: str, parallel: int
) -> None:
    done = {record["id"] for record in read_variant(file.parent, variant)}
    limit = asyncio.Semaphore(parallel)
    policy = open_variant(variant, graph, url)

    async def run_one(case: Case) -> None:
        async with limit:
            record = await bench_case(case, policy, graph, SETTINGS)
            with file.open("a", encoding="utf-8") as out:
                out.write(json.dumps(record) + "\n")
            print(
                f"{variant.name}: {case.id} {'right' if record['rank'] == 1 else 'wrong'} {record['seconds']:.0f} s",
                flush=True,
            )

    try:
        await asyncio.gather(*(run_one(case) for case in cases if case.id not in done))
    finally:
        await policy.aclose()


def read_variant(folder: Path, variant: Variant) -> list[dict[str, Any]]:
    return [r for file in sorted(folder.glob(f"{variant.name}.[0-9]*.jsonl")) for r in read_records(file)]


def read_records(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.is_file() else []


def valid_turns(records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The share of turns whose first answer could be used."""
    hits, of = [], []
    for record in records:
        steps = record["branch"]["steps"]
        hits.append(float(sum(Turn.from_dict(s["turn"]).valid and s["rejected"] is None for s in steps)))
        of.append(float(len(steps)))
    return estimate(hits, [record["group"] for record in records], weights=of, share=True)


def summarise(folder: Path) -> dict[str, Any]:
    held = {variant.name: read_variant(folder, variant) for variant in VARIANTS}
    held = {name: records for name, records in held.items() if records}
    reports = {
        name: build_report(records, {"policy": name, **SETTINGS.to_dict(), "graph": records[0]["graph"]})
        for name, records in held.items()
    }
    pairs = []
    if "tuned-free" in reports:
        for other in reports.keys() - {"tuned-free"}:
            compared = compare_runs([reports["tuned-free"], reports[other]], force_common=True)
            figures = compared["pairs"][0]["figures"]
            pairs.append({"other": other, "n": compared["n"], **{name: figures[name] for name in PAIRED}})
    return {
        "variants": {
            name: {
                "n": report["n"],
                "top1": report["figures"]["top1"],
                "top3": report["figures"]["top3"],
                "valid_turns": valid_turns(held[name]),
                "turns": report["turns"],
                "calibration": {key: report["calibration"][key] for key in ("n", "brier", "ece")},
                **{key: report["figures"].get(key) for key in SHOWN},
                "sources": {source: _accuracy(held[name], source) for source in ("teach", "agentclinic", "PMID")},
                "graph": report["graph"],
                "metric_version": report["metric_version"],
            }
            for name, report in reports.items()
        },
        "tuned_free_minus": pairs,
    }


def _accuracy(records: Sequence[dict[str, Any]], source: str) -> str:
    right = [record["rank"] == 1 for record in records if record["group"].startswith(source)]
    return f"{sum(right)}/{len(right)}"


def show(summary: dict[str, Any], console: Console) -> None:
    table = Table(title="tuned and untuned, with and without the graph's help")
    names = ("", "n", "top-1", "top-3", "valid turns", "ECE", "Brier", *SHOWN)
    for name in names:
        table.add_column(name)
    for name, row in summary["variants"].items():
        figures = [row["top1"], row["top3"], row["valid_turns"]]
        calibration = [str(row["calibration"][key]) for key in ("ece", "brier")]
        table.add_row(name, str(row["n"]), *map(_told, figures), *calibration, *(_told(row[key]) for key in SHOWN))
    console.print(table)
    for pair in summary["tuned_free_minus"]:
        figures = {name: pair[name] for name in PAIRED}
        console.print(f"tuned-free - {pair['other']}: n {pair['n']}, {json.dumps(figures)}")


def _told(figure: dict[str, Any] | None) -> str:
    if figure is None or figure["value"] is None:
        return "–"
    return f"{figure['value']:.2f} ({figure['ci'][0]:.2f}–{figure['ci'][1]:.2f}, n {figure['n']})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--agentclinic", type=Path)
    parser.add_argument("--phenopackets", type=Path)
    parser.add_argument("--each", type=int, default=20)
    parser.add_argument("--only", nargs="*", default=[variant.name for variant in VARIANTS])
    parser.add_argument("--adapter", type=Path, help="instead of the one that comes with the project")
    parser.add_argument("--shard", default="0/1", help="I/K: every K-th case from the I-th on, beside other processes")
    parser.add_argument("--parallel", type=int, default=4)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--cache", type=Path)
    options = parser.parse_args()
    graph = open_graph(options.cache)
    options.out.mkdir(parents=True, exist_ok=True)
    cases = choose_cases(graph, options.agentclinic, options.phenopackets, options.each)
    first, of = map(int, options.shard.split("/"))
    cases = cases[first::of]
    for variant in VARIANTS:
        if variant.name not in options.only:
            continue
        file = options.out / f"{variant.name}.{first}.jsonl"
        if variant.name == "kg":
            asyncio.run(run_variant(variant, cases, graph, file, "", 1))
            continue
        adapters = (options.adapter or find_adapter(),) if variant.tuned else ()
        settings = EmbeddedSettings(
            adapters=adapters,
            parallel=options.parallel,
            threads=options.threads,
            context_tokens=6144,
            requantise_in=options.out / "weights",
        )
        server = EmbeddedServer(settings)
        try:
            asyncio.run(run_variant(variant, cases, graph, file, server.served.url, options.parallel))
        finally:
            server.stop()
    summary = summarise(options.out)
    (options.out / "summary.json").write_text(json.dumps(summary, indent=2), encoding="utf-8")
    show(summary, Console(width=200))


if __name__ == "__main__":
    main()
