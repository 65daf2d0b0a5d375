"""A site with many items and pairs, reviewers who have judged some, and services of its own, for what measures review.

A PostgreSQL with its usual settings (every commit is on disk) and a Valkey, in a folder that is deleted at the end.
"""

import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SPECIALTIES = ("", "cardiology", "neurology", "surgery", "paediatrics", "oncology", "infectious", "renal", "eye", "ent")
BATCH = 5000


@contextmanager
def review_site(options: Sequence[str] = ()) -> Iterator[None]:
    """Django is set up inside, on an empty, migrated database. ``options`` are PostgreSQL's."""
    from medaction_site.stack.home import Home
    from tests.services import EmbeddedPostgres, EmbeddedValkey

    with tempfile.TemporaryDirectory(prefix="medaction-review-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        home = Home(Path(folder) / "data")
        home.create()
        server = EmbeddedPostgres(home, ["max_connections=100", *options])
        broker = EmbeddedValkey(home)
        try:
            broker.start()
            os.environ.update(
                DATABASE_URL=server.url,
                REDIS_URL=broker.url,
                DJANGO_SETTINGS_MODULE="medaction_site.settings.test",
                REVIEW_FAIR_FLOOR="1000000",
            )
            import django
            from django.core.management import call_command

            django.setup()
            call_command("migrate", verbosity=0)
            yield
        finally:
            broker.kill()
            server.stop()


def fill(items: int, reviewers: int, history: int, console: Any) -> None:
    """Items, as many pairs, and what the reviewers did before. In bulk, as the services make them one by one."""
    from django.db import connection

    from diagnosis.models import Case
    from diagnosis.services import import_cases
    from medaction.formats.rows import CaseRow
    from medaction.formats.teaching import load_teaching_cases
    from review.models import ReviewItem

    import_cases(rows=[CaseRow(1, load_teaching_cases()[0])])
    case, chance = Case.objects.get(), random.Random(0)
    sources = ReviewItem.Source.values
    made, pairs = [], []
    for start in range(0, items // len(sources), BATCH):
        trees = grow_trees(case, min(BATCH, items // len(sources) - start))
        made += add_items(trees, sources, chance)
        pairs += add_pairs(case, trees, len(sources), chance)
        console.print(f"{len(made):,} items and {len(pairs):,} pairs", highlight=False)
    people = _invite(reviewers, chance)
    _judge(people, made, history)
    _prefer(people, pairs, history)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def served(chance: random.Random) -> dict[str, Any]:
    """How one of them is served."""
    return {
        "required": chance.choice((1, 2, 3)),
        "specialty": chance.choice(SPECIALTIES),
        "priority": chance.choice((0, 0, 0, 1, 2)),
        "reason": "A benchmark.",
    }


def grow_trees(case: Any, count: int) -> list[Any]:
    from diagnosis.models import Trajectory, TrajectoryNode

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
    return sorted(trees, key=lambda tree: tree.pk.bytes)


def add_items(trees: Sequence[Any], sources: Sequence[str], chance: random.Random) -> list[Any]:
    from review.models import ReviewItem
    from review.services.holding import draw_of
    from review.services.rubrics import ensure_rubric

    version = ensure_rubric()
    batch = [
        ReviewItem(
            trajectory=tree,
            leaf_seq=1,
            turn_numbers=[2],
            source=source,
            rubric_version=version,
            triage=round(chance.random(), 3),
            **served(chance),
        )
        for tree in trees
        for source in sources
    ]
    for item in batch:
        item.draw = draw_of(item.pk)
    return ReviewItem.objects.bulk_create(batch)


def add_pairs(case: Any, trees: Sequence[Any], each: int, chance: random.Random) -> list[Any]:
    """Every tree with the next few."""
    from review.models import Pair
    from review.services.holding import draw_of
    from review.services.rubrics import ensure_rubric

    version = ensure_rubric()
    batch = [
        Pair(
            case=case,
            scope=Pair.Scope.TURN,
            shared=1,
            first_trajectory=tree,
            first_leaf=1,
            second_trajectory=other,
            second_leaf=1,
            first_policy="kg",
            second_policy="llm",
            first_chars=100,
            second_chars=100,
            first_turns=1,
            second_turns=1,
            rubric_version=version,
            seed=chance.getrandbits(60),
            **served(chance),
        )
        for place, tree in enumerate(trees)
        for other in trees[place + 1 : place + 1 + each]
    ]
    for pair in batch:
        pair.draw = draw_of(pair.pk)
    return Pair.objects.bulk_create(batch)


def _invite(reviewers: int, chance: random.Random) -> list[Any]:
    from django.contrib.auth.models import User
    from django.utils import timezone

    from review.models import Reviewer

    people = User.objects.bulk_create(User(username=f"reviewer-{number}") for number in range(reviewers))
    return Reviewer.objects.bulk_create(
        Reviewer(
            user=user,
            alias=f"R-{user.pk}",
            state="QUALIFIED",
            qualified_at=timezone.now(),
            specialties=chance.sample(SPECIALTIES[1:], chance.choice((1, 2, 3))),
        )
        for user in people
    )


def _judge(people: Sequence[Any], items: Sequence[Any], history: int) -> None:
    from review.models import Annotation

    for reviewer, chosen in _heads(people, items, history, lambda item: (-item.priority, -item.triage)):
        fields = {"reviewer": reviewer, "labels": {}, "drawn": "PRIORITY", "seconds": 60.0}
        first = Annotation.objects.bulk_create(
            Annotation(item=item, rubric_version_id=item.rubric_version_id, revision=1, stage="FIRST", **fields)
            for item in chosen
        )
        Annotation.objects.bulk_create(
            Annotation(
                item=each.item,
                rubric_version_id=each.rubric_version_id,
                revision=2,
                stage="SECOND",
                supersedes=each,
                **fields,
            )
            for each in first
        )


def _prefer(people: Sequence[Any], pairs: Sequence[Any], history: int) -> None:
    from django.utils import timezone

    from review.models import Preference

    now = timezone.now()
    for reviewer, chosen in _heads(people, pairs, history, lambda pair: (-pair.priority, pair.draw)):
        Preference.objects.bulk_create(
            Preference(
                pair=pair,
                reviewer=reviewer,
                revision=1,
                choice="TIE",
                left="FIRST",
                drawn="PRIORITY",
                seconds=20.0,
                created_at=now,
            )
            for pair in chosen
        )


def _heads(people: Sequence[Any], rows: Sequence[Any], history: int, order: Any) -> Iterator[tuple[Any, list[Any]]]:
    """What each did before stood at the head of the queue; what waits for others still stands there."""
    wanted = sorted((row for row in rows if row.required > 1), key=order)[: 20 * history]
    for reviewer in people:
        places = {"", *reviewer.specialties}
        open_ones = (row for row in wanted if row.specialty in places and row.done_count + 1 < row.required)
        chosen = [row for row, _ in zip(open_ones, range(history), strict=False)]
        for row in chosen:
            row.done_count += 1
        yield reviewer, chosen
