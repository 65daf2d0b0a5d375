from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from diagnosis.selectors.sessions import get_session
from diagnosis.selectors.walkthrough import get_walkthrough
from diagnosis.services import IdempotencyConflict, NotYourTurn, ServiceError, retry_comparison, start_drive, take_turn
from diagnosis.web.access import signed_in, wants_fragment
from diagnosis.web.answers import USED_FORM, answer_conflict, answer_late, answer_moved, answer_update, own_or_404
from diagnosis.web.context import number_pieces
from diagnosis.web.forms import KeyForm, shown_from
from diagnosis.web.turn_form import TurnForm
from diagnosis.web.views.cases import case_or_404


@require_POST
@signed_in
def drive_start(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin a walkthrough of one's own, or find the one that the same form began a moment ago."""
    case = case_or_404(slug)
    form = KeyForm(request.POST)
    if not form.is_valid():
        return redirect("case_detail", case.slug)
    try:
        session = start_drive(owner=request.user, case=case, idempotency_key=str(form.cleaned_data["idempotency_key"]))
    except IdempotencyConflict:
        return answer_late(request, USED_FORM, reverse("case_detail", args=[case.slug]))
    return redirect("session_detail", session.pk)


@require_POST
@signed_in
def turn_take(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The person's turn. What cannot be taken comes back as it was written, with the reason."""
    session = own_or_404(get_session, owner=request.user, session_id=session_id)
    from_turn = shown_from(request, default=0)
    if session.mode != session.Mode.DRIVE:
        return answer_conflict(request, session, NotYourTurn(), from_turn=from_turn)
    form = TurnForm(request.POST, numbers=number_pieces(get_walkthrough(session).blocks))
    if not form.is_valid():
        return answer_update(request, session, from_turn=from_turn, form=form, status=422)
    try:
        take_turn(
            session=session,
            turn=form.turn,
            parent_seq=form.cleaned_data["parent_seq"],
            idempotency_key=str(form.cleaned_data["idempotency_key"]),
        )
    except ServiceError as conflict:
        return answer_conflict(request, session, conflict, from_turn=from_turn, draft=request.POST.dict())
    if not wants_fragment(request):
        return redirect("session_detail", session.pk)
    return answer_moved(request, session, from_turn=from_turn)


@require_GET
@signed_in
def session_update(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Everything from ``?from=TURN`` on; nothing (204) when the page already shows it (``?seen=``)."""
    session = own_or_404(get_session, owner=request.user, session_id=session_id)
    if not wants_fragment(request):
        return redirect("session_detail", session.pk)
    return answer_update(request, session, from_turn=shown_from(request, default=0), seen=request.GET.get("seen", ""))


@require_POST
@signed_in
def comparison_retry(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Ask again for a comparison that failed; in any other state only show where it stands."""
    session = own_or_404(get_session, owner=request.user, session_id=session_id)
    retry_comparison(session=session)
    if not wants_fragment(request):
        return redirect("session_detail", session.pk)
    return answer_update(request, session, from_turn=shown_from(request, default=0))
