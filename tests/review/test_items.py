"""What becomes an item, and what does not."""

import pytest

from review.models import AuditEntry, ReviewItem
from review.services import ItemRefused, RubricRefused, add_item, retire_item
from review.services.holding import draw_of
from review.services.rubrics import create_version, ensure_rubric, use_version, write_version
from tests.review import factories

pytestmark = pytest.mark.django_db
REFERENCE = {"turns": {"2": {"label": 1}}}


def test_the_same_branch_of_the_same_source_is_one_item(item):
    again = add_item(trajectory=item.trajectory, leaf_seq=item.leaf_seq, source="SYNTHETIC", reason="Again.")
    assert again == item
    assert again.reason == item.reason
    other = add_item(trajectory=item.trajectory, leaf_seq=item.leaf_seq, source="INCIDENT", reason="Reported.")
    assert other != item
    assert ReviewItem.objects.count() == 2


def test_an_item_knows_its_turns_and_who_added_it():
    user = factories.make_user()
    item = factories.make_item(factories.make_trajectory(3), by=user, priority=4)
    assert item.turn_numbers == [2, 3, 4]
    entry = AuditEntry.objects.get(verb="add_item")
    assert (entry.by, entry.subject) == (user, f"reviewitem:{item.pk}")


def test_what_is_no_branch_with_turns_is_refused():
    trajectory = factories.make_trajectory(1)
    with pytest.raises(ItemRefused, match="no node 99"):
        add_item(trajectory=trajectory, leaf_seq=99, source="LIVE", reason="x")
    with pytest.raises(ItemRefused, match="no turn to judge"):
        add_item(trajectory=trajectory, leaf_seq=0, source="LIVE", reason="x")
    assert not ReviewItem.objects.exists()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"kind": "GOLD"}, "have a reference"),
        ({"reference": REFERENCE}, "others have none"),
        ({"kind": "GOLD", "reference": {"turns": {"9": {"label": 1}}}}, "no turn 9"),
        ({"kind": "GOLD", "reference": {"turns": {"2": {"label": 7}}}}, "label"),
        ({"kind": "TRAINING", "reference": {"turns": {"2": {"comment": "Hm."}}}}, "at least one turn"),
    ],
)
def test_a_reference_is_checked(values, sentence):
    with pytest.raises(ItemRefused, match=sentence):
        factories.make_item(**values)


def test_the_random_order_depends_on_seed_and_item_only(item, settings):
    assert draw_of(item.pk) == item.draw
    settings.REVIEW = {**settings.REVIEW, "SEED": 1}
    assert draw_of(item.pk) != item.draw


def test_retiring_says_why_and_happens_once(item):
    with pytest.raises(ItemRefused, match="Say why"):
        retire_item(item=item, reason=" ")
    retire_item(item=item, reason="The case was withdrawn.")
    item.refresh_from_db()
    assert item.state == "RETIRED"
    with pytest.raises(ItemRefused, match="retired already"):
        retire_item(item=item, reason="Again.")


def test_another_version_of_the_rubric_is_for_new_items(item):
    version = item.rubric_version
    assert version == ensure_rubric()
    changed = create_version(rubric=version.rubric, content={**version.content, "mode": "first_error"}, note="Sooner.")
    assert changed.number == 2
    assert factories.make_item().rubric_version == version
    use_version(version=changed)
    assert factories.make_item().rubric_version == changed


def test_a_rubric_that_cannot_be_used_is_refused_with_sentences(item, reviewer):
    version = item.rubric_version
    twice = [version.content["errors"][0]] * 2
    with pytest.raises(RubricRefused, match="each may stand there once"):
        write_version(version=version, content={**version.content, "errors": twice}, note="")
    with pytest.raises(RubricRefused, match="steps"):
        create_version(rubric=version.rubric, content={"title": "Empty"})
    taken = [{**version.content["errors"][0], "key": "j"}]
    with pytest.raises(RubricRefused, match="the page itself uses the keys j"):
        write_version(version=version, content={**version.content, "errors": taken}, note="")
    version.__class__.objects.filter(pk=version.pk).update(state="LOCKED", locked_at=version.created_at)
    with pytest.raises(RubricRefused, match="Make a new version"):
        write_version(version=version, content=version.content, note="")
