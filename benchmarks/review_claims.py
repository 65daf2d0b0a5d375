"""How long a reviewer waits for the next item or pair: `python -m benchmarks.review_claims [--items N] [--json FILE]`.

100,000 items and as many pairs in ten specialties, and 200 reviewers who have judged some already
(`benchmarks.review_site`). Then all reviewers at once: each thinks a while, asks for an item (`claim_item`, then in
another run `claim_pair`, the services that the pages call, timed whole), and hands it in or skips it. Beside it, from
the same clients, the time of a `SELECT 1` with its connection, and the processor time that a claim takes of its own
thread. At the end the places are counted. `benchmarks.review_profile` says where the time of one claim goes.
"""

import argparse
import json
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

AIM_MS = 100.0
SKIPS = 0.2
ITEMS, PAIRS = "items", "pairs"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.review_claims", description=__doc__.partition("\n")[0])
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--reviewers", type=int, default=200)
    parser.add_argument("--history", type=int, default=200, help="items and pairs that each reviewer has judged before")
    parser.add_argument("--think", type=float, default=60.0, help="mean seconds between two items of a reviewer")
    parser.add_argument("--seconds", type=float, default=90.0)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there")
    return parser.parse_args()


@dataclass(slots=True)
class Tally:
    """Seconds: of claims, of their own thread's processor, of a SELECT 1. ``empty``: refusals."""

    taken: list[float] = field(default_factory=list)
    computed: list[float] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)


def judge_item(reviewer: Any, reservation: Any) -> None:
    from django.db import transaction

    from review.models import Annotation, Draft, Reservation

    item = reservation.item
    fields = {"item": item, "reviewer": reviewer, "rubric_version_id": item.rubric_version_id, "labels": {}}
    fields |= {"drawn": reservation.drawn, "seconds": 1.0}
    with transaction.atomic():
        Reservation.objects.filter(pk=reservation.pk).delete()
        Draft.objects.filter(item=item, reviewer=reviewer).delete()
        first = Annotation.objects.create(revision=1, stage="FIRST", **fields)
        Annotation.objects.create(revision=2, stage="SECOND", supersedes=first, **fields)


def answer_pair(reviewer: Any, reservation: Any) -> None:
    from review.rules import PairAnswer
    from review.services.preferring import submit_preference

    answer = PairAnswer(choice="TIE")
    submit_preference(reviewer=reviewer, pair=reservation.pair, revision=1, answer=answer)


def work(what: str, reviewer: Any, seconds: float, think: float, tally: Tally) -> None:
    from django.db import connection

    from review.services.claiming import claim_item
    from review.services.errors import NothingToClaim
    from review.services.pair_claiming import claim_pair, skip_pair
    from review.services.skipping import skip_item

    claim: Callable[..., Any] = claim_item if what == ITEMS else claim_pair
    chance = random.Random(reviewer.pk)
    until = time.monotonic() + seconds
    time.sleep(chance.uniform(0, think))
    while time.monotonic() < until:
        begun = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        tally.asked.append(time.perf_counter() - begun)
        begun, computed = time.perf_counter(), time.thread_time()
        try:
            reservation = claim(user=reviewer.user)
        except NothingToClaim as refusal:
            tally.empty.append(str(refusal))
            connection.close()
            return
        tally.computed.append(time.thread_time() - computed)
        tally.taken.append(time.perf_counter() - begun)
        skips = chance.random() < SKIPS
        if what == ITEMS and skips:
            skip_item(reviewer=reviewer, item=reservation.item, reason="CONFLICT")
        elif skips:
            skip_pair(reviewer=reviewer, pair=reservation.pair, reason="CONFLICT")
        else:
            (judge_item if what == ITEMS else answer_pair)(reviewer, reservation)
        # As at the end of a request: the connection goes back to the pool.
        connection.close()
        time.sleep(max(min(chance.expovariate(1 / think), until - time.monotonic()), 0))


def measure(what: str, seconds: float, think: float) -> dict[str, Any]:
    from benchmarks.numbers import percentile
    from review.models import Reviewer

    tally = Tally()
    reviewers = list(Reviewer.objects.select_related("user"))
    begun = time.monotonic()
    threads = [threading.Thread(target=work, args=(what, each, seconds, think, tally)) for each in reviewers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    def at(values: list[float], share: float) -> float | None:
        return round(percentile(values, share) * 1000, 1) if values else None

    return {
        "what": what,
        "think_s": think,
        "claims": len(tally.taken),
        "claims_per_s": round(len(tally.taken) / (time.monotonic() - begun), 1),
        "p50_ms": at(tally.taken, 0.5),
        "p95_ms": at(tally.taken, 0.95),
        "p99_ms": at(tally.taken, 0.99),
        "worst_ms": at(tally.taken, 1),
        "client_cpu_p50_ms": at(tally.computed, 0.5),
        "client_cpu_p95_ms": at(tally.computed, 0.95),
        "select_1_p50_ms": at(tally.asked, 0.5),
        "select_1_p95_ms": at(tally.asked, 0.95),
        "without_one": len(tally.empty),
    }


def check(what: str) -> dict[str, int]:
    """What must be true whatever happened."""
    from django.db.models import Count, F, Q

    from review.models import Annotation, Pair, PairReservation, Preference, Reservation, ReviewItem

    if what == ITEMS:
        judged, name, path = Annotation.objects.filter(revision=2), "item", Q(annotations__revision=2)
        counted = ReviewItem.objects.annotate(n=Count("annotations", filter=path))
    else:
        judged, name, path = Preference.objects.filter(revision=1), "pair", Q(preferences__revision=1)
        counted = Pair.objects.annotate(n=Count("preferences", filter=path))
    return {
        "over_served": counted.filter(n__gt=F("required")).count(),
        "miscounted": counted.exclude(n=F("done_count")).count(),
        "same_reviewer_twice": judged.values(name, "reviewer").annotate(n=Count("pk")).filter(n__gt=1).count(),
        "still_reserved": (Reservation if what == ITEMS else PairReservation).objects.count(),
    }


def main(arguments: argparse.Namespace) -> None:
    from rich.console import Console

    from benchmarks.cores import machine
    from benchmarks.review_site import fill, review_site

    console = Console()
    with review_site():
        fill(arguments.items, arguments.reviewers, arguments.history, console)
        thinking = (arguments.think, arguments.think / 6)
        rows = [measure(what, arguments.seconds, think) for what in (ITEMS, PAIRS) for think in thinking]
        report = {
            "machine": machine(),
            "items": arguments.items,
            "reviewers": arguments.reviewers,
            "runs": rows,
            "places": {what: check(what) for what in (ITEMS, PAIRS)},
            "aim_met": all(row["p95_ms"] < AIM_MS for row in rows if row["think_s"] == arguments.think),
        }
    console.print_json(data=report)
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(parse())
