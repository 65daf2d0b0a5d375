"""P7, the graph's part: build, load, memory, and questions a second; distances beside networkx.

`python -m benchmarks.graph [--pairs 10000] [--cache DIR] [--json FILE]`. Build and load run in fresh processes. Each
distance is compared with networkx's `shortest_path_length` over the same links, when networkx is installed (it is a
tool of this benchmark only: `pip install networkx`); without it the table says that nothing was compared.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

from rich.console import Console

from benchmarks.numbers import Figure
from benchmarks.report import Row, as_json, show
from medaction.knowledge import KnowledgeGraph, find_relation, open_graph
from medaction.knowledge.compiling.network import list_links

# The process's own peak, in MB. (`getrusage` would count the parent's, from before the new program began.)
PEAK = """next(int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))"""
BUILD = """
import sys, time
from pathlib import Path
from medaction.knowledge.compiling.assemble import build_graph
from medaction.knowledge.sources.places import find_places
wall, cpu = time.perf_counter(), time.process_time()
build_graph(find_places(), Path(sys.argv[1]) / "graph.kg")
print(time.perf_counter() - wall, time.process_time() - cpu, PEAK)
""".replace("PEAK", PEAK)
LOAD = """
import sys, time
from pathlib import Path
from medaction.knowledge import open_graph
wall = time.perf_counter()
graph = open_graph(Path(sys.argv[1]))
graph.concept("STEMI"), graph.similarity("MA:myasthenia_gravis", "OMIM:254200")
print(time.perf_counter() - wall, PEAK)
""".replace("PEAK", PEAK)
RUNS = 5


def in_fresh_process(program: str, argument: Path) -> list[float]:
    done = subprocess.run([sys.executable, "-c", program, str(argument)], check=True, capture_output=True, text=True)
    return [float(word) for word in done.stdout.split()]


def per_second(ask: Callable[[Any], object], questions: Sequence[Any]) -> Figure:
    """Questions a second in five equal parts: median, worst."""
    part = max(1, len(questions) // RUNS)
    rates = []
    for start in range(0, part * RUNS, part):
        began = perf_counter()
        for question in questions[start : start + part]:
            ask(question)
        rates.append(part / (perf_counter() - began))
    return Figure(statistics.median(rates), min(rates), RUNS)


def compare_distances(graph: KnowledgeGraph, pairs: Sequence[tuple[int, int]]) -> tuple[int, float] | None:
    """(pairs that differ from networkx, its pairs a second); None when it is not installed."""
    if find_spec("networkx") is None:
        return None
    import networkx

    network = networkx.Graph()
    network.add_nodes_from(range(len(graph.arrays["concept_kinds"])))
    network.add_edges_from(list_links(dict(graph.arrays), len(network)).tolist())
    own = [graph.paths.distance(one, other) for one, other in pairs]
    began = perf_counter()
    theirs: list[int | None] = []
    for one, other in pairs:
        try:
            theirs.append(networkx.shortest_path_length(network, one, other))
        except networkx.NetworkXNoPath:
            theirs.append(None)
    seconds = perf_counter() - began
    return sum(a != b for a, b in zip(own, theirs, strict=True)), len(pairs) / seconds


def measure(cache: Path, pair_count: int) -> tuple[list[Row], list[str], str]:
    with tempfile.TemporaryDirectory() as folder:
        built = [in_fresh_process(BUILD, Path(folder)) for _ in range(2)]
    graph = open_graph(cache)
    loads = [in_fresh_process(LOAD, cache) for _ in range(RUNS)]
    chance = random.Random(7)
    count = len(graph.arrays["concept_kinds"])
    pairs = [(chance.randrange(count), chance.randrange(count)) for _ in range(pair_count)]
    starts = graph.arrays["edge_starts"]
    diseases = [n for n in range(count) if starts[n] < starts[n + 1]]
    disease_pairs = [(chance.choice(diseases), chance.choice(diseases)) for _ in range(2_000)]
    names = [f"possible {graph.at(chance.choice(diseases)).name}" for _ in range(2_000)]
    asked = [(graph.at(chance.choice(diseases)), graph.at(int(graph.arrays["edge_finding"][n]))) for n in range(2_000)]
    rows = [
        figure_row("build, wall", [run[0] for run in built], "s", 20),
        figure_row("build, processor", [run[1] for run in built], "s"),
        figure_row("build, memory", [run[2] for run in built], "MB"),
        figure_row("load and first answers", [run[0] for run in loads], "s", 0.5),
        figure_row("memory of that process", [run[1] for run in loads], "MB", 150),
        Row("P7", "distance, random pairs", per_second(lambda p: graph.paths.distance(*p), pairs), "/s", 2_000, True),
        Row("P7", "similarity", per_second(lambda p: graph.similarity_index.of(*p), disease_pairs), "/s"),
        Row("P7", "relation", per_second(lambda a: find_relation(graph, a[1], a[0]), asked), "/s"),
        Row("P7", "name linked", per_second(graph.concept, names), "/s"),
    ]
    compared = compare_distances(graph, pairs)
    if compared is None:
        return rows, ["networkx: not run, it is not installed; no distance was compared."], graph.hash
    different, rate = compared
    rows.append(Row("P7", "distance by networkx, same pairs", Figure(rate, rate, 1), "/s"))
    rows.append(Row("P7", f"of {pair_count:,} distances, different", Figure(different, different, 1), "", 0))
    return rows, [], graph.hash


def figure_row(what: str, values: Sequence[float], unit: str, aim: float | None = None) -> Row:
    return Row("P7", what, Figure(statistics.median(values), max(values), len(values)), unit, aim)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.graph", description=__doc__.split("\n")[0])
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "medaction-benchmark")
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    rows, notes, graph_hash = measure(arguments.cache, arguments.pairs)
    show(Console(), rows, notes)
    if arguments.json:
        report = as_json(rows, notes, graph=graph_hash)
        arguments.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
