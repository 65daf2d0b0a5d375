"""What PostgreSQL itself refuses, whatever the program does."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from review.models import Annotation, AuditEntry, Draft, Reservation, ReviewItem, RubricVersion, Skip
from tests.review import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now


def refused(action):
    def act():
        action()
        # What is checked at the end of a transaction is checked here.
        transaction.get_connection().check_constraints()

    with pytest.raises(IntegrityError), transaction.atomic():
        act()


def annotate(item, reviewer, revision=1, supersedes=None, **values):
    fields = {
        "stage": "FIRST" if revision == 1 else "SECOND",
        "rubric_version": item.rubric_version,
        "labels": {"turns": {}, "trajectory": {}},
        "drawn": "PRIORITY",
        "seconds": 1.0,
    }
    return Annotation.objects.create(
        item=item, reviewer=reviewer, revision=revision, supersedes=supersedes, **{**fields, **values}
    )


def judge(item, reviewer):
    return annotate(item, reviewer, 2, annotate(item, reviewer))


def reserve(item, reviewer):
    until = NOW() + timedelta(minutes=5)
    return Reservation.objects.create(
        item=item, reviewer=reviewer, drawn="PRIORITY", heartbeat_at=NOW(), expires_at=until
    )


def draft(item, reviewer):
    return Draft.objects.create(item=item, reviewer=reviewer, drawn="PRIORITY", touched_at=NOW())


def test_annotations_are_append_only(item, reviewer):
    first = annotate(item, reviewer)
    refused(lambda: Annotation.objects.update(seconds=2))
    refused(lambda: Annotation.objects.all()._raw_delete("default"))
    refused(lambda: annotate(item, reviewer))
    second = annotate(item, reviewer, 2, first)
    refused(lambda: annotate(item, reviewer, 3, first))
    annotate(item, reviewer, 3, second)


def test_a_revision_supersedes_the_one_before_it(item, reviewer):
    other, another = factories.make_item(), factories.make_reviewer()
    theirs = annotate(item, another)
    elsewhere = annotate(other, reviewer)
    annotate(item, reviewer)
    for wrong in (theirs, elsewhere, None):
        refused(lambda wrong=wrong: annotate(item, reviewer, 2, wrong))


@pytest.mark.parametrize("values", [{"stage": "SECOND"}, {"seconds": -1.0}])
def test_the_first_revision_is_blind(item, reviewer, values):
    refused(lambda: annotate(item, reviewer, **values))


def test_a_rubric_is_locked_when_somebody_begins_to_judge(item, reviewer):
    version = item.rubric_version
    assert version.state == "DRAFT"
    RubricVersion.objects.filter(pk=version.pk).update(note="still to be changed")
    draft(item, reviewer)
    version.refresh_from_db()
    assert version.state == "LOCKED"
    assert version.locked_at
    refused(lambda: RubricVersion.objects.filter(pk=version.pk).update(note="changed"))
    refused(lambda: RubricVersion.objects.filter(pk=version.pk).update(state="DRAFT", locked_at=None))
    refused(lambda: RubricVersion.objects.filter(pk=version.pk)._raw_delete("default"))


def test_an_item_that_is_judged_keeps_its_rubric(item, reviewer):
    version = item.rubric_version
    other = version.rubric.versions.create(number=2, content=version.content)
    items = ReviewItem.objects.filter(pk=item.pk)
    assert items.update(rubric_version=other) == 1
    draft(item, reviewer)
    refused(lambda: items.update(rubric_version=version))
    refused(lambda: items.update(kind="GOLD", reference={}))
    refused(lambda: annotate(item, reviewer))  # by the version that the item no longer has


@pytest.mark.parametrize("values", [{"leaf_seq": 1}, {"turn_numbers": [2]}, {"source": "LIVE"}, {"draw": 0.5}])
def test_what_an_item_shows_never_changes(item, values):
    refused(lambda: ReviewItem.objects.filter(pk=item.pk).update(**values))


@pytest.mark.parametrize(
    "values",
    [
        {"state": "DONE"},
        {"state": "RETIRED"},
        {"reserved_count": 2},
        {"required": 0},
        {"kind": "GOLD"},
        {"reference": {}},
    ],
)
def test_an_item_is_never_half_in_a_state(item, values):
    refused(lambda: ReviewItem.objects.filter(pk=item.pk).update(**values))


def test_an_item_is_a_branch_that_exists(item):
    refused(lambda: ReviewItem.objects.create(**{**_fields(item), "leaf_seq": 999}))
    refused(lambda: ReviewItem.objects.create(**_fields(item)))


def _fields(item):
    names = ("trajectory", "leaf_seq", "turn_numbers", "source", "rubric_version", "reason", "draw")
    return {name: getattr(item, name) for name in names}


def test_places_are_counted_and_never_given_twice(item):
    one, two = factories.make_reviewer(), factories.make_reviewer()
    reservation = reserve(item, one)
    item.refresh_from_db()
    assert (item.reserved_count, item.free_slots) == (1, 0)
    refused(lambda: reserve(item, two))
    reservation.delete()
    judge(item, two)
    item.refresh_from_db()
    assert (item.done_count, item.free_slots, item.state) == (1, 0, "DONE")
    refused(lambda: reserve(item, one))
    refused(lambda: judge(item, one))


def test_one_item_at_a_time_and_one_draft_for_each(item, reviewer):
    draft(item, reviewer)
    refused(lambda: draft(item, reviewer))
    reserve(item, reviewer)
    other = factories.make_item()
    refused(lambda: reserve(other, reviewer))
    refused(lambda: Reservation.objects.update(item=other))


def test_a_retired_item_takes_no_judgement(item, reviewer):
    ReviewItem.objects.filter(pk=item.pk).update(state="RETIRED", retired_reason="The case was wrong.")
    refused(lambda: annotate(item, reviewer))


def test_a_skip_says_why_and_is_kept(item, reviewer):
    refused(lambda: Skip.objects.create(item=item, reviewer=reviewer, reason="OTHER"))
    Skip.objects.create(item=item, reviewer=reviewer, reason="CONFLICT")
    refused(lambda: Skip.objects.create(item=item, reviewer=reviewer, reason="BROKEN"))
    refused(lambda: Skip.objects.update(reason="BROKEN"))


def test_the_audit_log_is_a_chain(item):
    factories.make_item()
    entries = list(AuditEntry.objects.order_by("pk"))
    assert len(entries) == 3  # the rubric and two items
    for before, entry in zip([None, *entries], entries, strict=False):
        assert entry.previous_hash == (before.hash if before else "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM review_auditentry e WHERE review_audit_hash(e) <> e.hash")
        assert cursor.fetchone() == (0,)
    refused(lambda: AuditEntry.objects.update(verb="other"))
    refused(lambda: AuditEntry.objects.all()._raw_delete("default"))
