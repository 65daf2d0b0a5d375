from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from diagnosis.web.answers import own_or_404
from diagnosis.web.context import number_pieces
from review.models import Annotation, Draft, Skip
from review.selectors.corrections import list_item_corrections
from review.selectors.hints import get_hints
from review.selectors.workspace import get_draft, get_judgement
from review.services.correcting import open_correction
from review.services.errors import CorrectionRefused, Incomplete, ItemGone, ServiceError, SkipRefused, StaleDraft
from review.services.skipping import skip_item
from review.web.access import for_reviewers
from review.web.answers import answer_done, answer_merge, answer_workspace
from review.web.correction_answers import go_to_correction
from review.web.merging import merge_sheet
from review.web.sheet import read_sheet
from review.web.steps import STEPS, take_step

SKIPPED = "Skipped. It goes to somebody else."


@require_http_methods(["GET", "POST"])
@for_reviewers
def item_page(request: HttpRequest, item_id: UUID) -> HttpResponse:
    try:
        draft = get_draft(user=request.user, item_id=item_id)
    except Draft.DoesNotExist:
        return _judged(request, item_id)
    if request.method == "GET":
        return answer_workspace(request, draft)
    sheet = read_sheet(request.POST, draft.item.rubric_version.read(), draft.item.turn_numbers)
    if sheet.faults:
        return answer_workspace(request, draft, sheet=sheet, faults=sheet.faults, status=422)
    if "merge" in request.POST:
        sheet = merge_sheet(draft, sheet, request.POST)
    step, _, turn_number = request.POST.get("do", "").partition(":")
    try:
        outcome = take_step(step, draft, request.POST.get("revision", ""), sheet)
        if outcome == "correct":
            return _correct(request, draft, turn_number)
    except StaleDraft as stale:
        return answer_merge(request, stale.draft, sheet)
    except Incomplete as missing:
        faults = {gap.field: gap.sentence for gap in missing.gaps}
        return answer_workspace(request, get_draft(user=request.user, item_id=item_id), faults=faults, status=422)
    except (ItemGone, CorrectionRefused) as refusal:
        again = get_draft(user=request.user, item_id=item_id)
        return answer_workspace(request, again, reason=str(refusal), status=409)
    except ServiceError as refusal:
        return answer_workspace(request, draft, sheet=sheet, reason=str(refusal), status=422)
    return answer_done(request, item_id, outcome)


@require_http_methods(["GET", "POST"])
@for_reviewers
def item_skip(request: HttpRequest, item_id: UUID) -> HttpResponse:
    draft = own_or_404(get_draft, user=request.user, item_id=item_id)
    context = {"section": "review", "what": "item", "address": request.path, "back": f"/review/items/{item_id}/"}
    context["reasons"] = Skip.Reason.choices
    if request.method == "GET":
        return render(request, "review/skip.html", context)
    reason, note = request.POST.get("reason", ""), request.POST.get("note", "")
    try:
        skip_item(reviewer=draft.reviewer, item=draft.item, reason=reason, note=note)
    except SkipRefused as refusal:
        context |= {"error": str(refusal), "chosen": reason, "note": note}
        return render(request, "review/skip.html", context, status=422)
    except ItemGone as gone:
        return render(request, "409.html", {"reason": str(gone), "back": "/review/"}, status=409)
    messages.success(request, SKIPPED)
    return redirect("review_home")


def _correct(request: HttpRequest, draft: Draft, turn_number: str) -> HttpResponse:
    """What was written about the turn is saved already."""
    if not turn_number.isdigit() or len(turn_number) > 5:
        raise CorrectionRefused("The form was not complete. Reload the page and send it again.")
    correction = open_correction(reviewer=draft.reviewer, item=draft.item, turn_number=int(turn_number))
    return go_to_correction(request, correction)


def _judged(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Handed in by this person; else there is no such page for them."""
    try:
        judgement = get_judgement(user=request.user, item_id=item_id)
    except Annotation.DoesNotExist:
        raise Http404 from None
    if request.method == "POST" and request.POST.get("do", "").partition(":")[0] in STEPS:
        # A second window that did not know.
        reason = "You have handed this item in already. Nothing was done twice."
        return render(request, "409.html", {"reason": reason, "back": f"/review/items/{item_id}/"}, status=409)
    context = {
        "section": "review",
        "judgement": judgement,
        "numbers": number_pieces(judgement.blocks),
        "hints": get_hints(
            reviewer=judgement.annotation.reviewer_id, item=judgement.item, labels=judgement.labels, truth=True
        ),
        "corrections": list_item_corrections(reviewer=judgement.annotation.reviewer_id, item=judgement.item),
    }
    return render(request, "review/judged.html", context)
