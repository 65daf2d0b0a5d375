"""What becomes a pair, who gets it, and what an answer is."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from review.models import AuditEntry, Pair, PairDraft, PairReservation, PairSkip, Preference, RubricVersion
from review.rules import PairAnswer
from review.services.errors import DraftRefused, Incomplete, ItemGone, ItemRefused, NothingToClaim, StaleDraft
from review.services.pair_claiming import claim_pair, left_for, release_pair, skip_pair
from review.services.pairing import add_pair, retire_pair
from review.services.preferring import latest_preference, save_pair_draft, show_pair_life, show_truth, submit_preference
from review.services.reviewers import ensure_reviewer, pause_reviewer
from review.services.sweeping import sweep_reservations
from tests.review import factories, pairs

pytestmark = pytest.mark.django_db
REASON = "A test wants them compared."


@pytest.fixture
def by_priority(settings):
    """Nothing is left to chance."""
    settings.REVIEW = {**settings.REVIEW, "UNIFORM_SHARE": 0.0}


@pytest.fixture
def pair(db) -> Pair:
    return pairs.make_siblings()


def run_out():
    PairReservation.objects.update(heartbeat_at=Now() - timedelta(hours=1), expires_at=Now() - timedelta(minutes=1))
    return sweep_reservations()


def test_siblings_are_one_pair_whichever_way_round():
    tree = pairs.make_tree()
    pair = add_pair(first=(tree, 3), second=(tree, 1), reason=REASON)
    assert add_pair(first=(tree, 1), second=(tree, 3), reason="Again.") == pair
    assert (pair.first_leaf, pair.second_leaf, pair.shared, pair.scope) == (1, 3, 1, "TURN")
    assert (pair.first_policy, pair.first_turns) == ("kg", 1)
    assert pair.first_chars == len(tree.nodes.get(seq=1).content["text"])
    assert AuditEntry.objects.get(verb="add_pair").detail == {"reason": REASON}
    assert Pair.objects.count() == 1


def test_branches_over_two_trajectories_begin_where_they_differ():
    pair = pairs.make_rivals()
    again = add_pair(
        first=(pair.second_trajectory, 3), second=(pair.first_trajectory, 3), reason="The other way round."
    )
    assert again == pair
    assert (pair.scope, pair.shared, pair.first_turns) == ("BRANCH", 1, 2)
    assert {pair.first_policy, pair.second_policy} == {"kg", "llm"}


def test_what_is_shared_over_two_trajectories_is_found_whoever_said_it():
    case = factories.make_case()
    same, longer = (pairs.make_tree((turns,), case, (policy,)) for turns, policy in ((2, "kg"), (3, "llm")))
    pair = add_pair(first=(same, 3), second=(longer, 5), reason=REASON)
    assert (pair.shared, sorted((pair.first_turns, pair.second_turns))) == (3, [1, 2])


def test_what_cannot_be_compared_is_refused_with_a_sentence():
    tree = pairs.make_tree((2, 2))
    other = pairs.make_tree(case=pairs.make_other_case())
    stricter = pairs.make_tree(case=tree.case)
    type(tree).objects.filter(pk=stricter.pk).update(settings={"environment": {"horizon": 2}})
    stricter.refresh_from_db()
    for first, second, words in (
        ((tree, 1), (other, 3), "not of the same case"),
        ((tree, 1), (stricter, 3), "different rules"),
        ((tree, 1), (tree, 3), "one is a part of the other"),
        ((tree, 0), (tree, 1), "one is a part of the other"),
        ((tree, 1), (tree, 99), "no node 99"),
        ((tree, 3), (pairs.make_tree((2,), tree.case, ("llm",)), 3), "say the same"),
    ):
        with pytest.raises(ItemRefused, match=words):
            add_pair(first=first, second=second, reason=REASON)
    assert not Pair.objects.exists()


def test_priority_then_chance_decide_and_specialties_keep_pairs_apart(by_priority):
    low, high = pairs.make_siblings(), pairs.make_siblings(priority=1)
    eyes = pairs.make_siblings(specialty="eye", priority=9)
    plain, surgeon = factories.make_reviewer(), factories.make_reviewer(specialties=["eye"])
    assert [pairs.prefer(plain), pairs.prefer(plain)] == [high, low]
    assert [pairs.prefer(surgeon)] == [eyes]
    with pytest.raises(NothingToClaim, match="no pair for you"):
        claim_pair(user=plain.user)


def test_a_uniform_share_ignores_priority(settings):
    settings.REVIEW = {**settings.REVIEW, "UNIFORM_SHARE": 1.0}
    made = [pairs.make_siblings(priority=priority) for priority in range(4)]
    reviewer = factories.make_reviewer()
    served = [pairs.prefer(reviewer) for _ in made]
    assert served == sorted(made, key=lambda pair: pair.draw)
    assert set(Preference.objects.values_list("drawn", flat=True)) == {"UNIFORM"}


def test_two_reviewers_at_once_have_a_place_each(pair):
    Pair.objects.update(required=2)
    one, two, three = (factories.make_reviewer() for _ in range(3))
    for each in (one, two):
        assert claim_pair(user=each.user).pair == pair
    with pytest.raises(NothingToClaim):
        claim_pair(user=three.user)
    pairs.answer_pair(one, pair)
    release_pair(reviewer=two, pair=pair)
    pairs.prefer(three, "TIE")
    pair.refresh_from_db()
    assert (pair.state, pair.done_count, pair.reserved_count) == ("DONE", 2, 0)


def test_training_comes_first_and_a_pause_ends_it(pair):
    factories.make_item(kind="TRAINING", reference={"turns": {"2": {"label": 1}}})
    new = ensure_reviewer(user=factories.make_user())
    with pytest.raises(NothingToClaim, match="training items"):
        claim_pair(user=new.user)
    paused = factories.make_reviewer()
    pause_reviewer(reviewer=paused, by=None)
    with pytest.raises(NothingToClaim, match="paused"):
        claim_pair(user=paused.user)


def test_the_side_is_random_for_each_reviewer_and_stays(pair):
    reviewers = [factories.make_reviewer() for _ in range(40)]
    sides = [left_for(pair, each) for each in reviewers]
    assert 8 < sides.count("FIRST") < 32
    assert sides == [left_for(Pair.objects.get(), each) for each in reviewers]
    preference = pairs.prefer(reviewers[0]) and Preference.objects.get()
    assert preference.left == sides[0]


def test_an_answer_is_kept_with_its_reasons_and_time(pair, reviewer):
    claim_pair(user=reviewer.user)
    PairDraft.objects.update(touched_at=Now() - timedelta(seconds=30))
    show_pair_life(reviewer=reviewer, pair=pair)
    stored = pairs.answer_pair(reviewer, pair, "SECOND", reasons=("anchoring",), comment="It asks first.", confidence=4)
    assert (stored.choice, stored.reasons, stored.comment, stored.confidence) == (
        "SECOND",
        ["anchoring"],
        "It asks first.",
        4,
    )
    assert 30 <= stored.seconds < 40
    assert not PairReservation.objects.exists()
    assert pair.rubric_version.pk == RubricVersion.objects.get(state="LOCKED").pk
    assert AuditEntry.objects.get(verb="prefer").detail == {"revision": 1}


def test_a_change_of_mind_is_another_revision_and_the_same_again_is_none(pair, reviewer):
    pairs.prefer(reviewer, "FIRST")
    first = pairs.answer_pair(reviewer, pair, "FIRST")
    second = pairs.answer_pair(reviewer, pair, "BOTH_BAD")
    assert (first.revision, second.revision, second.supersedes) == (1, 2, first)
    assert latest_preference(reviewer=reviewer, pair=pair) == second
    pair.refresh_from_db()
    assert (pair.done_count, pair.state) == (1, "DONE")


def test_what_is_said_after_the_truth_is_hindsight(pair, reviewer):
    with pytest.raises(DraftRefused, match="Answer first"):
        show_truth(reviewer=reviewer, pair=pair)
    pairs.prefer(reviewer, "FIRST")
    shown = show_truth(reviewer=reviewer, pair=pair)
    assert show_truth(reviewer=reviewer, pair=pair).truth_shown_at == shown.truth_shown_at
    late = pairs.answer_pair(reviewer, pair, "TIE")
    assert (Preference.objects.get(revision=1).hindsight, late.hindsight) == (False, True)
    assert AuditEntry.objects.filter(verb="show_truth").count() == 1


def test_two_tabs_overwrite_nothing(pair, reviewer):
    claim_pair(user=reviewer.user)
    saved = save_pair_draft(reviewer=reviewer, pair=pair, revision=1, answer=PairAnswer(comment="From the first."))
    with pytest.raises(StaleDraft) as stale:
        submit_preference(reviewer=reviewer, pair=pair, revision=1, answer=PairAnswer(choice="TIE", comment="Second."))
    assert stale.value.draft.answer["comment"] == "From the first."
    assert not Preference.objects.exists()
    submit_preference(
        reviewer=reviewer, pair=pair, revision=saved.revision, answer=PairAnswer(choice="TIE", comment="Both.")
    )
    # The same form sent twice is one answer.
    submit_preference(reviewer=reviewer, pair=pair, revision=1, answer=PairAnswer(choice="TIE", comment="Both."))
    assert Preference.objects.get().comment == "Both."


def test_a_claim_that_ran_out_is_taken_up_again_or_what_was_written_stays(pair, reviewer):
    claim_pair(user=reviewer.user)
    assert run_out() == 1
    assert show_pair_life(reviewer=reviewer, pair=pair) is None
    other = factories.make_reviewer()
    assert claim_pair(user=other.user).pair == pair
    with pytest.raises(ItemGone, match="other reviewers took"):
        pairs.answer_pair(reviewer, pair, "FIRST", comment="Mine.")
    assert PairDraft.objects.get(reviewer=reviewer).answer["comment"] == "Mine."
    release_pair(reviewer=other, pair=pair)
    assert pairs.answer_pair(reviewer, pair, "FIRST", comment="Mine.").comment == "Mine."


def test_a_retired_pair_is_taken_back_and_what_was_written_stays(pair, reviewer):
    claim_pair(user=reviewer.user)
    with pytest.raises(ItemRefused, match="Say why the pair"):
        retire_pair(pair=pair, reason=" ")
    retire_pair(pair=pair, reason="The case was withdrawn.")
    with pytest.raises(ItemGone, match="The case was withdrawn"):
        pairs.answer_pair(reviewer, pair, "TIE", comment="Kept.")
    assert PairDraft.objects.get().answer["comment"] == "Kept."
    with pytest.raises(ItemRefused, match="retired already"):
        retire_pair(pair=pair, reason="Again.")
    with pytest.raises(NothingToClaim):
        claim_pair(user=reviewer.user)


def test_a_skip_says_why_and_the_pair_never_comes_back(pair, reviewer):
    claim_pair(user=reviewer.user)
    skip_pair(reviewer=reviewer, pair=pair, reason="CONFLICT")
    with pytest.raises(NothingToClaim):
        claim_pair(user=reviewer.user)
    with pytest.raises(ItemGone, match="skipped"):
        pairs.answer_pair(reviewer, pair)
    with pytest.raises(ItemGone, match="nothing to skip"):
        skip_pair(reviewer=reviewer, pair=pair, reason="CONFLICT")
    assert PairSkip.objects.count() == 1
    assert claim_pair(user=factories.make_reviewer().user).pair == pair


def test_what_does_not_fit_is_refused_and_what_is_missing_is_asked_for(pair, reviewer):
    claim_pair(user=reviewer.user)
    for answer, words in (
        (PairAnswer(choice="TIE", comment="x" * 200_000), "200,000 characters; at most 20,000"),
        (PairAnswer(choice="TIE", reasons=("nonsense",)), "no error nonsense"),
        (PairAnswer(choice="TIE", confidence=9), "no confidence 9"),
    ):
        with pytest.raises(DraftRefused, match=words):
            submit_preference(reviewer=reviewer, pair=pair, revision=1, answer=answer)
    with pytest.raises(Incomplete, match="Say which one you prefer"):
        submit_preference(reviewer=reviewer, pair=pair, revision=1, answer=PairAnswer(comment="Kept."))
    assert PairDraft.objects.get().answer["comment"] == "Kept."


def refused(action):
    with pytest.raises(IntegrityError), transaction.atomic():
        action()


def test_the_database_keeps_preferences_and_pairs_as_they_are(pair, reviewer):
    pairs.prefer(reviewer)
    second = pairs.answer_pair(reviewer, pair, "TIE")
    refused(lambda: Preference.objects.update(choice="TIE"))
    refused(lambda: Preference.objects.all()._raw_delete("default"))
    refused(lambda: Preference.objects.update(truth_shown_at=Now() - timedelta(days=1)))
    values = {"pair": pair, "reviewer": reviewer, "choice": "TIE", "drawn": "PRIORITY", "seconds": 1.0}
    values["created_at"] = second.created_at
    refused(lambda: Preference.objects.create(revision=1, left="FIRST", **values))
    other = "SECOND" if second.left == "FIRST" else "FIRST"
    refused(lambda: Preference.objects.create(revision=3, supersedes=second, left=other, **values))
    refused(lambda: Pair.objects.update(seed=1))
    refused(lambda: Pair.objects.update(first_policy="another"))
    refused(lambda: Pair.objects.update(state="OPEN"))
    swapped = Pair.objects.get()
    swapped.pk, swapped.first_leaf, swapped.second_leaf = None, 3, 1
    refused(lambda: swapped.save(force_insert=True))


def test_a_pair_is_of_one_case(pair):
    stranger = pairs.make_tree(case=pairs.make_other_case())
    first, second = sorted((pair.first_trajectory, stranger), key=lambda tree: tree.pk.bytes)
    copied = Pair.objects.get()
    copied.pk, copied.first_trajectory, copied.second_trajectory = None, first, second
    refused(lambda: copied.save(force_insert=True))
