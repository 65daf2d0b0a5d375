"""How long a reviewer waits for the next item: `python -m benchmarks.review_claims [--items N] [--json FILE]`.

A PostgreSQL of its own with its usual settings (every commit is on disk), 100,000 items in ten specialties, and 200
reviewers who have judged some already. Then all reviewers at once: each thinks a while, asks for an item (`claim_item`,
the service that the page calls, timed whole), and hands it in or skips it. Beside it, from the same clients, the time
of a `SELECT 1` with its connection: a claim is ten to twelve statements. At the end the places are counted.
"""

import argparse
import json
import os
import random
import tempfile
import threading
import time
from pathlib import Path

SPECIALTIES = ("", "cardiology", "neurology", "surgery", "paediatrics", "oncology", "infectious", "renal", "eye", "ent")
TURNS = 1
BATCH = 5000
AIM_MS = 100.0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.review_claims", description=__doc__.partition("\n")[0])
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--reviewers", type=int, default=200)
    parser.add_argument("--history", type=int, default=200, help="items that each reviewer has judged before")
    parser.add_argument("--think", type=float, default=60.0, help="mean seconds between two items of a reviewer")
    parser.add_argument("--seconds", type=float, default=90.0)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there")
    return parser.parse_args()


def fill(items: int, reviewers: int, history: int, console) -> None:
    """Items as `add_item` makes them, in bulk, with real branches; and what the reviewers did before."""
    from django.contrib.auth.models import User
    from django.db import connection
    from django.utils import timezone

    from diagnosis.models import Trajectory, TrajectoryNode
    from diagnosis.services import import_cases
    from medaction.formats.rows import CaseRow
    from medaction.formats.teaching import load_teaching_cases
    from review.models import Annotation, Reviewer, ReviewItem
    from review.services.holding import draw_of
    from review.services.rubrics import ensure_rubric

    import_cases(rows=[CaseRow(1, load_teaching_cases()[0])])
    from diagnosis.models import Case

    case, version, chance = Case.objects.get(), ensure_rubric(), random.Random(0)
    sources = ReviewItem.Source.values
    made: list[ReviewItem] = []
    for start in range(0, items // len(sources), BATCH):
        count = min(BATCH, items // len(sources) - start)
        trees = Trajectory.objects.bulk_create(
            Trajectory(case=case, origin="SYNTHETIC", settings={"environment": {}}) for _ in range(count)
        )
        TrajectoryNode.objects.bulk_create(
            TrajectoryNode(
                trajectory=tree,
                seq=seq,
                parent_seq=seq - 1 if seq else None,
                kind="TURN" if seq else "OBSERVATION",
                content={"number": 2},
                sampled=bool(seq),
                content_hash="0" * 64,
            )
            for tree in trees
            for seq in (0, 1)
        )
        batch = [
            ReviewItem(
                trajectory=tree,
                leaf_seq=1,
                turn_numbers=[2],
                source=source,
                rubric_version=version,
                required=chance.choice((1, 2, 3)),
                specialty=chance.choice(SPECIALTIES),
                priority=chance.choice((0, 0, 0, 1, 2)),
                triage=round(chance.random(), 3),
                reason="A benchmark.",
            )
            for tree in trees
            for source in sources
        ]
        for item in batch:
            item.draw = draw_of(item.pk)
        made += ReviewItem.objects.bulk_create(batch)
        console.print(f"{len(made):,} items", highlight=False)
    now = timezone.now()
    people = User.objects.bulk_create(User(username=f"reviewer-{number}") for number in range(reviewers))
    profiles = Reviewer.objects.bulk_create(
        Reviewer(
            user=user,
            alias=f"R-{user.pk}",
            state="QUALIFIED",
            qualified_at=now,
            specialties=chance.sample(SPECIALTIES[1:], chance.choice((1, 2, 3))),
        )
        for user in people
    )
    # What they judged stood at the head of the queue; the items that wait for others still stand there.
    wanted = sorted((item for item in made if item.required > 1), key=lambda item: (-item.priority, -item.triage))
    for profile in profiles:
        places = {"", *profile.specialties}
        mine = [item for item in wanted[: 20 * history] if item.specialty in places]
        chosen = [item for item in mine if item.done_count + 1 < item.required][:history]
        for item in chosen:
            item.done_count += 1
        fields = {"reviewer": profile, "rubric_version": version, "labels": {}, "drawn": "PRIORITY", "seconds": 60.0}
        first = Annotation.objects.bulk_create(
            Annotation(item=item, revision=1, stage="FIRST", **fields) for item in chosen
        )
        Annotation.objects.bulk_create(
            Annotation(item=each.item, revision=2, stage="SECOND", supersedes=each, **fields) for each in first
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    console.print(f"{Annotation.objects.filter(revision=2).count():,} judgements before", highlight=False)


def work(reviewer, seconds: float, think: float, taken: list[float], asked: list[float], empty: list[str]) -> None:
    from django.db import connection, transaction

    from review.models import Annotation, Draft, Reservation
    from review.services.claiming import claim_item
    from review.services.errors import NothingToClaim
    from review.services.skipping import skip_item

    chance = random.Random(reviewer.pk)
    user, until = reviewer.user, time.monotonic() + seconds
    time.sleep(chance.uniform(0, think))
    while time.monotonic() < until:
        begun = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        asked.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        try:
            reservation = claim_item(user=user)
        except NothingToClaim as refusal:
            empty.append(str(refusal))
            connection.close()
            return
        taken.append(time.perf_counter() - begun)
        item = reservation.item
        if chance.random() < 0.2:
            skip_item(reviewer=reviewer, item=item, reason="CONFLICT")
        else:
            fields = {"item": item, "reviewer": reviewer, "rubric_version_id": item.rubric_version_id, "labels": {}}
            fields |= {"drawn": reservation.drawn, "seconds": 1.0}
            with transaction.atomic():
                Reservation.objects.filter(pk=reservation.pk).delete()
                Draft.objects.filter(item=item, reviewer=reviewer).delete()
                first = Annotation.objects.create(revision=1, stage="FIRST", **fields)
                Annotation.objects.create(revision=2, stage="SECOND", supersedes=first, **fields)
        # As at the end of a request: the connection goes back to the pool.
        connection.close()
        time.sleep(max(min(chance.expovariate(1 / think), until - time.monotonic()), 0))


def measure(seconds: float, think: float) -> dict:
    from review.models import Reviewer

    taken: list[float] = []
    asked: list[float] = []
    empty: list[str] = []
    reviewers = list(Reviewer.objects.select_related("user"))
    begun = time.monotonic()
    threads = [threading.Thread(target=work, args=(each, seconds, think, taken, asked, empty)) for each in reviewers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    from benchmarks.numbers import percentile

    milliseconds = [each * 1000 for each in taken]
    return {
        "think_s": think,
        "claims": len(taken),
        "claims_per_s": round(len(taken) / (time.monotonic() - begun), 1),
        "p50_ms": round(percentile(milliseconds, 0.5), 1),
        "p95_ms": round(percentile(milliseconds, 0.95), 1),
        "p99_ms": round(percentile(milliseconds, 0.99), 1),
        "worst_ms": round(max(milliseconds), 1),
        "select_1_p50_ms": round(percentile(asked, 0.5) * 1000, 1),
        "select_1_p95_ms": round(percentile(asked, 0.95) * 1000, 1),
        "without_an_item": len(empty),
    }


def check() -> dict:
    """What must be true whatever happened."""
    from django.db.models import Count, F, Q

    from review.models import Annotation, Reservation, ReviewItem

    judged = Annotation.objects.filter(revision=2)
    twice = judged.values("item", "reviewer").annotate(n=Count("pk")).filter(n__gt=1).count()
    counted = ReviewItem.objects.annotate(n=Count("annotations", filter=Q(annotations__revision=2)))
    return {
        "over_served": counted.filter(n__gt=F("required")).count(),
        "miscounted": counted.exclude(n=F("done_count")).count(),
        "same_reviewer_twice": twice,
        "still_reserved": Reservation.objects.count(),
    }


def main(arguments: argparse.Namespace) -> None:
    from rich.console import Console

    from benchmarks.cores import machine
    from medaction_site.stack.home import Home
    from tests.services import EmbeddedPostgres

    console = Console()
    with tempfile.TemporaryDirectory(prefix="medaction-claims-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        home = Home(Path(folder) / "data")
        home.create()
        server = EmbeddedPostgres(home, ["max_connections=100"])
        try:
            os.environ.update(
                DATABASE_URL=server.url,
                REDIS_URL="redis://127.0.0.1:1/0",
                DJANGO_SETTINGS_MODULE="medaction_site.settings.test",
                REVIEW_FAIR_FLOOR="1000000",
            )
            import django
            from django.core.management import call_command

            django.setup()
            call_command("migrate", verbosity=0)
            fill(arguments.items, arguments.reviewers, arguments.history, console)
            rows = [measure(arguments.seconds, think) for think in (arguments.think, arguments.think / 6)]
            report = {
                "machine": machine(),
                "items": arguments.items,
                "reviewers": arguments.reviewers,
                "runs": rows,
                "places": check(),
                "aim_met": all(row["p95_ms"] < AIM_MS for row in rows[:1]),
            }
        finally:
            server.stop()
    console.print_json(data=report)
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(parse())
