"""Deciding between reviewers: who may, what is stored, what the database refuses, what stands first in the queue."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from review.models import Adjudication, Annotation, AuditEntry, Exemplar, Reviewer, ReviewItem
from review.rules import Labels, TrajectoryLabel, TurnLabel
from review.selectors import list_authoritative
from review.selectors.adjudicating import get_disagreement, list_decided, list_disagreements
from review.services.adjudicating import adjudicate_item, write_own
from review.services.claiming import claim_item
from review.services.errors import AdjudicationRefused, ExemplarRefused, StaleAdjudication
from review.services.exemplars import mark_exemplar, remove_exemplar
from tests.review import factories

pytestmark = pytest.mark.django_db
WHOLE = TrajectoryLabel(answers={"conclusion": "follows", "teach": "as_example"})


@pytest.fixture
def adjudicator(db):
    return factories.make_role(factories.ADJUDICATOR, "dr-decides")


@pytest.fixture
def reviewers(db):
    return [factories.make_reviewer() for _ in range(2)]


def disputed(reviewers, labels=(1, -1), **values) -> ReviewItem:
    """An item with all its judgements: one label for each reviewer, of every turn."""
    values.setdefault("required", len(labels))
    item = factories.make_item(priority=99, **values)
    for reviewer, label in zip(reviewers, labels, strict=False):
        assert claim_item(user=reviewer.user).item == item
        factories.judge(reviewer, item, label)
    item.refresh_from_db()
    return item


def decide(adjudicator, item, letter="A", cause="KNOWLEDGE", **values) -> Adjudication:
    stamp = values.pop("stamp", None) or get_disagreement(user=adjudicator, item_id=item.pk).stamp
    return adjudicate_item(by=adjudicator, item=item, letter=letter, cause=cause, stamp=stamp, **values)


def refused(action):
    with pytest.raises(IntegrityError), transaction.atomic():
        action()


def test_agreement_is_kept_as_defined(reviewers):
    """Two turns are 5 labels apart by 2 of 2, two questions are answered alike: (5 · 0 + 2 · 1) / 7."""
    apart = disputed(reviewers, (1, -1))
    assert apart.agreement == pytest.approx(2 / 7)
    near = disputed(reviewers, (1, 0))
    assert near.agreement == pytest.approx((5 * 0.5 + 2) / 7)
    alike = disputed(reviewers, (0, 0))
    assert alike.agreement == 1.0
    third = factories.make_reviewer()
    three = disputed([*reviewers, third], (1, 0, -1))
    assert three.agreement == pytest.approx((5 * (0.5 + 0.5 + 0) / 3 + 2) / 7)


def test_what_is_unmarked_is_not_compared(reviewers):
    only_questions = disputed(reviewers, (None, 1))
    assert only_questions.agreement == 1.0
    alone = factories.make_item(priority=99)
    claim_item(user=reviewers[0].user)
    factories.judge(reviewers[0], alone)
    alone.refresh_from_db()
    assert (alone.state, alone.agreement) == ("DONE", None)


def test_an_edit_changes_the_agreement(reviewers):
    item = disputed(reviewers, (1, -1))
    before = Annotation.objects.get(item=item, reviewer=reviewers[0], revision=2)
    labels = {**before.labels, "turns": {k: {**v, "label": -1} for k, v in before.labels["turns"].items()}}
    Annotation.objects.create(
        item=item,
        reviewer=reviewers[0],
        revision=3,
        supersedes=before,
        stage="SECOND",
        rubric_version=item.rubric_version,
        labels=labels,
        drawn=before.drawn,
        seconds=1.0,
    )
    item.refresh_from_db()
    assert (item.agreement, item.done_count) == (1.0, 2)


def test_the_lowest_agreement_comes_first(reviewers, adjudicator):
    alike, apart, near = (disputed(reviewers, labels) for labels in ((1, 1), (1, -1), (1, 0)))
    assert list(list_disagreements(adjudicator)) == [apart, near, alike]


def test_the_queue_is_of_real_items_with_all_their_judgements(reviewers, adjudicator):
    disputed(reviewers[:1], (1,), required=1)
    disputed(reviewers, (1, -1), required=3)
    item = factories.make_item(priority=100, required=2)
    assert not list_disagreements(adjudicator).exists()
    with pytest.raises(ReviewItem.DoesNotExist):
        get_disagreement(user=adjudicator, item_id=item.pk)


def test_an_adjudicator_decides_nothing_that_they_judged(reviewers, adjudicator):
    judge = Reviewer.objects.create(user=adjudicator, alias="R-JUDGE", state="PAUSED")
    Reviewer.objects.filter(pk=judge.pk).update(state="QUALIFIED", qualified_at=judge.created_at)
    judge.refresh_from_db()
    item = disputed([judge, reviewers[0]])
    other = factories.make_role(factories.ADJUDICATOR)
    assert list(list_disagreements(other)) == [item]
    assert not list_disagreements(adjudicator).exists()
    with pytest.raises(ReviewItem.DoesNotExist):
        get_disagreement(user=adjudicator, item_id=item.pk)
    seen = get_disagreement(user=other, item_id=item.pk)
    with pytest.raises(AdjudicationRefused, match="judged this item yourself"):
        decide(adjudicator, item, stamp=seen.stamp)
    annotation = seen.judges[0].annotation
    refused(
        lambda: Adjudication.objects.create(item=item, revision=1, annotation=annotation, by=adjudicator, cause="SLIP")
    )


def test_one_judgement_becomes_authoritative(reviewers, adjudicator):
    item = disputed(reviewers)
    seen = get_disagreement(user=adjudicator, item_id=item.pk)
    assert [judge.letter for judge in seen.judges] == ["A", "B"]
    assert {turn.differs for turn in seen.turns} == {"label"}
    chosen = seen.judges[1]
    made = decide(adjudicator, item, "B", note="A normal ECG does not exclude it.")
    (found,) = list_authoritative()
    assert (found, found.annotation, found.cause) == (made, chosen.annotation, "KNOWLEDGE")
    assert not list_disagreements(adjudicator).exists()
    assert list(list_decided(adjudicator)) == [made]
    entry = AuditEntry.objects.first()
    assert (entry.verb, entry.subject, entry.by) == ("adjudicate", f"reviewitem:{item.pk}", adjudicator)
    assert "ECG" not in str(entry.detail)


def test_a_later_decision_supersedes_the_first(reviewers, adjudicator):
    item = disputed(reviewers)
    first = decide(adjudicator, item, "A")
    second = decide(factories.make_role(factories.ADJUDICATOR), item, "B")
    assert list(list_authoritative()) == [second]
    assert (second.revision, second.supersedes) == (2, first)
    annotation = first.annotation
    values = {"item": item, "annotation": annotation, "by": adjudicator, "cause": "SLIP"}
    refused(lambda: Adjudication.objects.create(revision=2, supersedes=first, **values))
    refused(lambda: Adjudication.objects.create(revision=1, **values))
    refused(lambda: Adjudication.objects.create(revision=4, supersedes=second, **values))
    refused(lambda: Adjudication.objects.filter(pk=second.pk).update(cause="SLIP"))
    refused(lambda: Adjudication.objects.all()._raw_delete("default"))


def test_an_adjudication_points_at_a_judgement_of_its_item(reviewers, adjudicator):
    item, other = disputed(reviewers), disputed(reviewers)
    values = {"item": item, "revision": 1, "by": adjudicator, "cause": "SLIP"}
    theirs = Annotation.objects.filter(item=other, stage="SECOND").first()
    blind = Annotation.objects.filter(item=item, stage="FIRST").first()
    for wrong in (theirs, blind):
        refused(lambda wrong=wrong: Adjudication.objects.create(annotation=wrong, **values))
    early = factories.make_item(required=2)
    refused(lambda: Adjudication.objects.create(annotation=theirs, **{**values, "item": early}))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"letter": "C"}, "Choose whose judgement counts"),
        ({"cause": ""}, "Choose why they disagreed"),
        ({"note": "x" * 20_001}, "20,001 characters"),
    ],
)
def test_what_is_refused_stores_nothing(reviewers, adjudicator, values, sentence):
    item = disputed(reviewers)
    with pytest.raises(AdjudicationRefused, match=sentence):
        decide(adjudicator, item, **values)
    assert not Adjudication.objects.exists()


def test_a_decision_on_what_has_changed_is_stale(reviewers, adjudicator):
    item = disputed(reviewers)
    stamp = get_disagreement(user=adjudicator, item_id=item.pk).stamp
    decide(adjudicator, item)
    with pytest.raises(StaleAdjudication):
        decide(adjudicator, item, "B", stamp=stamp)
    assert Adjudication.objects.count() == 1


def own(item, label=0, **values) -> Labels:
    return Labels(turns={number: TurnLabel(label=label, **values) for number in item.turn_numbers}, trajectory=WHOLE)


def test_an_adjudicator_writes_their_own(reviewers, adjudicator):
    item = disputed(reviewers)
    agreement = item.agreement
    stamp = get_disagreement(user=adjudicator, item_id=item.pk).stamp
    made = write_own(by=adjudicator, item=item, labels=own(item), cause="RUBRIC", stamp=stamp)
    assert (made.annotation.stage, made.annotation.revision) == ("THIRD", 1)
    item.refresh_from_db()
    assert (item.done_count, item.agreement, item.state) == (2, agreement, "DONE")
    seen = get_disagreement(user=adjudicator, item_id=item.pk)
    assert (seen.chosen, len(seen.judges)) == ("", 2)
    again = write_own(by=adjudicator, item=item, labels=own(item, 1), cause="RUBRIC", stamp=seen.stamp)
    assert (again.annotation.revision, again.annotation.supersedes) == (2, made.annotation)
    item.refresh_from_db()
    assert item.done_count == 2
    assert [found.annotation.labels["turns"]["2"]["label"] for found in list_authoritative()] == [1]


def test_ones_own_must_be_complete(reviewers, adjudicator):
    item = disputed(reviewers)
    stamp = get_disagreement(user=adjudicator, item_id=item.pk).stamp
    for labels, sentence in (
        (own(item, -1), "Turn 1: Say what is wrong"),
        (Labels(turns=own(item).turns), "Does the conclusion follow"),
        (own(item, errors=("no_such",)), "no error no_such"),
    ):
        with pytest.raises(AdjudicationRefused, match=sentence):
            write_own(by=adjudicator, item=item, labels=labels, cause="SLIP", stamp=stamp)
    assert not Annotation.objects.filter(stage="THIRD").exists()


def test_a_judgement_and_an_adjudicators_do_not_mix(reviewers, adjudicator):
    item = disputed(reviewers)
    last = Annotation.objects.get(item=item, reviewer=reviewers[0], revision=2)
    values = {"item": item, "reviewer": reviewers[0], "rubric_version": item.rubric_version, "labels": {}}
    refused(
        lambda: Annotation.objects.create(
            revision=3, supersedes=last, stage="THIRD", drawn="ASSIGNED", seconds=0, **values
        )
    )


def test_letters_are_shuffled_anew_for_each_item(reviewers, adjudicator):
    first = {
        get_disagreement(user=adjudicator, item_id=disputed(reviewers).pk).judges[0].annotation.reviewer_id
        for _ in range(12)
    }
    assert first == {reviewer.pk for reviewer in reviewers}


def test_a_turn_is_marked_and_taken_away(reviewers, adjudicator):
    item = disputed(reviewers)
    letter = next(
        judge.letter
        for judge in get_disagreement(user=adjudicator, item_id=item.pk).judges
        if judge.labels.of(2).label == -1
    )
    made = decide(adjudicator, item, letter)
    who = {"by": adjudicator, "adjudication": made, "turn_number": 2}
    exemplar = mark_exemplar(**who, point="errors:anchoring", sentence="It held on.")
    mark_exemplar(**who, point="steps:-1", sentence="A wrong turn.")
    for values, sentence in (
        ({"point": "errors:anchoring", "sentence": "Again."}, "already"),
        ({"point": "errors:unsafe", "sentence": "Not said."}, "Choose something"),
        ({"point": "steps:-1", "sentence": " \n "}, "Say in a sentence"),
        ({"point": "steps:-1", "sentence": "x" * 401}, "401 characters"),
        ({"point": "steps:-1", "sentence": "No such turn.", "turn_number": 77}, "Choose something"),
    ):
        with pytest.raises(ExemplarRefused, match=sentence):
            mark_exemplar(**{**who, **values})
    refused(lambda: Exemplar.objects.filter(pk=exemplar.pk).update(sentence="Another."))
    values = {"adjudication": made, "by": adjudicator, "point": "steps:-1", "sentence": "x"}
    refused(lambda: Exemplar.objects.create(turn_number=77, **values))
    remove_exemplar(by=adjudicator, exemplar=exemplar)
    assert [each.point for each in Exemplar.objects.all()] == ["steps:-1"]
    assert list(AuditEntry.objects.values_list("verb", flat=True)[:3]) == [
        "remove_exemplar",
        "mark_exemplar",
        "mark_exemplar",
    ]
    decide(adjudicator, item, letter)
    with pytest.raises(ExemplarRefused, match="decided anew"):
        mark_exemplar(**who, point="errors:anchoring", sentence="Late.")


def test_the_number_of_queries_stays_the_same(reviewers, adjudicator):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            for item in list_disagreements(adjudicator):
                str(item.rubric_version), item.case_title, item.agreement
            for found in list_authoritative():
                str(found.annotation.rubric_version), found.annotation.reviewer.alias, found.item.leaf_seq
        return len(queries)

    for _ in range(2):
        disputed(reviewers)
    decide(adjudicator, list_disagreements(adjudicator).first())
    assert count() == 2
    for _ in range(3):
        disputed(reviewers)
    decide(adjudicator, list_disagreements(adjudicator).first())
    assert count() == 2
