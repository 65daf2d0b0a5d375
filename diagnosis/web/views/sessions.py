from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from diagnosis.selectors.sessions import get_session, list_sessions
from diagnosis.selectors.walkthrough import get_walkthrough
from diagnosis.services import submit_turn
from diagnosis.web.access import signed_in, wants_fragment
from diagnosis.web.answers import PAGE, answer_change, own_or_404
from diagnosis.web.context import attach_queue_positions, paginate, walkthrough_context
from diagnosis.web.forms import KeyForm, shown_from


@require_GET
@signed_in
def session_list(request: HttpRequest) -> HttpResponse:
    page = paginate(list_sessions(owner=request.user), request.GET.get("page"))
    attach_queue_positions(page)
    template = "diagnosis/session_list.html"
    return render(
        request, f"{template}#results" if wants_fragment(request) else template, {"section": "sessions", "page": page}
    )


@require_GET
@signed_in
def session_detail(request: HttpRequest, session_id: UUID) -> HttpResponse:
    session = own_or_404(get_session, owner=request.user, session_id=session_id)
    return render(request, PAGE, walkthrough_context(get_walkthrough(session)))


@require_POST
@signed_in
def job_submit(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Ask for the next turn when none is being written."""
    session = own_or_404(get_session, owner=request.user, session_id=session_id)
    return answer_change(
        request,
        session,
        KeyForm(request.POST),
        lambda key: submit_turn(session=session, idempotency_key=key, request={}),
        from_turn=shown_from(request, default=0),
    )
