"""Scores as lines of text, for the terminal."""

from collections.abc import Iterator

from medaction.metrics import BranchScore


def score_lines(score: BranchScore) -> Iterator[str]:
    """Shown after the truth: DTC reads it."""
    yield f"\nDTC {_figure(score.dtc)}, RAC {_figure(score.rac)}, grounding {_figure(score.grounding)},"
    yield f"coverage {_figure(score.coverage)} (our own operationalisation, version {score.metric_version})"
    yield from score.notes
    for turn in score.turns:
        shares = f"alignment {_figure(turn.alignment)}, RAC {_figure(turn.rac)}, grounding {_figure(turn.grounding)}"
        yield f"\nTurn {turn.number}: {shares}{', divergent' if turn.divergent else ''}"
        yield from (f"  {line}" for line in (turn.nearest, *turn.reasons) if line)


def _figure(value: float | None) -> str:
    return "not assessable" if value is None else f"{value:.2f}"
