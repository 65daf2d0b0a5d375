"""How long the figures of agreement take: `python -m benchmarks.review_agreement [--judgements N] [--json FILE]`.

A PostgreSQL of its own, two judgements of five turns for each item by 200 reviewers. Timed: the report (as the worker
makes it), its page, its files, a reviewer's own figures, and the first page of the adjudicators' queue.
"""

import argparse
import json
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

TURNS = [2, 3, 4, 5, 6]
BATCH = 2500
REVIEWERS = 200
CASES = 50


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.review_agreement", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--judgements", type=int, default=100_000)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there")
    return parser.parse_args()


def fill(judgements: int, console: Any) -> None:
    """Items as `add_item` makes them, in bulk, each judged by two."""
    from django.contrib.auth.models import User
    from django.db import connection
    from django.utils import timezone

    from diagnosis.models import Case, Trajectory, TrajectoryNode
    from medaction.formats.teaching import load_teaching_cases
    from review.models import Annotation, Reviewer, ReviewItem
    from review.services.holding import draw_of
    from review.services.rubrics import ensure_rubric

    version, chance, now = ensure_rubric(), random.Random(0), timezone.now()
    payload = load_teaching_cases()[0].to_dict()
    cases = Case.objects.bulk_create(
        Case(
            slug=f"case-{number}",
            title=f"Case {number}",
            payload=payload,
            group_key=f"group-{number}",
            content_hash=f"{number:064}",
            synthetic=True,
        )
        for number in range(CASES)
    )
    people = User.objects.bulk_create(User(username=f"reviewer-{number}") for number in range(REVIEWERS))
    reviewers = Reviewer.objects.bulk_create(
        Reviewer(user=user, alias=f"R-{user.pk:05}", state="QUALIFIED", qualified_at=now) for user in people
    )
    made = 0
    begun = time.monotonic()
    while made < judgements:
        trees = Trajectory.objects.bulk_create(
            Trajectory(case=chance.choice(cases), origin="SYNTHETIC", settings={}) for _ in range(BATCH // 2)
        )
        TrajectoryNode.objects.bulk_create(
            TrajectoryNode(trajectory=tree, seq=0, kind="OBSERVATION", content={}, sampled=False, content_hash="0" * 64)
            for tree in trees
        )
        items = [
            ReviewItem(
                trajectory=tree,
                leaf_seq=0,
                turn_numbers=TURNS,
                source="SYNTHETIC",
                rubric_version=version,
                required=2,
                reason="A benchmark.",
            )
            for tree in trees
        ]
        for item in items:
            item.draw = draw_of(item.pk)
        ReviewItem.objects.bulk_create(items)
        pairs = [(item, reviewer) for item in items for reviewer in chance.sample(reviewers, 2)]
        fields = {"rubric_version": version, "drawn": "PRIORITY", "seconds": 60.0}
        firsts = Annotation.objects.bulk_create(
            Annotation(item=item, reviewer=who, revision=1, stage="FIRST", labels=judge(chance), **fields)
            for item, who in pairs
        )
        Annotation.objects.bulk_create(
            Annotation(
                item=first.item,
                reviewer=first.reviewer,
                revision=2,
                stage="SECOND",
                supersedes=first,
                labels=judge(chance),
                **fields,
            )
            for first in firsts
        )
        made += len(pairs)
        console.print(f"{made:,} judgements, {time.monotonic() - begun:.0f} s", highlight=False)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def judge(chance: random.Random) -> dict[str, Any]:
    """Labels as they are stored, of five turns."""
    turns = {}
    for number in TURNS:
        label = chance.choice((1, 1, 1, 0, -1, None))
        turns[str(number)] = {
            "label": label,
            "inherited": False,
            "errors": ["anchoring"] if label == -1 else [],
            "harm": chance.randrange(4) if label == -1 else None,
            "confidence": chance.randrange(1, 6),
            "hard": ["genuine_equipoise"] if chance.random() < 0.1 else [],
            "answers": {},
            "comment": "A few words, as reviewers write them. " * chance.randrange(4),
            "hindsight": False,
        }
    answers = {"conclusion": chance.choice(("follows", "partly")), "teach": "with_comments"}
    return {"turns": turns, "trajectory": {"answers": answers, "comment": ""}}


def measure() -> Iterator[tuple[str, float]]:
    from django.contrib.auth.models import Permission, User
    from django.test import Client

    from review.models import AgreementReport
    from review.services.reporting import report_agreement

    yield "report", timed(report_agreement)
    report = AgreementReport.objects.get()
    user = User.objects.create(username="reads")
    names = ["read_agreement", "add_adjudication", "add_annotation"]
    user.user_permissions.add(*Permission.objects.filter(codename__in=names))
    judges = User.objects.get(username="reviewer-0")
    judges.user_permissions.add(*Permission.objects.filter(codename="add_annotation"))
    for name, who, path in (
        ("page", user, "/review/agreement/"),
        ("csv", user, f"/review/agreement/{report.pk}.csv"),
        ("json", user, f"/review/agreement/{report.pk}.json"),
        ("own", judges, "/review/agreement/mine/"),
        ("queue", user, "/review/adjudication/"),
        ("queue_page_50", user, "/review/adjudication/?page=50"),
    ):
        client = Client()
        client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
        # The first visit also compiles templates.
        for part in (f"{name}_first", name):
            yield part, timed(lambda client=client, path=path: read(client.get(path)))


def read(response: Any) -> None:
    assert response.status_code == 200
    _ = b"".join(response) if response.streaming else response.content


def timed(action: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    action()
    return round(time.perf_counter() - begun, 3)


def main(arguments: argparse.Namespace) -> None:
    from rich.console import Console

    from benchmarks.cores import machine
    from medaction_site.stack.home import Home
    from tests.services import EmbeddedPostgres

    console = Console()
    with tempfile.TemporaryDirectory(prefix="medaction-agreement-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        home = Home(Path(folder) / "data")
        home.create()
        server = EmbeddedPostgres(home, ["max_connections=20"])
        try:
            os.environ.update(
                DATABASE_URL=server.url,
                REDIS_URL="redis://127.0.0.1:1/0",
                DJANGO_SETTINGS_MODULE="medaction_site.settings.test",
            )
            import django
            from django.core.management import call_command

            django.setup()
            call_command("migrate", verbosity=0)
            fill(arguments.judgements, console)
            seconds = dict(measure())
            report = {
                "machine": machine(),
                "judgements": arguments.judgements,
                "seconds": seconds,
                "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000),
            }
        finally:
            server.stop()
    console.print_json(data=report)
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(parse())
