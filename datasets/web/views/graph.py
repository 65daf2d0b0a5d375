"""What reviewers propose about the knowledge graph, and what a decision changed."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from datasets.selectors.graph_updates import get_update, get_update_sheet, list_decided, list_waiting
from datasets.services.errors import MergeRefused
from datasets.services.merging import cancel_update, merge_edge, resume_update
from datasets.services.overlay_export import export_overlay, export_patch
from datasets.web.access import for_data
from datasets.web.answers import answer
from diagnosis.web.answers import answer_late, own_or_404
from diagnosis.web.context import paginate
from review.models import EdgeProposal
from review.selectors.edges import list_conflicts
from review.selectors.graph import find_site_graph
from review.services.edges import decline_proposal
from review.services.errors import ProposalRefused

VIEW, DECIDE = "review.view_edgeproposal", "review.change_edgeproposal"
PAGE, UPDATE = "datasets/graph.html", "datasets/graph_update.html"


@require_GET
@for_data(VIEW)
def graph_home(request: HttpRequest) -> HttpResponse:
    return _home(request)


@require_POST
@for_data(DECIDE)
def proposal_merge(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    proposal = own_or_404(EdgeProposal.objects.get, pk=proposal_id)
    try:
        update = merge_edge(
            proposal=proposal, by=request.user, graph=find_site_graph(), band=request.POST.get("band", "")
        )
    except MergeRefused as refusal:
        return _home(request, refused={"id": proposal.pk, "reason": str(refusal)}, status=409)
    messages.success(request, "Merged. The graph is being compiled, and the scores that it moves are worked out.")
    return redirect("graph_update", update.pk)


@require_POST
@for_data(DECIDE)
def proposal_decline(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    proposal = own_or_404(EdgeProposal.objects.get, pk=proposal_id)
    reason = request.POST.get("reason", "")
    try:
        decline_proposal(proposal=proposal, by=request.user, reason=reason)
    except ProposalRefused as refusal:
        return _home(request, refused={"id": proposal.pk, "reason": str(refusal), "text": reason}, status=422)
    messages.success(request, "Declined. The reviewers read why.")
    return redirect("graph_home")


@require_GET
@for_data(VIEW)
def update_detail(request: HttpRequest, update_id: UUID) -> HttpResponse:
    update = own_or_404(get_update, update_id=update_id)
    return answer(request, UPDATE, "state", {"sheet": get_update_sheet(update)}, tab="graph")


@require_POST
@for_data(DECIDE)
def update_cancel(request: HttpRequest, update_id: UUID) -> HttpResponse:
    return _steer(request, update_id, cancel_update)


@require_POST
@for_data(DECIDE)
def update_resume(request: HttpRequest, update_id: UUID) -> HttpResponse:
    return _steer(request, update_id, resume_update)


@require_GET
@for_data(VIEW)
def overlay_download(request: HttpRequest, suffix: str) -> HttpResponse:
    """The overlay itself, or a patch of the authored files that says the same."""
    try:
        text = export_overlay() if suffix == "yaml" else export_patch(find_site_graph())
    except MergeRefused as refusal:
        return answer_late(request, str(refusal), reverse("graph_home"))
    kind = "application/yaml" if suffix == "yaml" else "text/x-diff"
    name = f"medaction-site-review.{suffix}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type=f"{kind}; charset=utf-8", headers=headers)


def _steer(request: HttpRequest, update_id: UUID, change: Callable[..., None]) -> HttpResponse:
    update = own_or_404(get_update, update_id=update_id)
    try:
        change(update=update)
    except MergeRefused as refusal:
        return answer_late(request, str(refusal), reverse("graph_update", args=[update_id]))
    return redirect("graph_update", update_id)


def _home(request: HttpRequest, *, refused: dict | None = None, status: int = 200) -> HttpResponse:
    context = {
        "waiting": list_waiting(),
        "conflicts": list_conflicts(),
        "page": paginate(list_decided(), request.GET.get("page")),
        "refused": refused,
    }
    return answer(request, PAGE, "decided", context, tab="graph", status=status)
