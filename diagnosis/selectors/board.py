"""The reasoning board: how the differential moved, turn by turn, and on what evidence.

Until the knowledge graph judges updates, "unsupported" has a plain meaning: a hypothesis that entered or rose cites
nothing the case has shown; one that fell cites nothing against it, and no rival above it cites anything in its favour.
UNAVAILABLE and DUPLICATE answers support nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from diagnosis.selectors.shapes import Board, BoardRow, BoardTest, Evidence
from medaction.domain.actions import Hypothesis
from medaction.domain.observation import Observation, Outcome
from medaction.domain.tally import Tally
from medaction.domain.vocabulary import normalise


@dataclass(slots=True)
class BoardBuilder:
    """Fed with the branch in order; ``rows`` and ``dropped`` are those of the latest turn."""

    rows: tuple[BoardRow, ...] = ()
    dropped: tuple[str, ...] = ()
    _tests: list[BoardTest] = field(default_factory=list)
    _quotes: dict[str, str] = field(default_factory=dict)
    _supporting: set[str] = field(default_factory=set)
    _history: list[dict[str, int]] = field(default_factory=list)
    _tally: Tally = field(default_factory=Tally)

    def observe(self, observation: Observation) -> None:
        for segment in observation.segments:
            self._quotes[segment.id] = segment.text.strip()
            self._supporting.add(segment.id)
        for result in observation.results:
            self._quotes[result.id] = f"{result.name or result.order}: {result.text or result.outcome.value}"
            if result.outcome is Outcome.RESULT:
                self._supporting.add(result.id)
            self._tests.append(
                BoardTest(
                    name=result.name or result.order,
                    outcome=result.outcome.value,
                    text=result.text,
                    cost=result.cost,
                    turnaround_minutes=result.turnaround_minutes,
                    risk=result.risk,
                    turn=observation.turn,
                    result_id=result.id,
                )
            )
        self._tally = self._tally.add(observation.results)

    def consider(self, differential: Sequence[Hypothesis], *, cites: bool = True) -> None:
        """One turn's differential, best first. A turn without one leaves the board as it was.

        ``cites``: whoever took the turn was to cite evidence; else nothing is "unsupported" for want of a citation.
        """
        if not differential:
            self._history.append(self._history[-1] if self._history else {})
            return
        before = {normalise(row.dx): row for row in self.rows}
        self._history.append({normalise(hypothesis.dx): rank for rank, hypothesis in enumerate(differential, 1)})
        rows: list[BoardRow] = []
        rival_supported = False
        for rank, hypothesis in enumerate(differential, 1):
            row = self._row(rank, hypothesis, before.get(normalise(hypothesis.dx)), rival_supported)
            row = row if cites else replace(row, unsupported=False)
            rival_supported |= self._counts(hypothesis.supporting)
            rows.append(row)
        self.dropped = tuple(row.dx for key, row in before.items() if key not in self._history[-1])
        self.rows = tuple(rows)

    def build(self) -> Board:
        return Board(
            differential=self.rows,
            dropped=self.dropped,
            tests=tuple(self._tests),
            cost=self._tally.cost,
            cost_known=self._tally.results > self._tally.unpriced,
            turnaround_minutes=self._tally.turnaround_minutes,
            worst_risk=self._tally.risk,
            ordered=self._tally.results,
        )

    def evidence(self, ids: Iterable[str]) -> tuple[Evidence, ...]:
        return tuple(Evidence(cited, self._quotes.get(cited, ""), cited in self._quotes) for cited in ids)

    def _row(self, rank: int, hypothesis: Hypothesis, before: BoardRow | None, rival_supported: bool) -> BoardRow:
        change = _change(rank, before)
        if change == "down":
            unsupported = not (rival_supported or self._counts(hypothesis.contradicting))
        else:
            unsupported = change != "same" and not self._counts(hypothesis.supporting)
        known = before is not None and before.p is not None and hypothesis.p is not None
        key = normalise(hypothesis.dx)
        return BoardRow(
            dx=hypothesis.dx,
            p=hypothesis.p,
            rank=rank,
            change=change,
            delta=round(hypothesis.p - before.p, 4) if known else None,
            supporting=self.evidence(hypothesis.supporting),
            contradicting=self.evidence(hypothesis.contradicting),
            unsupported=unsupported,
            ranks=tuple(ranks.get(key) for ranks in self._history),
        )

    def _counts(self, ids: Iterable[str]) -> bool:
        return any(cited in self._supporting for cited in ids)


def _change(rank: int, before: BoardRow | None) -> str:
    if before is None:
        return "new"
    return "same" if rank == before.rank else "up" if rank < before.rank else "down"
