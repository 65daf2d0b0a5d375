"""Deciding between reviewers. Whatever is refused comes back to the page as it was sent."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from diagnosis.web.answers import own_or_404
from diagnosis.web.context import number_pieces, paginate
from review.models import Adjudication, Exemplar
from review.rules import Labels
from review.selectors.adjudicating import Disagreement, get_disagreement, list_decided, list_disagreements
from review.services.adjudicating import adjudicate_item, write_own
from review.services.errors import AdjudicationRefused, ExemplarRefused, StaleAdjudication
from review.services.exemplars import mark_exemplar, remove_exemplar
from review.web.access import for_adjudicators
from review.web.beside import list_answers, list_lines
from review.web.examples import list_markings
from review.web.sheet import read_sheet

DECIDED = "Decided. Mark turns that teach something as examples, or go on to the next."


@require_GET
@for_adjudicators
def adjudication_list(request: HttpRequest) -> HttpResponse:
    decided = request.GET.get("show") == "decided"
    found = list_decided(request.user) if decided else list_disagreements(request.user)
    context = {"section": "review", "decided": decided, "page": paginate(found, request.GET.get("page"))}
    return render(request, "review/adjudication_list.html", context)


@require_http_methods(["GET", "POST"])
@for_adjudicators
def adjudication_item(request: HttpRequest, item_id: UUID) -> HttpResponse:
    seen = own_or_404(get_disagreement, user=request.user, item_id=item_id)
    if request.method == "GET":
        return _page(request, seen)
    sent = {name: request.POST.get(name, "") for name in ("letter", "cause", "note", "stamp")}
    try:
        adjudicate_item(by=request.user, item=seen.item, **sent)
    except StaleAdjudication as stale:
        return _page(request, seen, sent, str(stale), status=409)
    except AdjudicationRefused as refusal:
        return _page(request, seen, sent, str(refusal), status=422)
    messages.success(request, DECIDED)
    return redirect("review_adjudication", item_id)


@require_http_methods(["GET", "POST"])
@for_adjudicators
def adjudication_own(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """The adjudicator's own judgement, begun from one that is there."""
    seen = own_or_404(get_disagreement, user=request.user, item_id=item_id)
    if request.method == "GET":
        letter = request.GET.get("from", "")
        begun = next((judge.labels for judge in seen.judges if judge.letter == letter), seen.judges[0].labels)
        return _own_page(request, seen, begun)
    sheet = read_sheet(request.POST, seen.content, seen.item.turn_numbers)
    labels = Labels.model_construct(turns=sheet.turns, trajectory=sheet.trajectory or Labels().trajectory)
    sent = {name: request.POST.get(name, "") for name in ("cause", "note", "stamp")}
    if sheet.faults:
        return _own_page(request, seen, labels, sent, faults=sheet.faults, status=422)
    try:
        write_own(by=request.user, item=seen.item, labels=labels, **sent)
    except StaleAdjudication as stale:
        return _own_page(request, seen, labels, sent, str(stale), status=409)
    except AdjudicationRefused as refusal:
        return _own_page(request, seen, labels, sent, str(refusal), status=422)
    messages.success(request, DECIDED)
    return redirect("review_adjudication", item_id)


@require_POST
@for_adjudicators
def exemplar_mark(request: HttpRequest, item_id: UUID) -> HttpResponse:
    seen = own_or_404(get_disagreement, user=request.user, item_id=item_id)
    if seen.decided is None:
        return _page(request, seen, reason="Decide first: an example shows the judgement that counts.", status=409)
    turn, point, sentence = (request.POST.get(name, "") for name in ("turn", "point", "sentence"))
    number = int(turn) if turn.isdecimal() else 0
    try:
        mark_exemplar(by=request.user, adjudication=seen.decided, turn_number=number, point=point, sentence=sentence)
    except ExemplarRefused as refusal:
        sent = {"turn": number, "point": point, "sentence": sentence}
        return _page(request, seen, sent, str(refusal), status=422)
    messages.success(request, "Marked. It stands on the guideline page.")
    return redirect("review_adjudication", item_id)


@require_POST
@for_adjudicators
def exemplar_remove(request: HttpRequest, exemplar_id: int) -> HttpResponse:
    exemplar = get_object_or_404(Exemplar.objects.select_related("adjudication__item"), pk=exemplar_id)
    item_id = exemplar.adjudication.item_id
    own_or_404(get_disagreement, user=request.user, item_id=item_id)
    remove_exemplar(by=request.user, exemplar=exemplar)
    messages.success(request, "Taken off the guideline page.")
    return redirect("review_adjudication", item_id)


def _page(
    request: HttpRequest,
    seen: Disagreement,
    sent: dict[str, Any] | None = None,
    reason: str = "",
    status: int = 200,
) -> HttpResponse:
    context = _context(seen, sent, reason) | {
        "answers": list_answers(seen),
        "markings": list_markings(seen),
    }
    return render(request, "review/adjudication_item.html", context, status=status)


def _own_page(
    request: HttpRequest,
    seen: Disagreement,
    labels: Labels,
    sent: dict[str, Any] | None = None,
    reason: str = "",
    *,
    faults: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = _context(seen, sent, reason) | {"labels": labels, "faults": faults or {}}
    return render(request, "review/adjudication_own.html", context, status=status)


def _context(seen: Disagreement, sent: dict[str, Any] | None, reason: str) -> dict[str, Any]:
    return {
        "section": "review",
        "seen": seen,
        "lines": list_lines(seen),
        "numbers": number_pieces(seen.blocks),
        "causes": Adjudication.Cause.choices,
        "sent": sent or {},
        "reason": reason,
    }
