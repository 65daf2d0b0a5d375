"""The `medaction` command. `app` holds the application; each other module adds its commands when it is imported."""

from __future__ import annotations

import os

# Before numpy is loaded. Sums over several threads round differently from run to run and machine to machine, and for
# vectors as short as ours threads cost more than they bring: growing a tree takes half the time without.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from medaction.cli import (
    bench,
    bench_compare,
    bench_hard,
    bench_judge,
    bench_list,
    bench_report,
    cases,
    dataset,
    distill,
    distill_score,
    distill_show,
    doctor,
    kg,
    kg_findings,
    play,
    serve_model,
    serve_policy,
    train,
    train_export,
)
from medaction.cli.app import app

__all__ = [
    "app",
    "bench",
    "bench_compare",
    "bench_hard",
    "bench_judge",
    "bench_list",
    "bench_report",
    "cases",
    "dataset",
    "distill",
    "distill_score",
    "distill_show",
    "doctor",
    "kg",
    "kg_findings",
    "main",
    "play",
    "serve_model",
    "serve_policy",
    "train",
    "train_export",
]


def main() -> None:
    """Entry point of the `medaction` script."""
    app()
