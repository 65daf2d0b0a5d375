"""Runs beside each other, case by case."""

from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations
from typing import Any

from medaction.metrics.aggregate import VALUES
from medaction.metrics.battery import NAMES as BATTERY

from .figures import figure_of
from .regret import count_discordant, subtract
from .statistics import correct_holm, estimate, estimate_gap, mcnemar

COMPARE_FORMAT = "medaction.bench.compare/1"
ACCURACIES = ("top1", "top3", "top10")
OTHERS = ("no_answer", "truth_p", "brier", *VALUES, "turns", "cost")
MUST_AGREE = ("graph", "metric_version")
SETTINGS = (
    "protocol", "static", "horizon", "menu_visible", "noise", "without_own_paper", "prompt", "samples", "temperature",
)  # fmt: skip
Report = Mapping[str, Any]


class CompareError(ValueError):
    """Runs that cannot be compared; the message says what differs."""


def compare_runs(reports: Sequence[Report], *, force_common: bool = False, seed: int = 0) -> dict[str, Any]:
    """Every pair of runs: for each figure the difference first - second over the cases that both have, with its paired
    bootstrap interval (of the failure battery, of the pooled shares); for accuracies McNemar's exact p, and ``p_holm``
    corrected over all pairs and accuracies.

    ``settings`` lists what was set differently. Raises :class:`CompareError` for fewer than two runs, other graphs or
    metric versions, and other cases unless ``force_common`` pairs the common ones (same id, same content).
    """
    if len(reports) < 2:
        raise CompareError("a comparison needs two runs or more")
    labels = label_runs(reports)
    _refuse_other_yardsticks(reports, labels)
    held = [_by_case(report) for report in reports]
    common = _find_common(held, labels, force_common)
    pairs = [
        {"first": labels[a], "second": labels[b], **_compare_pair(held[a], held[b], common, seed)}
        for a, b in combinations(range(len(reports)), 2)
    ]
    tested = [pair["figures"][name] for pair in pairs for name in ACCURACIES if "p" in pair["figures"][name]]
    for figure, p in zip(tested, correct_holm([figure["p"] for figure in tested]), strict=True):
        figure["p_holm"] = round(p, 6)
    return {
        "format": COMPARE_FORMAT,
        "runs": [
            {"label": label, "n": report["n"], "fingerprint": report.get("fingerprint")}
            for label, report in zip(labels, reports, strict=True)
        ],
        "n": len(common),
        "graph": reports[0]["graph"],
        "metric_version": reports[0]["metric_version"],
        "settings": {name: [r.get(name) for r in reports] for name in SETTINGS if _differ(reports, name)},
        "tests": len(tested),
        "pairs": pairs,
    }


def label_runs(reports: Sequence[Report]) -> list[str]:
    """The policies' names, told apart by what was set differently, else by a number."""
    names = [str(report.get("policy")) for report in reports]
    told = [name + (", all at once" if r.get("static") else "") for name, r in zip(names, reports, strict=True)]
    labels = told if len(set(told)) > len(set(names)) or len(set(names)) < len(names) else names
    seen: dict[str, int] = {}
    for place, label in enumerate(labels):
        seen[label] = seen.get(label, 0) + 1
        if seen[label] > 1:
            labels[place] = f"{label} ({seen[label]})"
    return labels


def _refuse_other_yardsticks(reports: Sequence[Report], labels: Sequence[str]) -> None:
    for name in MUST_AGREE:
        if _differ(reports, name):
            told = ", ".join(
                f"{label} {str(report.get(name))[:12]}" for label, report in zip(labels, reports, strict=True)
            )
            what = name.replace("_", " ")
            raise CompareError(f"the runs were scored by another {what} ({told}); run them again by the same one")


def _differ(reports: Sequence[Report], name: str) -> bool:
    return any(report.get(name) != reports[0].get(name) for report in reports)


def _by_case(report: Report) -> dict[str, list[Mapping[str, Any]]]:
    cases: dict[str, list[Mapping[str, Any]]] = {}
    for record in report["cases"]:
        cases.setdefault(record["id"], []).append(record)
    return cases


def _find_common(
    held: Sequence[Mapping[str, list[Mapping[str, Any]]]], labels: Sequence[str], force_common: bool
) -> list[str]:
    everywhere = [case for case in held[0] if all(case in cases for cases in held)]
    same = [case for case in everywhere if len({cases[case][0]["case_hash"] for cases in held}) == 1]
    differs = [f"{label} has {len(cases):,}" for label, cases in zip(labels, held, strict=True)]
    if any(len(cases) != len(same) for cases in held) and not force_common:
        changed = f", and {len(everywhere) - len(same)} have the same id and other content" * (same != everywhere)
        raise CompareError(
            f"the runs have different cases ({'; '.join(differs)}; {len(same):,} are in all of them{changed}); "
            "--force-common compares those"
        )
    if not same:
        raise CompareError("the runs have no case in common")
    return same


def _compare_pair(
    one: Mapping[str, list[Mapping[str, Any]]],
    other: Mapping[str, list[Mapping[str, Any]]],
    common: Sequence[str],
    seed: int,
) -> dict[str, Any]:
    groups: list[Hashable] = [one[case][0]["group"] for case in common]
    figures: dict[str, Any] = {}
    # What was told everything at once neither asked nor paid.
    told_all = any(cases[case][0].get("static") for cases in (one, other) for case in common)
    for name in (*ACCURACIES, *OTHERS[:-2]) if told_all else (*ACCURACIES, *OTHERS):
        first = [_mean([figure_of(record, name) for record in one[case]]) for case in common]
        second = [_mean([figure_of(record, name) for record in other[case]]) for case in common]
        pairs = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
        difference = estimate(subtract(first, second), groups, seed=seed)
        figures[name] = {
            "first": _mean([a for a, _ in pairs], 4),
            "second": _mean([b for _, b in pairs], 4),
            "difference": difference["value"],
            "ci": difference["ci"],
            "n": difference["n"],
        }
        if name in ACCURACIES and all(len(cases[case]) == 1 for cases in (one, other) for case in common):
            discordant = count_discordant([a for a, _ in pairs], [b for _, b in pairs])
            figures[name] |= {"only_first": discordant[0], "only_second": discordant[1], "p": mcnemar(*discordant)}
    pooled = [[_add_up(cases[case]) for case in common] for cases in (one, other)]
    for name in BATTERY if not told_all else ():
        first_counts, second_counts = ([counts.get(name, (0.0, 0.0)) for counts in side] for side in pooled)
        figures[name] = estimate_gap(first_counts, second_counts, groups, seed=seed)
    return {"n": len(common), "figures": figures}


def _add_up(records: Sequence[Mapping[str, Any]]) -> dict[str, tuple[float, float]]:
    """The failure battery over the samples of a case, as (hits, of)."""
    total: dict[str, tuple[float, float]] = {}
    for record in records:
        for name, (hits, of) in record["battery"].items():
            before = total.get(name, (0.0, 0.0))
            total[name] = (before[0] + hits, before[1] + of)
    return total


def _mean(values: Sequence[float | None], digits: int | None = None) -> float | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    mean = sum(known) / len(known)
    return mean if digits is None else round(mean, digits)
