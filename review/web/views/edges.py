"""What the graph knows of a work-up that one has judged, and saying whether it is right."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from diagnosis.web.answers import own_or_404
from diagnosis.web.context import paginate
from review.dispatch import dispatch_trace
from review.models.edge import BANDED, EdgeSays
from review.selectors.edge_sheet import EdgeSheet, get_edge_sheet, list_said
from review.selectors.edges import list_own_verdicts
from review.selectors.graph import find_site_graph
from review.services.edges import ShownEdge, judge_edge
from review.services.errors import EdgeRefused
from review.services.reviewers import ensure_reviewer
from review.web.access import for_reviewers

PAGE = "review/edges.html"
KEPT = "Kept. When another reviewer says the same, a data manager decides."


@require_GET
@for_reviewers
def edge_list(request: HttpRequest) -> HttpResponse:
    """With ``?item=``, the edges behind that work-up; else what one has said so far."""
    if "item" in request.GET:
        return _show(request, _sheet(request, request.GET["item"]))
    page = paginate(list_own_verdicts(request.user), request.GET.get("page"))
    page.object_list = list_said(list(page.object_list))
    return render(request, "review/edges_said.html", {"section": "review", "page": page})


@require_POST
@for_reviewers
def edge_judge(request: HttpRequest) -> HttpResponse:
    sheet = _sheet(request, request.POST.get("item", ""))
    row = sheet.find(tuple(request.POST.get(name, "") for name in ("source", "relation", "target")))
    if sheet.trace is None or row is None:
        raise Http404
    sent = {name: request.POST.get(name, "") for name in ("verdict", "comment", "citation")}
    shown = ShownEdge(*row.key, row.source_name, row.target_name, graph_hash=sheet.trace.graph_hash, stated=row.stated)
    try:
        judge_edge(reviewer=ensure_reviewer(user=request.user), item=sheet.item, edge=shown, **sent)
    except EdgeRefused as refusal:
        return _show(request, sheet, refused={"key": row.key, "reason": str(refusal), **sent}, status=422)
    messages.success(request, KEPT)
    return redirect(f"{_address(request, sheet)}#edge-{row.place}")


def _sheet(request: HttpRequest, item_id: str) -> EdgeSheet:
    try:
        wanted = UUID(item_id)
    except ValueError:
        raise Http404 from None
    graph = find_site_graph()
    sheet = own_or_404(get_edge_sheet, user=request.user, item_id=wanted, graph_hash=graph and graph.hash)
    if sheet.trace is None:
        dispatch_trace(sheet.item.pk)
    return sheet


def _address(request: HttpRequest, sheet: EdgeSheet) -> str:
    everything = "&all=1" if request.POST.get("all") else ""
    return f"{reverse('review_edges')}?item={sheet.item.pk}{everything}"


def _show(request: HttpRequest, sheet: EdgeSheet, *, refused: dict | None = None, status: int = 200) -> HttpResponse:
    everything = bool(request.GET.get("all") or request.POST.get("all"))
    rows = sheet.rows if everything else sheet.telling
    context = {
        "section": "review",
        "sheet": sheet,
        "rows": rows,
        "everything": everything,
        "hidden": len(sheet.rows) - len(rows),
        "choices": EdgeSays.choices,
        "banded": BANDED,
        "refused": refused,
    }
    return render(request, PAGE, context, status=status)
