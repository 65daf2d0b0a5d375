"""A correction that is pressed by many at once."""

import pytest

from diagnosis.models import Session, Trajectory
from review.models import AuditEntry
from review.services.rerunning import accept_correction
from tests.review import corrections as made
from tests.review import factories
from tests.review.test_corrections import scripted as scripted
from tests.review.test_many_clients import run_together


@pytest.mark.django_db(transaction=True)
def test_pressed_many_times_at_once_it_is_run_and_accepted_once():
    reviewer, item = factories.make_reviewer(), factories.make_item()
    correction = made.begin(reviewer, item)
    turn = made.concluded()
    assert run_together(lambda _: made.run(correction, turn), range(8)) == []
    assert (Session.objects.count(), Trajectory.objects.count()) == (1, 2)
    correction.refresh_from_db()
    faults = run_together(lambda _: accept_correction(reviewer=reviewer, correction=correction), range(8))
    assert faults == []
    assert AuditEntry.objects.filter(verb="accept_correction").count() == 1
