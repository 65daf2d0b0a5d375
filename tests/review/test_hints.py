"""What the graph says of a turn comes after the reviewer's own label, and both are kept."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from medaction.metrics import METRIC_VERSION, BranchScorer
from review.models import Draft, GraphReading, HintShown
from review.rules import Labels, TurnLabel
from review.selectors.hints import get_hints
from review.services.claiming import claim_item
from review.services.drafting import save_draft
from review.services.hinting import read_item
from review.services.judging import judge_turn, reopen_turn, submit_judgement
from review.tasks import read_graph
from tests.review import corrections as made
from tests.review import factories

pytestmark = pytest.mark.django_db
SAID = "What the graph says of turn"


@pytest.fixture(scope="module")
def scorer(graph):
    return BranchScorer(graph)


@pytest.fixture
def reading(item, scorer):
    return read_item(item=item, scorer=scorer)


@pytest.fixture
def reviewer(db):
    return factories.make_reviewer_of(factories.make_role(factories.ANNOTATOR, "dr-mine"))


@pytest.fixture
def client(client_of, reviewer):
    return client_of(reviewer.user)


def hints_of(reviewer, item, *, truth: bool = False):
    labels = Labels.model_validate(Draft.objects.get(reviewer=reviewer, item=item).labels)
    return get_hints(reviewer=reviewer, item=item, labels=labels, truth=truth)


def test_it_is_worked_out_once(item, scorer, reading):
    assert read_item(item=item, scorer=scorer) == reading
    assert (reading.metric_version, reading.graph_hash) == (METRIC_VERSION, scorer.graph.hash)
    assert [turn["number"] for turn in reading.score["turns"]] == item.turn_numbers


@pytest.mark.django_db(transaction=True)
def test_a_worker_reads_what_somebody_has_before_them_and_nothing_else():
    for _ in range(3):
        factories.make_item()
    held = claim_item(user=factories.make_reviewer().user).item
    for _ in range(2):
        read_graph()
    assert GraphReading.objects.get().item == held


def test_nothing_is_shown_before_the_label(client, reviewer, item, reading):
    claim_item(user=reviewer.user)
    order = reading.score["turns"][0]["orders"][0]["reason"]
    page = client.get(f"/review/items/{item.pk}/").content.decode()
    assert SAID not in page
    assert order not in page
    save_draft(reviewer=reviewer, item=item, revision=1, turns={2: made.WRONG})
    assert SAID not in client.get(f"/review/items/{item.pk}/").content.decode()
    assert HintShown.objects.count() == 0


def test_after_the_label_it_is_shown_for_that_turn_alone(client, reviewer, item, reading):
    made.judge_first(reviewer, item)
    page = client.get(f"/review/items/{item.pk}/").content.decode()
    assert f"{SAID} 1" in page
    assert f"{SAID} 2" not in page
    assert f"Metrics {METRIC_VERSION}" in page
    hints = hints_of(reviewer, item)
    assert list(hints.turns) == [2]
    assert hints.turns[2].orders[0].reason == reading.score["turns"][0]["orders"][0]["reason"]


def test_what_reads_the_truth_waits_for_the_truth(client, reviewer, item, reading):
    made.judge_first(reviewer, item)
    assert (hints_of(reviewer, item).turns[2].alignment, hints_of(reviewer, item).whole) == (None, None)
    factories.judge_rest(reviewer, item)
    scored = reading.score["turns"][0]["alignment"]
    hints = hints_of(reviewer, item, truth=True)
    assert scored is not None
    assert hints.turns[2].alignment == scored
    assert hints.whole.dtc == reading.score["dtc"]
    page = client.get(f"/review/items/{item.pk}/").content.decode()
    assert "alignment with the truth" in page
    assert "DTC" in page


def test_the_label_before_the_hint_is_kept_and_a_change_after_it_shows(client, reviewer, item, reading):
    draft = made.judge_first(reviewer, item, TurnLabel(label=0))
    assert not hints_of(reviewer, item).turns[2].changed
    draft = reopen_turn(reviewer=reviewer, item=item, revision=draft.revision)
    draft = save_draft(reviewer=reviewer, item=item, revision=draft.revision, turns={2: made.WRONG})
    judge_turn(reviewer=reviewer, item=item, revision=draft.revision)
    hint = hints_of(reviewer, item).turns[2]
    assert (hint.before.label, hint.changed) == (0, True)
    assert "you have changed it since" in client.get(f"/review/items/{item.pk}/").content.decode()
    assert HintShown.objects.count() == 1


def test_going_back_unchanged_is_no_change(reviewer, item, reading):
    draft = made.judge_first(reviewer, item, TurnLabel(label=0))
    draft = reopen_turn(reviewer=reviewer, item=item, revision=draft.revision)
    judge_turn(reviewer=reviewer, item=item, revision=draft.revision)
    assert not hints_of(reviewer, item).turns[2].changed


def test_a_draft_from_before_labels_had_all_their_fields(reviewer, item, reading):
    claim_item(user=reviewer.user)
    Draft.objects.update(labels={"turns": {"2": {"label": 0}}})
    judge_turn(reviewer=reviewer, item=item, revision=1)
    hint = hints_of(reviewer, item).turns[2]
    assert (hint.before.label, hint.changed) == (0, False)


def test_without_a_reading_judging_goes_on_and_the_hint_comes_later(reviewer, item, scorer):
    draft = made.judge_first(reviewer, item)
    assert HintShown.objects.count() == 0
    read_item(item=item, scorer=scorer)
    draft = save_draft(reviewer=reviewer, item=item, revision=draft.revision, turns={3: TurnLabel(label=1)})
    judge_turn(reviewer=reviewer, item=item, revision=draft.revision)
    assert set(hints_of(reviewer, item).turns) == {2, 3}


def test_a_work_up_that_the_metrics_cannot_read_gives_no_hints(reviewer, item):
    GraphReading.objects.create(
        item=item, metric_version=METRIC_VERSION, graph_hash="0" * 64, error_message="It cannot be read."
    )
    made.judge_first(reviewer, item)
    assert HintShown.objects.count() == 0


def test_the_database_keeps_the_order_of_label_and_hint(reviewer, item, reading):
    made.judge_first(reviewer, item)
    shown = HintShown.objects.get()
    values = {"item": item, "reviewer": reviewer, "reading": reading}
    for refused in ({"turn_number": 3, "label": TurnLabel().model_dump(mode="json")}, {"turn_number": 4, "label": {}}):
        with pytest.raises(IntegrityError), transaction.atomic():
            HintShown.objects.create(**values, **refused)
    for change in ({"label": {}}, {"turn_number": 5}):
        with pytest.raises(IntegrityError), transaction.atomic():
            HintShown.objects.filter(pk=shown.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        GraphReading.objects.filter(pk=reading.pk).update(score={})


def test_others_see_their_own(reviewer, scorer):
    item = factories.make_item(required=2)
    read_item(item=item, scorer=scorer)
    made.judge_first(reviewer, item)
    other = factories.make_reviewer()
    claim_item(user=other.user)
    assert hints_of(other, item).turns == {}


def test_after_handing_in_they_stand_beside_the_labels(client, reviewer, item, reading):
    submit_judgement(reviewer=reviewer, item=item, revision=made.judge_blindly(reviewer, item))
    assert client.get(f"/review/items/{item.pk}/").content.decode().count(SAID) == len(item.turn_numbers)


def test_the_number_of_queries_does_not_grow_with_the_turns(client, reviewer, scorer):
    counts = []
    for turns in (2, 5):
        item = factories.make_item(factories.make_trajectory(turns), priority=turns)
        read_item(item=item, scorer=scorer)
        made.judge_blindly(reviewer, item)
        with CaptureQueriesContext(connection) as queries:
            assert SAID in client.get(f"/review/items/{item.pk}/").content.decode()
        counts.append(len(queries))
        submit_judgement(reviewer=reviewer, item=item, revision=Draft.objects.get(item=item).revision)
    assert counts[0] == counts[1]
