"""The report of a run: a pure function of its records."""

from collections.abc import Mapping, Sequence
from typing import Any

from medaction.metrics.aggregate import VALUES, summarise_scores
from medaction.metrics.judge import Verdict
from medaction.metrics.scores import BranchScore, Ratio

from .calibration import calibrate_records
from .curves import draw_curves
from .figures import list_figures
from .ordering import summarise_orders
from .regret import summarise_regret
from .statistics import estimate

REPORT_FORMAT = "medaction.bench.report/1"
Record = Mapping[str, Any]


class MixedRecordsError(ValueError):
    """Records of different graphs or metric versions, or one record twice: they make no report."""


def build_report(records: Sequence[Record], about: Mapping[str, Any], *, seed: int = 0) -> dict[str, Any]:
    """The figures of spec §6 at the top level, each with its interval under ``figures``; ``cases`` are the records
    without their ``branch``. ``about`` says what was run; its ``policy`` stands before that of the records.

    ``n`` counts cases; with several samples a case counts as the mean of its samples. Raises
    :class:`MixedRecordsError`.
    """
    _refuse_mixed(records)
    figures = list_figures(records, seed=seed)
    active = [record for record in records if not record["static"]]
    metrics = summarise_scores([read_score(r) for r in active], groups=[r["group"] for r in active], seed=seed)
    del metrics["calibration"]
    orders = sum(record["orders"] for record in records)
    unavailable = sum(record["unavailable"] for record in records)
    return {
        "format": REPORT_FORMAT,
        "policy": next((record["policy"] for record in records), None),
        **about,
        "n": len({record["id"] for record in records}),
        "records": len(records),
        "groups": len({record["group"] for record in records}),
        "top1": figures["top1"]["value"],
        "top1_ci": figures["top1"]["ci"],
        **{name: figures[name]["value"] for name in ("top3", "top10", "broader", "turns", "cost", *VALUES)},
        "unavailable_rate": round(unavailable / orders, 4) if orders else None,
        "format_failures": sum(record["format_failures"] for record in records),
        "unlinked": sum(record["verdict"] == Verdict.UNLINKED for record in records),
        "seconds": round(sum(record["seconds"] for record in records), 3),
        "metric_version": next((record["metric_version"] for record in records), None),
        "figures": figures,
        "calibration": calibrate_records(records, seed=seed),
        "curves": draw_curves(records, seed=seed),
        "regret": summarise_regret(records, seed=seed),
        "ordering": summarise_orders(records, seed=seed),
        "candidates": summarise_candidates(records, about.get("candidate_diseases"), seed),
        **({"metrics": metrics} if active else {}),
        "cases": [{key: value for key, value in record.items() if key != "branch"} for record in records],
    }


def read_score(record: Record) -> BranchScore:
    """The trajectory's score as it was written down, without its turns."""
    return BranchScore(
        leaf=None,
        metric_version=record["metric_version"],
        graph=record["graph"],
        **{name: record[name] for name in VALUES},
        correct=record["correct"],
        counts={name: Ratio(*pair) for name, pair in record["battery"].items()},
        measures=record["measures"],
        notes=tuple(record["notes"]),
    )


def summarise_candidates(records: Sequence[Record], diseases: int | None, seed: int) -> dict[str, Any] | None:
    """For cases with a coded disease: among how many diseases it is looked for, and the figures of the cases whose
    disease is one of them. None for cases without codes."""
    if not any(record["coded"] for record in records):
        return None
    among = [record for record in records if record["candidate"]]
    groups = [record["group"] for record in among]
    shares = {
        f"top{most}": estimate([float((r["rank"] or most + 1) <= most) for r in among], groups, share=True, seed=seed)
        for most in (1, 3, 10)
    }
    return {
        "what": "all diseases that phenotype.hpoa annotates with findings; equivalents of OMIM, Orphanet and DECIPHER "
        "count as one",
        "diseases": diseases,
        "n": len({record["id"] for record in among}),
        **{name: share["value"] for name, share in shares.items()},
        **{f"{name}_ci": share["ci"] for name, share in shares.items()},
    }


def _refuse_mixed(records: Sequence[Record]) -> None:
    for name, what in (("graph", "graphs"), ("metric_version", "metric versions")):
        if len(found := {record[name] for record in records}) > 1:
            raise MixedRecordsError(f"the records come from {len(found)} {what}: run the cases again")
    if len({(record["id"], record["sample"]) for record in records}) < len(records):
        raise MixedRecordsError("a case and sample is there twice: a run writes each record once")
