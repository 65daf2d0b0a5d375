"""Where the time of one claim goes: `python -m benchmarks.review_profile [--items N] [--claims N] [--json FILE]`.

The site of `benchmarks.review_claims`, one reviewer after the other, so that nobody waits for a lock. Processor time of
the client and of PostgreSQL's process is counted apart from what passes on the clock, so that a busy machine disturbs
little. Then each statement with its calls and times in PostgreSQL (`pg_stat_statements`; the least time is the one that
nothing disturbed), the functions in which the client computes (`cProfile`), and the plans of those that read the queue.
"""

import argparse
import cProfile
import json
import os
import pstats
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

OPTIONS = (
    "shared_preload_libraries=pg_stat_statements",
    "pg_stat_statements.track=all",
    "pg_stat_statements.track_utility=on",
)
STATEMENTS = """SELECT calls, min_exec_time, mean_exec_time, rows, shared_blks_hit, query FROM pg_stat_statements
    WHERE toplevel AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    ORDER BY min_exec_time * calls DESC"""
TICKS = os.sysconf("SC_CLK_TCK")
FUNCTIONS = 15


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.review_profile", description=__doc__.partition("\n")[0])
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--reviewers", type=int, default=200)
    parser.add_argument("--history", type=int, default=200)
    parser.add_argument("--claims", type=int, default=200, help="by as many reviewers, again from the first if fewer")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there")
    return parser.parse_args()


def server_seconds(pid: int) -> float:
    """Processor time of PostgreSQL's process for this connection, in steps of 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def profile(claim: Callable[..., Any], leave: Callable[[Any], None], users: list[Any]) -> dict[str, Any]:
    """``claim`` for each of them, then ``leave`` to give it back, which is not counted."""
    from django.db import connection

    from benchmarks.numbers import percentile

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    claim_once = [claim(user=user) for user in users[:5]]
    for held in claim_once:
        leave(held)
    taken, computed, served = [], [], 0.0
    _reset()
    for user in users:
        before, began, own = server_seconds(pid), time.perf_counter(), time.thread_time()
        held = claim(user=user)
        computed.append(time.thread_time() - own)
        taken.append(time.perf_counter() - began)
        served += server_seconds(pid) - before
        _pause(lambda held=held: leave(held))
    statements = _statements(len(users))
    # By the thread's processor time: what waits for PostgreSQL is not the client's.
    profiler = cProfile.Profile(time.thread_time)
    for user in users[: len(users) // 4]:
        held = profiler.runcall(claim, user=user)
        leave(held)
    return {
        "claims": len(users),
        "wall_p50_ms": round(percentile(taken, 0.5) * 1000, 2),
        "client_cpu_p50_ms": round(percentile(computed, 0.5) * 1000, 2),
        "server_cpu_mean_ms": round(served / len(users) * 1000, 2),
        "statements_per_claim": round(sum(each["per_claim"] for each in statements), 1),
        "statements": statements,
        "functions": _functions(profiler, len(users) // 4),
    }


def _reset() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_statements_reset()")


def _pause(leave: Callable[[], None]) -> None:
    """Not among the statements of claims."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET pg_stat_statements.track = 'none'")
        leave()
        cursor.execute("SET pg_stat_statements.track = 'all'")


def _statements(claims: int) -> list[dict[str, Any]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(STATEMENTS)
        rows = cursor.fetchall()
    return [
        {
            "per_claim": round(calls / claims, 2),
            "least_ms": round(least, 3),
            "mean_ms": round(mean, 3),
            "rows": round(count / calls, 1),
            "pages": round(pages / calls, 1),
            "statement": re.sub(r"\s+", " ", query)[:160],
        }
        for calls, least, mean, count, pages, query in rows
        if "pg_stat_statements" not in query
    ]


def _functions(profiler: cProfile.Profile, claims: int) -> list[str]:
    stats = pstats.Stats(profiler)
    own = sorted(stats.stats.items(), key=lambda entry: -entry[1][2])[:FUNCTIONS]
    return [
        f"{Path(file).name}:{line} {name}: {calls / claims:.0f} calls, {seconds / claims * 1000:.2f} ms"
        for (file, line, name), (_, calls, seconds, *_rest) in own
    ]


def plans() -> dict[str, list[str]]:
    """How the queue is read, for a reviewer of several specialties."""
    from review.models import Reviewer
    from review.selectors.pair_queue import list_free_pairs
    from review.selectors.queue import list_free

    reviewer = max(Reviewer.objects.all(), key=lambda each: len(each.specialties))
    found = {}
    for name, free, order in (
        ("items by priority", list_free(reviewer), ("-priority", "-triage", "draw")),
        ("items uniformly", list_free(reviewer), ("draw",)),
        ("pairs by priority", list_free_pairs(reviewer), ("-priority", "draw")),
    ):
        head = free.filter(specialty="").order_by(*order).values_list("pk")[:32]
        found[name] = head.explain(analyze=True, buffers=True).splitlines()
    return found


def main(arguments: argparse.Namespace) -> None:
    from rich.console import Console

    from benchmarks.cores import machine
    from benchmarks.review_site import fill, review_site

    console = Console()
    with review_site(OPTIONS):
        from django.db import connection

        from review.models import Draft, PairDraft, PairReservation, Reservation, Reviewer
        from review.services.claiming import claim_item
        from review.services.pair_claiming import claim_pair

        fill(arguments.items, arguments.reviewers, arguments.history, console)
        with connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION pg_stat_statements")
        people = [reviewer.user for reviewer in Reviewer.objects.select_related("user")]
        users = [people[number % len(people)] for number in range(arguments.claims)]

        # Without its draft, so that the next claim draws again instead of going on with it.
        def leave_item(held: Any) -> None:
            Reservation.objects.filter(pk=held.pk).delete()
            Draft.objects.filter(item=held.item_id, reviewer=held.reviewer_id).delete()

        def leave_pair(held: Any) -> None:
            PairReservation.objects.filter(pk=held.pk).delete()
            PairDraft.objects.filter(pair=held.pair_id, reviewer=held.reviewer_id).delete()

        report = {
            "machine": machine(),
            "items": arguments.items,
            "load_average": os.getloadavg(),
            "item": profile(claim_item, leave_item, users),
            "pair": profile(claim_pair, leave_pair, users),
            "plans": plans(),
        }
    console.print_json(data=report)
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(parse())
