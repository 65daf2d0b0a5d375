"""How a change of a walkthrough is answered: a fragment for htmx, a redirect for a plain form, 409 when too late."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse

from diagnosis.models import Session
from diagnosis.selectors.walkthrough import get_walkthrough
from diagnosis.services import (
    DiagnosisRequired,
    IdempotencyConflict,
    JobNotRetryable,
    ModelSwitchedOff,
    NotYourTurn,
    ServiceError,
    SessionBusy,
    SessionEnded,
    StalePage,
)
from diagnosis.web.access import wants_fragment
from diagnosis.web.context import walkthrough_context
from diagnosis.web.turn_form import TurnForm

PAGE = "diagnosis/session_detail.html"
UPDATE = f"{PAGE}#update"
STATUS = f"{PAGE}#status"

USED_FORM = "This form was already sent with other content. Reload the page and send it again."
REASONS: dict[type[ServiceError], str] = {
    IdempotencyConflict: USED_FORM,
    SessionBusy: "The model is already answering in this walkthrough. Wait for it, or stop it first.",
    JobNotRetryable: "This turn was already retried or has finished.",
    SessionEnded: "This walkthrough has ended. Start another one from the case.",
    NotYourTurn: "In this walkthrough the turns are not taken from here.",
    StalePage: "This walkthrough went on in another window. Nothing was ordered; what you wrote is still here.",
    DiagnosisRequired: "This is the last turn: it can only be a diagnosis. Nothing was ordered.",
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
        return answer_conflict(request, session, conflict, from_turn=from_turn)
    if not wants_fragment(request):
        return redirect("session_detail", session.pk)
    return answer_update(request, session, from_turn=from_turn)


def answer_update(
    request: HttpRequest,
    session: Session,
    *,
    from_turn: int,
    seen: str = "",
    reason: str = "",
    form: TurnForm | None = None,
    draft: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Everything from that turn on, as it is stored now, with the board and the buttons that go with it.

    ``seen`` names what the page shows: nothing is sent when that is all there is. ``form`` or ``draft`` is what a
    person wrote that was not taken. Without htmx the whole page is sent.
    """
    walkthrough = get_walkthrough(session)
    if seen and seen == walkthrough.seen:
        return HttpResponse(status=204)
    fragment = wants_fragment(request)
    context = walkthrough_context(walkthrough, from_turn=from_turn if fragment else 0, form=form, draft=draft)
    return render(request, UPDATE if fragment else PAGE, {**context, "reason": reason}, status=status)


def answer_moved(request: HttpRequest, session: Session, **options: Any) -> HttpResponse:
    """``answer_update`` for a walkthrough that has moved since ``session`` was read."""
    session.refresh_from_db(fields=["leaf_seq", "state", "ended_at"])
    return answer_update(request, session, **options)


def answer_conflict(
    request: HttpRequest,
    session: Session,
    conflict: ServiceError,
    *,
    from_turn: int,
    draft: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """409, with where things stand; ``draft`` is given back to go on with."""
    reason = str(conflict) if isinstance(conflict, ModelSwitchedOff) else REASONS[type(conflict)]
    if draft is None and not wants_fragment(request):
        return answer_late(request, reason, reverse("session_detail", args=[session.pk]))
    return answer_moved(request, session, from_turn=from_turn, reason=reason, draft=draft, status=409)


def answer_late(request: HttpRequest, reason: str, back: str) -> HttpResponse:
    """A whole page that says why nothing was done."""
    return render(request, "409.html", {"reason": reason, "back": back}, status=409)
