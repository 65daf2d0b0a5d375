"""A reviewer puts a turn right, the model goes on from there, and what comes of it becomes training data."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from diagnosis.models import GenerationJob, ModelRelease, Session, Trajectory
from diagnosis.selectors.branch import get_branch
from diagnosis.selectors.sessions import list_sessions
from diagnosis.services import (
    cancel_job,
    claim_job,
    disable_release,
    fail_job,
    plan_turn,
    register_configured,
    sweep_jobs,
)
from medaction.domain.actions import Hypothesis, TestOrder, Turn
from medaction.domain.parser import parse_turn
from review.models import AuditEntry, Correction
from review.rules import TurnLabel
from review.selectors.corrections import get_correction, get_standing, list_accepted_corrections
from review.services.correcting import discard_correction, edit_again, open_correction, save_correction
from review.services.drafting import save_draft
from review.services.errors import CorrectionRefused, StaleCorrection
from review.services.items import retire_item
from review.services.judging import submit_judgement
from review.services.rerunning import accept_correction, retry_rerun, run_correction, stop_rerun
from tests.diagnosis.factories import DIAGNOSE, take_turn
from tests.review import corrections as made
from tests.review import factories

pytestmark = pytest.mark.django_db
State = Correction.State


@pytest.fixture(autouse=True)
def scripted(settings):
    settings.MODEL_URL = ""
    settings.TASK_APPLICATION = "tests.diagnosis.nowhere.app"
    settings.SCRIPTED_MODELS = ["walk"]


@pytest.fixture
def begun(reviewer, item):
    return made.begin(reviewer, item)


def finish(correction: Correction) -> Correction:
    """The model orders once more, and then commits to a diagnosis."""
    session = Session.objects.get(trajectory=correction.trajectory_id)
    take_turn(session)
    take_turn(session, DIAGNOSE)
    correction.refresh_from_db()
    return correction


def test_only_a_judged_turn_can_be_corrected(reviewer, item):
    made.judge_first(reviewer, item)
    assert get_standing(reviewer=reviewer, item=item).judged == {2}
    assert open_correction(reviewer=reviewer, item=item, turn_number=2).state == State.DRAFT
    for hidden in (3, 4, 99):
        with pytest.raises(CorrectionRefused, match="Label this turn first"):
            open_correction(reviewer=reviewer, item=item, turn_number=hidden)
    with pytest.raises(CorrectionRefused):
        open_correction(reviewer=factories.make_reviewer(), item=item, turn_number=2)


def test_a_label_that_is_not_yet_gone_on_from_is_enough(reviewer, item):
    draft = made.judge_first(reviewer, item)
    save_draft(reviewer=reviewer, item=item, revision=draft.revision, turns={3: made.WRONG})
    assert get_standing(reviewer=reviewer, item=item).judged == {2, 3}


def test_it_is_opened_once(reviewer, item, begun):
    assert open_correction(reviewer=reviewer, item=item, turn_number=3) == begun
    other = open_correction(reviewer=reviewer, item=item, turn_number=2)
    assert other != begun
    with pytest.raises(IntegrityError), transaction.atomic():
        Correction.objects.create(
            item=item, reviewer=reviewer, turn_number=3, turn_seq=3, stage="SECOND", touched_at=timezone.now()
        )


def test_a_draft_is_kept_and_a_stale_write_refused(begun):
    who = {"reviewer": begun.reviewer, "correction": begun}
    kept = save_correction(**who, revision=1, written={"reasoning": "One\r\ntwo\x00"}, reason="Why")
    assert (kept.revision, kept.written["reasoning"], kept.reason) == (2, "One\ntwo", "Why")
    with pytest.raises(StaleCorrection) as stale:
        save_correction(**who, revision=1, written={"reasoning": "Another window"}, reason="Why")
    assert stale.value.correction.written == {"reasoning": "One\ntwo"}
    assert save_correction(**who, revision=1, written={"reasoning": "One\ntwo"}, reason="Why").revision == 2


def test_a_text_of_200_kb_is_refused_with_a_sentence_and_nothing_is_overwritten(begun):
    who = {"reviewer": begun.reviewer, "correction": begun}
    save_correction(**who, revision=1, written={"reasoning": "Short."}, reason="Why")
    with pytest.raises(CorrectionRefused, match="200,000 characters") as refused:
        save_correction(**who, revision=2, written={"reasoning": "x" * 200_000}, reason="Why")
    assert [gap.field for gap in refused.value.gaps] == ["reasoning"]
    begun.refresh_from_db()
    assert begun.written == {"reasoning": "Short."}


def test_the_pass_in_which_it_was_written_is_kept(reviewer, item):
    made.judge_first(reviewer, item)
    correction = open_correction(reviewer=reviewer, item=item, turn_number=2)
    save_correction(reviewer=reviewer, correction=correction, revision=1, written={"reasoning": "Blind"}, reason="r")
    correction.refresh_from_db()
    assert correction.stage == "FIRST"
    with pytest.raises(CorrectionRefused, match="without the truth is stored"):
        made.run(correction)
    factories.judge_rest(reviewer, item, -1)
    correction = made.run(correction)
    assert (correction.state, correction.stage) == (State.RUNNING, "FIRST")


def test_running_it_asks_the_case_and_then_the_model(reviewer, item, begun):
    before = list(item.trajectory.nodes.values_list("seq", "content_hash"))
    correction = made.run(begun, made.corrected("Vital signs"))
    session = Session.objects.get(trajectory=correction.trajectory_id)
    assert session.owner == reviewer.user
    assert session.trajectory.origin == Trajectory.Origin.CORRECTED
    path = get_branch(trajectory_id=session.trajectory_id, leaf_seq=session.leaf_seq)
    assert [node.content_hash for node in path[:3]] == [hashed for _, hashed in before[:3]]
    written, answer = path[3:]
    assert written.content["turn"] == correction.turn == made.corrected("Vital signs").to_dict()
    assert parse_turn(written.content["text"]).to_dict() == correction.turn
    assert not written.sampled
    assert answer.content["results"][0]["order"] == "Vital signs"
    job = session.jobs.get()
    assert (job.turn, job.parent_seq, job.state) == (4, answer.seq, "QUEUED")
    assert list(item.trajectory.nodes.values_list("seq", "content_hash")) == before
    assert list(list_sessions(owner=reviewer.user)) == []
    assert made.run(correction) == correction
    assert Session.objects.count() == 1


def test_a_diagnosis_needs_no_model(begun, settings):
    settings.SCRIPTED_MODELS = []
    correction = made.run(begun, made.concluded(), model_key="")
    assert (correction.state, GenerationJob.objects.count()) == (State.READY, 0)
    assert correction.leaf_seq == correction.trajectory.session.leaf_seq


def test_the_end_of_the_walkthrough_makes_it_ready(begun):
    correction = finish(made.run(begun))
    assert correction.state == State.READY
    assert correction.leaf_seq == correction.trajectory.session.leaf_seq


@pytest.mark.parametrize(
    ("turn", "sentence"),
    [
        (made.corrected(reasoning=" "), "Write the reasoning"),
        (made.corrected(reasoning="x" * 3000), "3,000 characters"),
        (made.corrected("A", "B", "C", "D"), "carries out 3 tests"),
        (made.corrected("x" * 200), "at most 160 characters"),
        (Turn("Why.", (Hypothesis("Stroke", 0.5),), TestOrder(("Vital signs",))), "Rank 2 to 5"),
        (Turn("Why.", (Hypothesis("A", 0.5), Hypothesis("B", None)), TestOrder(("EMG",))), "Give B a probability"),
        (Turn("Why.", (Hypothesis("A", 0.9), Hypothesis("B", 0.5)), TestOrder(("EMG",))), "more than 100 %"),
        (Turn("Why.", (Hypothesis("A", 0.9), Hypothesis("B", 0.1)), None), "Order a test"),
    ],
)
def test_what_is_no_turn_is_refused_with_a_sentence(begun, turn, sentence):
    with pytest.raises(CorrectionRefused, match=sentence) as refused:
        made.run(begun, turn)
    assert refused.value.gaps
    begun.refresh_from_db()
    assert (begun.state, Session.objects.count(), Trajectory.objects.count()) == (State.DRAFT, 0, 1)


def test_a_correction_that_changes_nothing_is_refused(begun, item):
    original = Turn.from_dict(item.trajectory.nodes.get(seq=begun.turn_seq).content["turn"])
    with pytest.raises(CorrectionRefused, match="Nothing differs"):
        made.run(begun, original)


def test_a_reason_is_required(begun):
    with pytest.raises(CorrectionRefused, match="a reason is required"):
        made.run(begun, reason="  ")


def test_the_last_turn_can_only_be_a_diagnosis(reviewer, db):
    item = factories.make_item(factories.make_trajectory(turns=6))
    correction = made.begin(reviewer, item, turn_number=7)
    with pytest.raises(CorrectionRefused, match="only be a diagnosis"):
        made.run(correction)
    assert made.run(correction, made.concluded()).state == State.READY


def test_a_retired_item_keeps_the_correction_but_does_not_go_on(begun, item):
    retire_item(item=item, by=None, reason="The case is wrong.")
    item.refresh_from_db()
    kept = save_correction(
        reviewer=begun.reviewer, correction=begun, revision=1, written={"reasoning": "Kept"}, reason="r"
    )
    with pytest.raises(CorrectionRefused, match="The case is wrong"):
        made.run(kept)
    with pytest.raises(CorrectionRefused, match="The case is wrong"):
        open_correction(reviewer=begun.reviewer, item=item, turn_number=4)


def test_an_item_that_was_retired_meanwhile_yields_nothing(begun, item, reviewer):
    correction = finish(made.run(begun))
    retire_item(item=item, by=None, reason="The case is wrong.")
    with pytest.raises(CorrectionRefused, match="The case is wrong"):
        accept_correction(reviewer=reviewer, correction=correction)
    assert list(list_accepted_corrections()) == []
    discard_correction(reviewer=reviewer, correction=correction)


def test_without_a_claim_it_is_still_saved_and_run(begun, reviewer):
    reviewer.reservation.delete()
    save_correction(reviewer=reviewer, correction=begun, revision=1, written={"reasoning": "Kept"}, reason="r")
    begun.refresh_from_db()
    assert made.run(begun).state == State.RUNNING


def test_a_model_that_is_switched_off_leaves_the_correction_as_it_was(begun, owner_of_site):
    register_configured()
    release = ModelRelease.objects.get(key="scripted:walk")
    disable_release(release=release, by=owner_of_site, reason="It loops.")
    for key, sentence in (("scripted:walk", "It loops."), ("openai:gone", "not configured"), ("", "not configured")):
        with pytest.raises(CorrectionRefused, match=sentence) as refused:
            made.run(begun, model_key=key)
        assert [gap.field for gap in refused.value.gaps] == ["model"]
    begun.refresh_from_db()
    assert (begun.state, Trajectory.objects.count()) == (State.DRAFT, 1)


@pytest.fixture
def owner_of_site(db):
    return factories.make_user("owner")


def test_a_lost_worker_is_noticed_and_another_goes_on(begun, settings):
    correction = made.run(begun)
    session = Session.objects.get(trajectory=correction.trajectory_id)
    job = session.jobs.get()
    for attempt in range(settings.DIAGNOSIS["MAX_ATTEMPTS"]):
        assert claim_job(job_id=job.pk, worker="lost").attempt == attempt + 1
        with pytest.raises(CorrectionRefused, match="still going on"):
            accept_correction(reviewer=begun.reviewer, correction=correction)
        GenerationJob.objects.filter(pk=job.pk).update(lease_expires_at=Now())
        sweep_jobs()
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("FAILED", "WORKER_LOST")
    retry_rerun(correction=correction)
    assert finish(correction).state == State.READY


def test_a_stopped_re_run_is_accepted_as_far_as_it_went(begun):
    correction = made.run(begun)
    session = Session.objects.get(trajectory=correction.trajectory_id)
    take_turn(session)
    stop_rerun(correction=correction)
    assert list(session.jobs.values_list("state", flat=True).order_by("queued_at")) == ["SUCCEEDED", "CANCELLED"]
    session.refresh_from_db()
    accepted = accept_correction(reviewer=begun.reviewer, correction=correction)
    assert (accepted.state, accepted.leaf_seq) == (State.ACCEPTED, session.leaf_seq)


def test_accepting_yields_the_way_on_a_pair_and_labels(begun, item, reviewer):
    correction = finish(made.run(begun))
    accept_correction(reviewer=reviewer, correction=correction)
    assert accept_correction(reviewer=reviewer, correction=correction).state == State.ACCEPTED
    (row,) = list_accepted_corrections()
    assert (row.case, row.turn_number, row.reviewer) == (item.trajectory.case, 3, reviewer.alias)
    assert parse_turn(row.chosen).to_dict() == made.corrected().to_dict()
    assert row.rejected == item.trajectory.nodes.get(seq=3).content["text"]
    assert [message["role"] for message in row.messages][-3:] == ["user", "assistant", "user"]
    assert row.messages[-2]["content"] == item.trajectory.nodes.get(seq=1).content["text"]
    assert (row.steps, row.rejected_label) == ({2: -1, 3: 1}, -1)
    assert row.chosen_seq < row.leaf_seq == correction.trajectory.session.leaf_seq
    verbs = AuditEntry.objects.filter(subject=f"correction:{correction.pk}").values_list("verb", flat=True)
    assert sorted(verbs) == ["accept_correction", "run_correction"]
    assert made.REASON not in str(list(AuditEntry.objects.values_list("detail", flat=True)))


def test_the_pair_begins_as_the_model_was_asked(begun, reviewer):
    """The messages of the pair are the bytes that the model itself gets at that place."""
    correction = finish(made.run(begun))
    accept_correction(reviewer=reviewer, correction=correction)
    (row,) = list_accepted_corrections()
    job = correction.trajectory.session.jobs.order_by("queued_at").first()
    asked = plan_turn(job).request.messages
    assert [dict(message) for message in row.messages] == asked[: len(row.messages)]
    assert asked[len(row.messages)] == {"role": "assistant", "content": row.chosen}


@pytest.mark.parametrize(("label", "sentence"), [(1, "labelled the original turn good"), (None, "Label the original")])
def test_the_original_must_be_the_worse_one(reviewer, item, label, sentence):
    revision = made.judge_blindly(reviewer, item, label=0)
    correction = finish(made.run(open_correction(reviewer=reviewer, item=item, turn_number=3)))
    save_draft(reviewer=reviewer, item=item, revision=revision, turns={3: TurnLabel(label=label)})
    with pytest.raises(CorrectionRefused, match=sentence):
        accept_correction(reviewer=reviewer, correction=correction)


def test_after_handing_in_corrections_go_on(reviewer, item):
    submit_judgement(reviewer=reviewer, item=item, revision=made.judge_blindly(reviewer, item))
    correction = finish(made.run(open_correction(reviewer=reviewer, item=item, turn_number=2)))
    assert accept_correction(reviewer=reviewer, correction=correction).labels == {"steps": {"2": 1}, "rejected": -1}


def test_editing_again_discards_the_run_and_keeps_the_words(begun, reviewer):
    kept = save_correction(
        reviewer=reviewer, correction=begun, revision=1, written={"reasoning": "First try"}, reason="r"
    )
    first = finish(made.run(kept))
    again = edit_again(reviewer=reviewer, correction=first, turn_number=3)
    first.refresh_from_db()
    assert (first.state, again.state, again.written) == (State.DISCARDED, State.DRAFT, {"reasoning": "First try"})


def test_a_later_turn_of_the_re_run_can_be_corrected_too(begun, reviewer, item):
    first = finish(made.run(begun))
    second = edit_again(reviewer=reviewer, correction=first, turn_number=4)
    assert (second.follows, second.turn_number) == (first, 4)
    second = finish(made.run(second, made.corrected("EMG")))
    accept_correction(reviewer=reviewer, correction=second)
    (row,) = list_accepted_corrections()
    assert (row.steps, row.rejected_label) == ({2: -1, 3: 1, 4: 1}, None)
    assert row.messages[-2]["content"] == first.text
    assert row.rejected == first.trajectory.nodes.get(seq=row.rejected_seq).content["text"]


def test_discarding_stops_the_model(begun, reviewer):
    correction = made.run(begun)
    discard_correction(reviewer=reviewer, correction=correction)
    discard_correction(reviewer=reviewer, correction=correction)
    assert GenerationJob.objects.get().state == "CANCELLED"
    correction.refresh_from_db()
    assert correction.state == State.DISCARDED
    for refused in (
        lambda: accept_correction(reviewer=reviewer, correction=correction),
        lambda: made.run(correction),
        lambda: retry_rerun(correction=correction),
    ):
        with pytest.raises(CorrectionRefused):
            refused()


def test_a_failure_of_the_model_can_be_tried_again(begun):
    correction = made.run(begun)
    job = GenerationJob.objects.get()
    claim = claim_job(job_id=job.pk, worker="w")
    fail_job(job_id=job.pk, attempt=claim.attempt, code="TIMEOUT", message="It stopped answering.")
    retry_rerun(correction=correction)
    assert sorted(GenerationJob.objects.values_list("state", flat=True)) == ["FAILED", "QUEUED"]


def test_what_was_run_is_never_rewritten(begun):
    correction = made.run(begun)
    for change in (
        {"written": {"reasoning": "other"}},
        {"reason": "other"},
        {"turn": {}},
        {"state": "DRAFT"},
        {"turn_seq": 5},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Correction.objects.filter(pk=correction.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        correction.delete()


def test_an_accepted_one_stays(begun, reviewer):
    correction = accept_correction(reviewer=reviewer, correction=finish(made.run(begun)))
    for change in ({"state": "DISCARDED"}, {"labels": {}}, {"leaf_seq": 1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Correction.objects.filter(pk=correction.pk).update(**change)


def test_a_correction_is_run_in_a_trajectory_of_its_own(begun, item):
    with pytest.raises(IntegrityError), transaction.atomic():
        Correction.objects.filter(pk=begun.pk).update(
            state="RUNNING", trajectory=item.trajectory, turn={}, text="x", reason="r", run_at=Now()
        )


def test_only_ones_own_is_found(begun):
    assert get_correction(user=begun.reviewer.user, correction_id=begun.pk) == begun
    with pytest.raises(Correction.DoesNotExist):
        get_correction(user=factories.make_reviewer().user, correction_id=begun.pk)


def test_running_needs_the_revision_that_was_shown(begun):
    with pytest.raises(StaleCorrection):
        run_correction(
            reviewer=begun.reviewer,
            correction=begun,
            revision=7,
            turn=made.corrected(),
            reason="r",
            model_key="scripted:walk",
        )


def test_the_selector_asks_as_often_for_many_as_for_one():
    def add():
        reviewer = factories.make_reviewer()
        item = factories.make_item()
        correction = made.run(made.begin(reviewer, item), made.concluded())
        accept_correction(reviewer=reviewer, correction=correction)

    def count() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            rows = list(list_accepted_corrections())
        return len(rows), len(queries)

    add()
    one = count()
    for _ in range(4):
        add()
    assert one[0] == 1
    assert count() == (5, one[1])


def test_cancelling_a_finished_job_leaves_the_correction_ready(begun):
    correction = finish(made.run(begun))
    cancel_job(job=GenerationJob.objects.order_by("queued_at").last())
    correction.refresh_from_db()
    assert correction.state == State.READY
