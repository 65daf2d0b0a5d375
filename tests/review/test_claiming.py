"""Who gets which item."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from review.models import Annotation, Draft, Reservation, Reviewer, ReviewItem, Skip
from review.services import ServiceError, retire_item
from review.services.claiming import beat_heart, claim_item, release_item
from review.services.errors import ItemGone, NothingToClaim, SkipRefused
from review.services.holding import chance_of
from review.services.reviewers import ensure_reviewer, pause_reviewer, qualify_reviewer
from review.services.skipping import skip_item
from review.services.sweeping import sweep_reservations
from tests.review import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def by_priority(settings):
    """Nothing is left to chance."""
    settings.REVIEW = {**settings.REVIEW, "UNIFORM_SHARE": 0.0, "GOLD_SHARE": 0.0}


def make_items(count, **values):
    return [factories.make_item(factories.make_trajectory(2), **values) for _ in range(count)]


def take(reviewer) -> ReviewItem:
    return claim_item(user=reviewer.user).item


def test_priority_then_triage_decide(reviewer, by_priority):
    low, high, urgent = make_items(3)
    ReviewItem.objects.filter(pk=high.pk).update(triage=0.9)
    ReviewItem.objects.filter(pk=urgent.pk).update(priority=1)
    served = []
    for _ in range(3):
        served.append(take(reviewer))
        factories.judge(reviewer, served[-1])
    assert served == [urgent, high, low]
    with pytest.raises(NothingToClaim, match="nothing for you to judge"):
        take(reviewer)


def test_asking_again_gives_the_same_item_and_more_time(reviewer):
    make_items(2)
    first = claim_item(user=reviewer.user)
    Reservation.objects.update(heartbeat_at=Now() - timedelta(minutes=9), expires_at=Now() + timedelta(seconds=1))
    again = claim_item(user=reviewer.user)
    assert again.item == first.item
    assert again.expires_at > timezone.now() + timedelta(minutes=10)
    assert Reservation.objects.count() == 1


def test_places_are_for_as_many_as_are_required(by_priority):
    (item,) = make_items(1, required=2)
    one, two, three = (factories.make_reviewer() for _ in range(3))
    assert take(one) == take(two) == item
    with pytest.raises(NothingToClaim):
        take(three)
    release_item(reviewer=one, item=item)
    assert take(three) == item
    factories.judge(two, item)
    factories.judge(three, item)
    item.refresh_from_db()
    assert (item.state, item.done_count, item.reserved_count) == ("DONE", 2, 0)


def test_specialties_keep_items_apart(by_priority):
    neuro, anyones = make_items(1, specialty="neurology")[0], factories.make_item()
    ReviewItem.objects.filter(pk=neuro.pk).update(priority=5)
    plain, neurologist = factories.make_reviewer(), factories.make_reviewer(specialties=["neurology"])
    assert take(plain) == anyones
    assert take(neurologist) == neuro


def test_what_ran_out_goes_to_somebody_else_and_the_draft_stays(reviewer, by_priority):
    (item,) = make_items(1)
    take(reviewer)
    Reservation.objects.update(heartbeat_at=Now() - timedelta(hours=1), expires_at=Now() - timedelta(minutes=1))
    assert sweep_reservations() == 1
    assert beat_heart(reviewer=reviewer, item=item) is None
    other = factories.make_reviewer()
    assert take(other) == item
    assert Draft.objects.filter(item=item).count() == 2


def test_what_was_begun_is_gone_on_with_first(reviewer, by_priority):
    begun, urgent = make_items(2)
    ReviewItem.objects.filter(pk=begun.pk).update(priority=1)
    assert take(reviewer) == begun
    release_item(reviewer=reviewer, item=begun)
    ReviewItem.objects.filter(pk=urgent.pk).update(priority=9)
    assert take(reviewer) == begun


def test_a_skip_says_why_and_the_item_never_comes_back(reviewer, by_priority):
    one, two = make_items(2)
    first = take(reviewer)
    with pytest.raises(SkipRefused, match="Choose why"):
        skip_item(reviewer=reviewer, item=first, reason="")
    with pytest.raises(SkipRefused, match="few words"):
        skip_item(reviewer=reviewer, item=first, reason="OTHER")
    skip_item(reviewer=reviewer, item=first, reason="OTHER", note="I treated her.")
    assert take(reviewer) == (two if first == one else one)
    assert take(factories.make_reviewer()) == first
    with pytest.raises(ItemGone):
        skip_item(reviewer=reviewer, item=first, reason="BROKEN")
    assert Skip.objects.count() == 1


def test_a_retired_item_is_taken_back(reviewer):
    item = make_items(1)[0]
    take(reviewer)
    retire_item(item=item, reason="Withdrawn.")
    item.refresh_from_db()
    assert (item.reserved_count, Reservation.objects.count(), Draft.objects.count()) == (0, 0, 1)
    with pytest.raises(NothingToClaim):
        take(reviewer)


def test_a_paused_reviewer_gets_nothing_new(reviewer):
    make_items(1)
    pause_reviewer(reviewer=reviewer, by=None)
    with pytest.raises(NothingToClaim, match="paused"):
        take(reviewer)
    qualify_reviewer(reviewer=reviewer, by=None)
    take(reviewer)


def test_a_uniform_share_ignores_priority(settings):
    settings.REVIEW = {**settings.REVIEW, "UNIFORM_SHARE": 1.0, "GOLD_SHARE": 0.0}
    items = make_items(12)
    for place, item in enumerate(sorted(items, key=lambda each: each.draw)):
        ReviewItem.objects.filter(pk=item.pk).update(priority=place)
    reviewer = factories.make_reviewer()
    served = []
    for _ in items:
        reservation = claim_item(user=reviewer.user)
        assert reservation.drawn == "UNIFORM"
        served.append(reservation.item)
        skip_item(reviewer=reviewer, item=reservation.item, reason="CONFLICT")
    assert served == sorted(items, key=lambda each: each.draw)


def test_shares_are_kept_over_many_claims(settings):
    settings.REVIEW = {**settings.REVIEW, "UNIFORM_SHARE": 0.2, "GOLD_SHARE": 0.1, "FAIR_FLOOR": 10_000}
    reviewers = [Reviewer(alias=f"R-{number:05}") for number in range(20)]
    chances = []
    for reviewer in reviewers:
        for reviewer.claims in range(100):
            chances.append(chance_of(reviewer))
    assert 0.17 < sum(0.1 <= chance < 0.3 for chance in chances) / len(chances) < 0.23
    assert 0.08 < sum(chance < 0.1 for chance in chances) / len(chances) < 0.12


def test_gold_items_are_mixed_in_and_served_to_everybody_once(settings):
    settings.REVIEW = {**settings.REVIEW, "UNIFORM_SHARE": 0.0, "GOLD_SHARE": 1.0}
    gold = factories.make_item(kind="GOLD", reference={"turns": {"2": {"label": 1}}})
    real = make_items(2)
    for reviewer in (factories.make_reviewer(), factories.make_reviewer()):
        assert take(reviewer) == gold
        factories.judge(reviewer, gold)
        item = take(reviewer)
        assert item in real
        factories.judge(reviewer, item)
    gold.refresh_from_db()
    assert (gold.state, gold.done_count, gold.free_slots) == ("OPEN", 2, None)


def test_nobody_takes_more_than_a_fair_share(settings, by_priority):
    settings.REVIEW = {**settings.REVIEW, "FAIR_SHARE": 2, "FAIR_FLOOR": 2}
    make_items(6)
    keen, slow = factories.make_reviewer(), factories.make_reviewer()
    factories.judge(slow, take(slow))
    for _ in range(2):
        factories.judge(keen, take(keen))
    with pytest.raises(NothingToClaim, match="2 items this week, the others 1 on average"):
        take(keen)
    factories.judge(slow, take(slow))
    factories.judge(keen, take(keen))
    Reviewer.objects.update(week=timezone.localdate() - timedelta(days=14))
    take(keen)


def training_item(label: int) -> ReviewItem:
    reference = {"turns": {str(number): {"label": label} for number in (2, 3)}}
    return factories.make_item(factories.make_trajectory(2), kind="TRAINING", reference=reference)


def test_training_comes_before_real_items(by_priority):
    real = make_items(1)[0]
    trained = [training_item(1) for _ in range(3)]
    reviewer = ensure_reviewer(user=factories.make_user())
    for _ in range(3):
        reservation = claim_item(user=reviewer.user)
        assert reservation.drawn == "TRAINING"
        assert reservation.item in trained
        factories.judge(reviewer, reservation.item)
    reviewer.refresh_from_db()
    assert reviewer.state == "QUALIFIED"
    assert take(reviewer) == real


def test_who_does_not_agree_with_the_references_is_not_qualified(by_priority):
    make_items(1)
    for label in (-1, -1, -1):
        training_item(label)
    reviewer = ensure_reviewer(user=factories.make_user())
    for _ in range(3):
        factories.judge(reviewer, take(reviewer))
    with pytest.raises(NothingToClaim, match="0% of your labels agree with the reference; 70% are needed"):
        take(reviewer)
    # Another training item gives another chance; only the latest count.
    for _ in range(2):
        training_item(1)
        factories.judge(reviewer, take(reviewer))
    reviewer.refresh_from_db()
    assert reviewer.state == "TRAINING"
    training_item(1)
    factories.judge(reviewer, take(reviewer))
    reviewer.refresh_from_db()
    assert reviewer.state == "QUALIFIED"


def test_without_training_items_everybody_is_qualified(item):
    reviewer = ensure_reviewer(user=factories.make_user())
    assert take(reviewer) == item
    assert Annotation.objects.count() == 0
    assert issubclass(NothingToClaim, ServiceError)
