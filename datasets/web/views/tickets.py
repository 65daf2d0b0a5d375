"""Cases that reviewers would have mended."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from datasets.web.access import for_data
from datasets.web.answers import answer
from diagnosis.web.answers import own_or_404
from diagnosis.web.context import paginate
from review.models import CaseTicket
from review.selectors.tickets import list_tickets, list_voices_of
from review.services.errors import TicketRefused
from review.services.ticketing import resolve_ticket

VIEW, RESOLVE = "review.view_caseticket", "review.change_caseticket"


@require_GET
@for_data(VIEW)
def ticket_list(request: HttpRequest) -> HttpResponse:
    return _list(request)


@require_POST
@for_data(RESOLVE)
def ticket_resolve(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    ticket = own_or_404(CaseTicket.objects.get, pk=ticket_id)
    note = request.POST.get("note", "")
    try:
        resolve_ticket(ticket=ticket, by=request.user, note=note)
    except TicketRefused as refusal:
        return _list(request, refused={"id": ticket.pk, "reason": str(refusal), "note": note}, status=422)
    messages.success(request, "Resolved.")
    return redirect("ticket_list")


def _list(request: HttpRequest, *, refused: dict | None = None, status: int = 200) -> HttpResponse:
    resolved = "resolved" in request.GET
    state = CaseTicket.State.RESOLVED if resolved else CaseTicket.State.OPEN
    page = paginate(list_tickets(state=state), request.GET.get("page"))
    voices = list_voices_of(page.object_list)
    for ticket in page:
        ticket.heard = voices.get(str(ticket.pk), [])
    context = {"page": page, "resolved": resolved, "refused": refused}
    return answer(request, "datasets/tickets.html", "results", context, tab="tickets", status=status)
