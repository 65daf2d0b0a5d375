"""How a write is answered: the workspace as it stands, a fragment of it for htmx, or what two windows differ in."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django_htmx.http import HttpResponseClientRedirect

from diagnosis.web.access import wants_fragment
from diagnosis.web.context import number_pieces
from review.models import Draft, ReviewItem
from review.rules import Labels
from review.selectors.corrections import list_item_corrections
from review.selectors.hints import get_hints
from review.selectors.workspace import get_draft, get_workspace
from review.web.merging import list_differences
from review.web.sheet import Sheet

PAGE = "review/item.html"
NOT_FIELDS = {"csrfmiddlewaretoken", "do", "revision", "merge"}


def answer_workspace(
    request: HttpRequest,
    draft: Draft,
    *,
    sheet: Sheet | None = None,
    faults: Mapping[str, str] | None = None,
    reason: str = "",
    status: int = 200,
) -> HttpResponse:
    """``sheet``: what was sent and not kept, to be shown again; ``faults`` by field; ``reason`` for the whole."""
    workspace = get_workspace(draft, _with(draft, sheet) if sheet else None)
    context = {
        "section": "review",
        "workspace": workspace,
        "numbers": number_pieces(workspace.blocks),
        "hints": get_hints(
            reviewer=draft.reviewer, item=draft.item, labels=workspace.labels, truth=workspace.truth is not None
        ),
        "corrections": list_item_corrections(reviewer=draft.reviewer, item=draft.item),
        "faults": faults or {},
        "reason": reason,
    }
    return _render(request, "workspace", context, status)


def answer_done(request: HttpRequest, item_id: UUID, step: str) -> HttpResponse:
    """After a step: on with the item, or to where it led."""
    if step == "submit":
        trained = ReviewItem.objects.filter(pk=item_id, kind=ReviewItem.Kind.TRAINING).exists()
        return _go(request, "review_item", item_id) if trained else _go(request, "review_home")
    if step == "release":
        return _go(request, "review_home")
    if step == "skip":
        return _go(request, "review_skip", item_id)
    if not wants_fragment(request):
        return redirect("review_item", item_id)
    return answer_workspace(request, get_draft(user=request.user, item_id=item_id))


def answer_merge(request: HttpRequest, draft: Draft, sheet: Sheet) -> HttpResponse:
    """409: what is stored and what was sent, field by field, to choose from."""
    names = [name for name in request.POST if name not in NOT_FIELDS and not name.startswith("pick-")]
    context = {
        "section": "review",
        "action": resolve_url("review_item", draft.item_id),
        "revision": draft.revision,
        "differences": list_differences(draft, sheet),
        "sent": [(name, each) for name in names for each in request.POST.getlist(name)],
    }
    return _render(request, "merge", context, 409)


def _go(request: HttpRequest, *place: Any) -> HttpResponse:
    if wants_fragment(request):
        return HttpResponseClientRedirect(resolve_url(*place))
    return redirect(*place)


def _render(request: HttpRequest, part: str, context: dict[str, Any], status: int) -> HttpResponse:
    if wants_fragment(request):
        return render(request, f"{PAGE}#{part}", context, status=status)
    return render(request, PAGE, {**context, "part": part}, status=status)


def _with(draft: Draft, sheet: Sheet) -> Labels:
    stored = Labels.model_validate(draft.labels)
    return Labels.model_construct(
        turns={**stored.turns, **sheet.turns}, trajectory=sheet.trajectory or stored.trajectory
    )
