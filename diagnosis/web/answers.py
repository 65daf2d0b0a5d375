"""How a change of a walkthrough is answered: a fragment for htmx, a redirect for a plain form, 409 when too late."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse

from diagnosis.models import Session
from diagnosis.selectors.walkthrough import get_walkthrough
from diagnosis.services import IdempotencyConflict, JobNotRetryable, ServiceError, SessionBusy, SessionEnded
from diagnosis.web.access import wants_fragment
from diagnosis.web.context import walkthrough_context

PAGE = "diagnosis/session_detail.html"
UPDATE = f"{PAGE}#update"
STATUS = f"{PAGE}#status"

USED_FORM = "This form was already sent with other content. Reload the page and send it again."
REASONS: dict[type[ServiceError], str] = {
    IdempotencyConflict: USED_FORM,
    SessionBusy: "The model is already answering in this walkthrough. Wait for it, or stop it first.",
    JobNotRetryable: "This turn was already retried or has finished.",
    SessionEnded: "This walkthrough has ended. Start another one from the case.",
}

Owned = TypeVar("Owned")


def own_or_404(select: Callable[..., Owned], **lookup: Any) -> Owned:
    """What the selector finds for this person. Somebody else's is as absent as one that never was."""
    try:
        return select(**lookup)
    except ObjectDoesNotExist:
        raise Http404 from None


def answer_change(
    request: HttpRequest, session: Session, form: Form, change: Callable[[str], Any], *, from_turn: int
) -> HttpResponse:
    """Make the change once per form key. ``from_turn``: the first turn that the page must show anew."""
    if not form.is_valid():
        return HttpResponseBadRequest("The form has no key. Reload the page and send it again.")
    try:
        change(str(form.cleaned_data["idempotency_key"]))
    except ServiceError as conflict:
        return _answer_conflict(request, session, REASONS[type(conflict)], from_turn)
    if not wants_fragment(request):
        return redirect("session_detail", session.pk)
    return answer_update(request, session, from_turn=from_turn)


def answer_update(request: HttpRequest, session: Session, *, from_turn: int, reason: str = "") -> HttpResponse:
    """Everything from that turn on, as it is stored now, with the board and the buttons that go with it."""
    context = walkthrough_context(get_walkthrough(session), from_turn=from_turn)
    return render(request, UPDATE, {**context, "reason": reason}, status=409 if reason else 200)


def _answer_conflict(request: HttpRequest, session: Session, reason: str, from_turn: int) -> HttpResponse:
    if wants_fragment(request):
        return answer_update(request, session, from_turn=from_turn, reason=reason)
    return answer_late(request, reason, reverse("session_detail", args=[session.pk]))


def answer_late(request: HttpRequest, reason: str, back: str) -> HttpResponse:
    """A whole page that says why nothing was done."""
    return render(request, "409.html", {"reason": reason, "back": back}, status=409)
