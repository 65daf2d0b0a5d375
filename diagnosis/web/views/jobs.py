from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from diagnosis.selectors.sessions import get_job
from diagnosis.selectors.walkthrough import get_walkthrough
from diagnosis.services import cancel_job, retry_turn
from diagnosis.web.access import signed_in, wants_fragment
from diagnosis.web.answers import STATUS, answer_change, answer_update, own_or_404
from diagnosis.web.context import walkthrough_context
from diagnosis.web.forms import KeyForm, shown_from


@require_GET
@signed_in
def job_detail(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Everything from ``?from=TURN`` (or this job's turn) on, as it is stored now. Without htmx: the page itself."""
    job = own_or_404(get_job, owner=request.user, job_id=job_id)
    if not wants_fragment(request):
        return redirect("session_detail", job.session_id)
    return answer_update(request, job.session, from_turn=shown_from(request, default=job.turn))


@require_POST
@signed_in
def job_cancel(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Ask the worker to stop. The words already written stay: the stream says when it has stopped, and only then does
    the page fetch what is kept. Two answers that replace the same words would race."""
    job = own_or_404(get_job, owner=request.user, job_id=job_id)
    cancel_job(job=job)
    if not wants_fragment(request):
        return redirect("session_detail", job.session_id)
    walkthrough = get_walkthrough(job.session)
    if walkthrough.live_job is None:
        return HttpResponse(status=204)
    return render(request, STATUS, walkthrough_context(walkthrough))


@require_POST
@signed_in
def job_retry(request: HttpRequest, job_id: UUID) -> HttpResponse:
    job = own_or_404(get_job, owner=request.user, job_id=job_id)
    return answer_change(
        request,
        job.session,
        KeyForm(request.POST),
        lambda key: retry_turn(job=job, idempotency_key=key),
        from_turn=job.turn,
    )
