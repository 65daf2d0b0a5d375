"""Benchmarks by name: what each is, which file it needs, under which licence, and by which protocol it is run."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from medaction.formats.frozen import LIST

from .settings import OWN

TEACHING = "teaching"


class NotHereError(ValueError):
    """A benchmark whose file is not where it was looked for. The message says what to get, and where to put it."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """``places``: where its file is looked for below a data folder, as patterns. ``options``: of `bench run`, for
    figures that can be compared."""

    name: str
    title: str
    needs: str
    licence: str
    source: str
    places: tuple[str, ...]
    protocols: tuple[str, ...] = (OWN,)
    options: str = ""
    note: str = ""

    def find(self, data: Path | None) -> Path | None:
        """Its file below the folder; for what the package has itself, always there."""
        if self.name == TEACHING:
            return Path(str(files("medaction.cases")))
        return next(self._look(data), None) if data is not None else None

    def _look(self, data: Path) -> Iterator[Path]:
        for place in self.places:
            yield from sorted(data.glob(place))


BENCHMARKS = {
    benchmark.name: benchmark
    for benchmark in (
        Benchmark(
            TEACHING,
            "Teaching cases of this project",
            "nothing: the cases are in the package",
            "Apache-2.0",
            "this project",
            (),
            note="synthetic, written for teaching; the graph was corrected while they were written",
        ),
        Benchmark(
            "agentclinic",
            "AgentClinic (MedQA)",
            "cases.jsonl in AgentClinic's own schema",
            "MIT",
            "github.com/SamuelSchmidgall/AgentClinic",
            ("agentclinic/*.jsonl*", "agentclinic*.jsonl*"),
            note="written from exam vignettes, no real patients",
        ),
        Benchmark(
            "phenopackets",
            "Phenopacket Store",
            "GA4GH phenopackets, one a line",
            "BSD-3-Clause",
            "github.com/monarch-initiative/phenopacket-store",
            ("phenopackets/*.jsonl*", "phenopackets*.jsonl*"),
            options="--without-own-paper --per-disease 2",
            note="published patients; the graph cites some of their papers, so their own are left out",
        ),
        Benchmark(
            "medrbench",
            "MedR-Bench",
            "diagnosis_*.json, which you download yourself",
            "see the articles and the repository",
            "github.com/MAGIC-AI4Med/MedRBench",
            ("medrbench/diagnosis_*.json*", "MedRBench/diagnosis_*.json*", "diagnosis_*.json*"),
            ("medrbench-1turn", "medrbench-free", "medrbench-oracle", OWN),
            note="published case reports; our figures are not comparable with published ones",
        ),
        Benchmark(
            "hard",
            "MedAction-Hard",
            "a folder that `medaction bench mine-hard` has frozen, from your own case files",
            "that of the case files",
            "mined from your own case files",
            (f"hard/{LIST}", f"*/{LIST}", LIST),
            options="--without-own-paper, for policies that read the graph (scores the cases with references)",
            note="hard for our reference policies by construction; not the paper's MedAction-300-Hard",
        ),
    )
}


def find_benchmark(name: str, data: Path | None) -> Path | None:
    """The file of a benchmark of this name; None where no benchmark has the name. Raises :class:`NotHereError`."""
    benchmark = BENCHMARKS.get(name)
    if benchmark is None:
        return None
    if (found := benchmark.find(data)) is not None:
        return found
    where = f"{data} has no {' or '.join(benchmark.places)}" if data else "no data folder is given"
    raise NotHereError(
        f"the benchmark {name} needs {benchmark.needs}, and {where}; name the folder with --data or MEDACTION_DATA, or "
        "give the file itself with --cases"
    )
