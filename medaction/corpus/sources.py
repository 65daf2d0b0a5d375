"""What a version is written from: runs of grown trees here, people's judgements in ``reviewed.source``."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from medaction.distill.runs import Run
from medaction.formats.training import RowFormat, TreeMaterial

from .errors import CorpusError
from .materials import read_materials


class Source(Protocol):
    @property
    def runs(self) -> Sequence[Run]:
        """Those that the manifest names."""

    @property
    def size(self) -> int:
        """How many trees there are to read."""

    @property
    def nothing(self) -> str:
        """Why no row came out, when none does."""

    def trees(self, row_format: RowFormat) -> Iterator[tuple[TreeMaterial, bool]]:
        """In an order that is always the same. With each, whether the graph may offer what it has from the case's own
        publication."""

    def tell(self) -> dict[str, Any]:
        """What else the manifest says of it, once the trees were read."""


@dataclass(frozen=True, slots=True)
class GrownSource:
    runs: Sequence[Run]
    nothing: str = "the runs hold no branch that their verdicts keep"

    @property
    def size(self) -> int:
        return sum(int(run.manifest["cases"]["n"]) for run in self.runs)

    def trees(self, row_format: RowFormat) -> Iterator[tuple[TreeMaterial, bool]]:
        for run in self.runs:
            own_paper = bool(run.manifest["shape"].get("own_paper"))
            for tree in read_materials(run, scores=row_format.reads_scores):
                yield tree, own_paper

    def tell(self) -> dict[str, Any]:
        return {}


def order_runs(runs: Sequence[Run]) -> GrownSource:
    """By their fingerprints. Raises :class:`CorpusError` for a run that is given twice."""
    ordered = sorted(runs, key=lambda run: run.fingerprint)
    if len({run.fingerprint for run in ordered}) != len(ordered):
        raise CorpusError("one of the runs is given twice")
    return GrownSource(ordered)
