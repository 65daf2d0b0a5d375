"""Fifty reviewers at once, each with a connection of its own: no item is served too often, none is lost."""

import random
import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connections
from django.db.models import F
from django.db.models.functions import Now

from review.models import Annotation, AuditEntry, Draft, Reservation, ReviewItem, Skip
from review.services.claiming import claim_item
from review.services.errors import ItemGone, NothingToClaim
from review.services.skipping import skip_item
from review.services.sweeping import sweep_reservations
from tests.review import factories

CLIENTS = 50
ITEMS = 60
REQUIRED = 3


def run_together(work, reviewers) -> list[Exception]:
    """``work(reviewer)`` in a thread each, past the pool: every one of them is connected at the same time."""
    begin = threading.Barrier(len(reviewers))
    faults: list[Exception] = []

    def run(reviewer) -> None:
        connection = connections["default"]
        options = {name: value for name, value in connection.settings_dict["OPTIONS"].items() if name != "pool"}
        connection.settings_dict = {**connection.settings_dict, "OPTIONS": options}
        try:
            begin.wait(60)
            work(reviewer)
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(reviewer,)) for reviewer in reviewers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return faults


@pytest.mark.django_db(transaction=True)
def test_none_is_over_served_and_none_is_lost(settings):
    settings.REVIEW = {**settings.REVIEW, "FAIR_FLOOR": 10_000}
    reviewers = [factories.make_reviewer() for _ in range(CLIENTS)]
    case = factories.make_case()
    trajectories = [factories.make_trajectory(1, case) for _ in range(ITEMS)]
    items = [factories.make_item(trajectory, required=REQUIRED) for trajectory in trajectories]

    def work(reviewer) -> None:
        chance = random.Random(reviewer.pk)
        while True:
            try:
                reservation = claim_item(user=reviewer.user)
            except NothingToClaim:
                return
            fate = chance.random()
            if fate < 0.1:  # leaves without a word, and the sweeper comes
                Reservation.objects.filter(pk=reservation.pk).update(
                    heartbeat_at=Now() - timedelta(hours=2), expires_at=Now() - timedelta(hours=1)
                )
                sweep_reservations()
            elif fate < 0.2:
                with suppress(ItemGone):
                    skip_item(reviewer=reviewer, item=reservation.item, reason="CONFLICT")
            else:
                factories.judge(reviewer, reservation.item)

    assert run_together(work, reviewers) == []
    for item in ReviewItem.objects.filter(pk__in=[item.pk for item in items]):
        judged = Annotation.objects.filter(item=item, revision=2).values_list("reviewer", flat=True)
        assert len(judged) == len(set(judged)) == item.done_count == REQUIRED
        assert (item.state, item.reserved_count) == ("DONE", 0)
    assert Reservation.objects.count() == 0
    assert not Annotation.objects.filter(revision=2, item__skips__reviewer=F("reviewer")).exists()
    assert Draft.objects.filter(item__annotations__reviewer=F("reviewer")).count() == 0
    assert AuditEntry.objects.filter(verb="skip_item").count() == Skip.objects.count() > 0


@pytest.mark.django_db(transaction=True)
def test_fifty_ask_for_the_last_places_at_once(settings):
    reviewers = [factories.make_reviewer() for _ in range(CLIENTS)]
    factories.make_item(factories.make_trajectory(1), required=7)
    served = []

    def work(reviewer) -> None:
        with suppress(NothingToClaim):
            served.append(claim_item(user=reviewer.user).reviewer_id)

    assert run_together(work, reviewers) == []
    assert len(set(served)) == 7
    assert Reservation.objects.count() == 7
