"""Fifty reviewers compare at once, each with a connection of its own: no pair is served too often, none is lost."""

import random
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now

from review.models import AuditEntry, Pair, PairReservation, PairSkip, Preference
from review.services.errors import ItemGone, NothingToClaim
from review.services.pair_claiming import claim_pair, skip_pair
from review.services.sweeping import sweep_reservations
from tests.review import factories, pairs
from tests.review.test_many_clients import CLIENTS, run_together

PAIRS = 24
REQUIRED = 3


@pytest.mark.django_db(transaction=True)
def test_none_is_over_served_and_none_is_lost():
    reviewers = [factories.make_reviewer() for _ in range(CLIENTS)]
    case = factories.make_case()
    for _ in range(PAIRS):
        pairs.make_siblings(pairs.make_tree(case=case), required=REQUIRED)

    def work(reviewer) -> None:
        chance = random.Random(reviewer.pk)
        while True:
            try:
                reservation = claim_pair(user=reviewer.user)
            except NothingToClaim:
                return
            fate = chance.random()
            if fate < 0.1:  # leaves without a word, and the sweeper comes
                PairReservation.objects.filter(pk=reservation.pk).update(
                    heartbeat_at=Now() - timedelta(hours=2), expires_at=Now() - timedelta(hours=1)
                )
                sweep_reservations()
            elif fate < 0.2:
                with suppress(ItemGone):
                    skip_pair(reviewer=reviewer, pair=reservation.pair, reason="CONFLICT")
            else:
                pairs.answer_pair(reviewer, reservation.pair, chance.choice(Preference.Choice.values))

    assert run_together(work, reviewers) == []
    for pair in Pair.objects.all():
        answered = Preference.objects.filter(pair=pair).values_list("reviewer", flat=True)
        assert len(answered) == len(set(answered)) == pair.done_count == REQUIRED
        assert (pair.state, pair.reserved_count) == ("DONE", 0)
    assert PairReservation.objects.count() == 0
    assert not Preference.objects.filter(pair__skips__reviewer=F("reviewer")).exists()
    assert AuditEntry.objects.filter(verb="skip_pair").count() == PairSkip.objects.count() > 0
    assert AuditEntry.objects.filter(verb="prefer").count() == PAIRS * REQUIRED
