"""A folder in which cases are tried, and then frozen. What was tried is kept, so that mining can go on.

``mining.json``   what decides the result; another rule or graph is refused
``tried.jsonl``   what became of each case, in their order
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson

import medaction
from medaction.bench.runs import BenchRun
from medaction.bench.sampling import sample_per_disease
from medaction.distill.lines import LineWriter, read_json_lines
from medaction.distill.manifest import code_hash, list_differences
from medaction.distill.pool import map_in_processes
from medaction.distill.runs import hold_run
from medaction.domain.case import Case
from medaction.formats.frozen import LIST, FrozenError, freeze_cases
from medaction.knowledge import KnowledgeGraph

from .choosing import HardRule, Tried, choose_hard
from .references import REFERENCES, begin, try_here

MINING, TRIED = "mining.json", "tried.jsonl"
WHAT = (
    "Cases that our reference policies fail: hard for these policies by construction, not hard as such. Their own "
    "figures on it are not comparable with other policies' figures. It is not the paper's MedAction-300-Hard."
)


class MiningError(ValueError):
    """Mining that cannot begin or go on. The message says what to do."""


def mine_hard(
    cases: Sequence[Case],
    folder: Path,
    graph: KnowledgeGraph,
    rule: HardRule,
    *,
    sources: Sequence[Mapping[str, Any]] = (),
    runs: Sequence[BenchRun] = (),
    cache: Path | None = None,
    processes: int = 1,
    on_tried: Callable[[], None] | None = None,
    on_begin: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Try every case, choose, freeze; the list's manifest.

    ``runs`` count as further reference runs, each sample as one, of the cases that they have; a case that too many of
    them solved is not tried. ``on_begin`` is told how many were tried before.
    Raises :class:`MiningError`, ``FrozenError``, ``PoolError`` and ``OSError``; ``KeyboardInterrupt`` keeps what was
    tried.
    """
    if (folder / LIST).exists():
        raise FrozenError(f"{folder} is frozen already; it is never written over, name another folder with --out")
    unique = choose_tries(cases, rule)
    known = read_outcomes(runs)
    folder.mkdir(parents=True, exist_ok=True)
    with hold_run(folder):
        about = _about(unique, graph, rule, sources, runs)
        _agree(folder / MINING, about)
        tried = [Tried.from_dict(record) for record in read_json_lines(folder / TRIED)]
        if [one.content_hash for one in tried] != [case.content_hash for case in unique[: len(tried)]]:
            raise MiningError(f"{folder / TRIED} holds other cases than these; name another folder with --out")
        if on_begin:
            on_begin(len(tried))
        work = ((case, dict(known.get(case.content_hash, {}))) for case in unique[len(tried) :])
        with LineWriter(folder / TRIED) as lines:
            for one in _try_all(work, rule, cache, processes):
                lines.append(orjson.dumps(one.to_dict()))
                tried.append(one)
                if on_tried:
                    on_tried()
        return _freeze(folder, unique, tried, rule, about)


def choose_tries(cases: Sequence[Case], rule: HardRule) -> list[Case]:
    """The cases that the rule has tried, each content once, in their order."""
    unique = list({case.content_hash: case for case in cases}.values())
    return unique if rule.tries is None else sample_per_disease(unique, rule.tries)


def read_outcomes(runs: Sequence[BenchRun]) -> dict[str, dict[str, bool]]:
    """By the case's content hash: whether each sample of each run gave the truth."""
    found: dict[str, dict[str, bool]] = defaultdict(dict)
    for run in runs:
        for record in run.records():
            name = f"{record['policy']} {run.fingerprint[:8]}#{record['sample']}"
            found[record["case_hash"]][name] = record["rank"] == 1
    return found


def _try_all(work: Any, rule: HardRule, cache: Path | None, processes: int) -> Any:
    if processes == 1:
        begin(cache, rule)
        yield from map(try_here, work)
        return
    with closing(map_in_processes(try_here, work, processes, start=begin, args=(cache, rule))) as results:
        yield from results


def _freeze(
    folder: Path, cases: Sequence[Case], tried: Sequence[Tried], rule: HardRule, about: dict[str, Any]
) -> dict[str, Any]:
    chosen, left_out = choose_hard(tried, rule)
    if not chosen:
        raise MiningError("no case is left: the reference policies solved all that can be solved; give more cases")
    by_hash = {case.content_hash: case for case in cases}
    told = [
        {"source": one.source, "system": one.system, "disease": one.disease, "solved": one.solved,
         "runs": len(one.right), "static_rank": one.static_rank}
        for one in chosen
    ]  # fmt: skip
    counts = {"tried": len(tried), "left_out": left_out}
    frozen = [by_hash[one.content_hash] for one in chosen]
    digest = freeze_cases(folder, frozen, told, {"what": WHAT, **about, **counts})
    return {"what": WHAT, **about, **counts, "n": len(chosen), "hash": digest, "cases": told}


def _about(
    cases: Sequence[Case],
    graph: KnowledgeGraph,
    rule: HardRule,
    sources: Sequence[Mapping[str, Any]],
    runs: Sequence[BenchRun],
) -> dict[str, Any]:
    """What decides the choice; no clock and no path, so that mining anew gives the same list."""
    return {
        "rule": rule.to_dict(),
        "references": [reference.name for reference in REFERENCES],
        "further_runs": [{"policy": run.manifest["policy"], "fingerprint": run.fingerprint} for run in runs],
        "versions": {"medaction": medaction.__version__, "policies": code_hash()},
        "graph": graph.hash,
        "sources": [dict(source) for source in sources],
    }


def _agree(path: Path, about: dict[str, Any]) -> None:
    if path.exists():
        found = list_differences(orjson.loads(path.read_bytes()), orjson.loads(orjson.dumps(about)))
        if found:
            raise MiningError(f"{path.parent} was begun otherwise ({'; '.join(found[:3])}); name another with --out")
    else:
        path.write_bytes(orjson.dumps(about, option=orjson.OPT_INDENT_2) + b"\n")
