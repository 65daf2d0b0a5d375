"""What reviewers found hard for a reason that lies in the case: one ticket a case and reason, resolved somehow."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from diagnosis.services import import_cases
from medaction.domain.case import Case as DomainCase
from medaction.formats.rows import CaseRow
from review.models import Annotation, AuditEntry, CaseTicket, Draft, TicketVoice
from review.rules import TrajectoryLabel, TurnLabel
from review.selectors.tickets import list_tickets
from review.services.claiming import claim_item
from review.services.drafting import save_draft
from review.services.errors import TicketRefused
from review.services.judging import finish_first_pass, judge_turn, submit_judgement
from review.services.ticketing import open_tickets, resolve_ticket
from tests.review import factories

pytestmark = pytest.mark.django_db
MISSING, AMBIGUOUS = "missing_information", "ambiguous_wording"


def judge_as_hard(item, hard, reviewer=None, comment="The dose is not told."):
    """Both passes; the first turn is hard for these reasons."""
    reviewer = reviewer or factories.make_reviewer()
    claim_item(user=reviewer.user)
    who = {"reviewer": reviewer, "item": item}
    draft = Draft.objects.get(**who)
    for number in item.turn_numbers:
        told = {"hard": tuple(hard), "comment": comment} if number == item.turn_numbers[0] else {}
        draft = save_draft(**who, revision=draft.revision, turns={number: TurnLabel(label=1, **told)})
        draft = judge_turn(**who, revision=draft.revision)
    said = TrajectoryLabel(answers={"conclusion": "follows", "teach": "as_example"})
    draft = save_draft(**who, revision=draft.revision, turns={}, trajectory=said)
    draft = finish_first_pass(**who, revision=draft.revision)
    submit_judgement(**who, revision=draft.revision)
    return reviewer


def count(state="OPEN"):
    return {ticket.part: (ticket.voices_count, ticket.people_count) for ticket in list_tickets(state=state)}


def revise(case):
    """Another revision of the case."""
    changed = replace(DomainCase.from_dict(case.payload), o1="It says more now.")
    assert not import_cases(rows=[CaseRow(1, changed)]).errors


def test_one_ticket_a_case_and_reason_however_many_say_so():
    item = factories.make_item()
    judge_as_hard(item, [MISSING])
    assert count() == {MISSING: (1, 1)}
    other = factories.make_item(factories.make_trajectory(3, item.trajectory.case), required=3)
    judge_as_hard(other, [MISSING, AMBIGUOUS, "genuine_equipoise"])
    assert count() == {MISSING: (2, 2), AMBIGUOUS: (1, 1)}
    assert AuditEntry.objects.filter(verb="open_ticket", by=None).count() == 2
    # The second pass said the same, and saying it again adds nothing.
    for annotation in Annotation.objects.all():
        assert open_tickets(annotation=annotation) == []
    assert TicketVoice.objects.count() == 3
    assert "dose" not in str(list(AuditEntry.objects.values_list("detail", flat=True)))


def test_faults_put_in_on_purpose_open_none():
    reference = {"turns": {"2": {"label": 1}}}
    item = factories.make_item(kind="TRAINING", reference=reference)
    judge_as_hard(item, [MISSING], factories.make_reviewer(state="TRAINING", qualified_at=None))
    assert count() == {}


def test_resolved_with_a_note_once_and_opened_anew_by_others():
    item = factories.make_item(required=3)
    judge_as_hard(item, [MISSING])
    manager = factories.make_role("data manager")
    ticket = CaseTicket.objects.get()
    for note, sentence in ((" ", "Say in a sentence"), ("x" * 401, "at most 400 fit")):
        with pytest.raises(TicketRefused, match=sentence):
            resolve_ticket(ticket=ticket, by=manager, note=note)
    assert resolve_ticket(ticket=ticket, by=manager, note="Nothing more is known.").mended is None
    with pytest.raises(TicketRefused, match="resolved already"):
        resolve_ticket(ticket=ticket, by=manager, note="Again.")
    assert count() == {}
    judge_as_hard(item, [MISSING])
    assert count() == {MISSING: (1, 1)}
    for act in (
        lambda: CaseTicket.objects.filter(pk=ticket.pk).update(note="Other."),
        lambda: TicketVoice.objects.all().delete(),
        lambda: CaseTicket.objects.filter(state="OPEN").update(part=AMBIGUOUS),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


def test_a_newer_version_of_the_case_resolves_without_a_note():
    item = factories.make_item(required=3)
    judge_as_hard(item, [MISSING])
    revise(item.trajectory.case)
    ticket = list_tickets(state="OPEN").get()
    assert ticket.has_newer
    done = resolve_ticket(ticket=ticket, by=factories.make_role("data manager"))
    assert (done.mended.revision, done.note) == (item.trajectory.case.revision + 1, "")
    # What was judged by the old version asks for nothing more.
    judge_as_hard(item, [MISSING])
    assert count() == {}


def test_the_page_lists_what_was_written_and_keeps_a_note_that_is_too_long(client_of):
    item = factories.make_item(required=3)
    reviewer = judge_as_hard(item, [MISSING], comment="Which dose?")
    client = client_of(factories.make_role("data manager"))
    page = client.get("/data/tickets/").content.decode()
    assert "Which dose?" in page
    assert reviewer.alias in page
    assert reviewer.user.username not in page
    address = f"/data/tickets/{CaseTicket.objects.get().pk}/resolve"
    answer = client.post(address, {"note": "long " * 100})
    assert answer.status_code == 422
    assert "long " * 99 in answer.content.decode()
    assert client.post(address, {"note": "The source says no more."}).status_code == 302
    assert "No case waits" in client.get("/data/tickets/").content.decode()
    assert "The source says no more." in client.get("/data/tickets/?resolved=1").content.decode()


def test_the_number_of_queries_stays_the_same(client_of):
    client = client_of(factories.make_role("data manager"))

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get("/data/tickets/").status_code == 200
        return len(found)

    judge_as_hard(factories.make_item(), [MISSING])
    before = queries()
    for _ in range(3):
        judge_as_hard(factories.make_item(), [MISSING, AMBIGUOUS])
    assert queries() == before
