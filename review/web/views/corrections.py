"""Correcting a turn, and going on from there."""

from collections.abc import Callable, Mapping
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from diagnosis.web.answers import own_or_404
from review.models import Correction
from review.selectors.correction_page import get_correction_page
from review.selectors.corrections import get_correction, get_own_item
from review.services.correcting import discard_correction, edit_again, open_correction, save_correction
from review.services.errors import CorrectionRefused, StaleCorrection
from review.services.rerunning import accept_correction, retry_rerun, run_correction, stop_rerun
from review.web.access import for_reviewers
from review.web.correction_answers import (
    answer_correction,
    answer_correction_merge,
    go_to_correction,
    merge_written,
    numbers_of,
    render_diff,
)
from review.web.correction_form import CorrectionForm, read_written

OTHER_WINDOW = (
    "This correction was changed in another window. Nothing was overwritten: press Save to see both and choose."
)
ACCEPTED = "Accepted. It is an example to learn from, a pair and step labels now."
DISCARDED = "Discarded. Nothing is learned from it."
INCOMPLETE = "The form was not complete. Reload the page and send it again."


@require_POST
@for_reviewers
def correction_open(request: HttpRequest, item_id: UUID, turn_number: int) -> HttpResponse:
    """Begin, or go on with, the correction of a judged turn."""
    reviewer, item = own_or_404(get_own_item, user=request.user, item_id=item_id)
    try:
        correction = open_correction(reviewer=reviewer, item=item, turn_number=turn_number)
    except CorrectionRefused as refusal:
        back = reverse("review_item", args=[item_id])
        return render(request, "409.html", {"reason": str(refusal), "back": back}, status=409)
    return redirect("review_correction", correction.pk)


@require_http_methods(["GET", "POST"])
@for_reviewers
def correction_page(request: HttpRequest, correction_id: UUID) -> HttpResponse:
    correction = own_or_404(get_correction, user=request.user, correction_id=correction_id)
    if request.method == "GET":
        return answer_correction(request, correction)
    step, _, argument = request.POST.get("do", "").partition(":")
    if step in ("save", "run"):
        return _write(request, correction, run=step == "run")
    if step not in STEPS:
        return answer_correction(request, correction, reason=INCOMPLETE, status=422)
    try:
        moved = STEPS[step](request, correction, argument)
    except CorrectionRefused as refusal:
        return answer_correction(request, _again(correction), reason=str(refusal), status=409)
    if step == "discard":
        return redirect("review_item", correction.item_id)
    return go_to_correction(request, moved or correction)


@require_POST
@for_reviewers
def correction_draft(request: HttpRequest, correction_id: UUID) -> JsonResponse:
    """What the page sends by itself: 200 with the new revision, 409 for a stale one, 422 for what cannot be kept."""
    correction = own_or_404(get_correction, user=request.user, correction_id=correction_id)
    try:
        saved = _save(correction, read_written(request.POST), request.POST)
    except StaleCorrection as stale:
        return JsonResponse({"reason": OTHER_WINDOW, "revision": stale.correction.revision}, status=409)
    except CorrectionRefused as refusal:
        return JsonResponse({"reason": str(refusal)}, status=422)
    return JsonResponse({"revision": saved.revision, "diff": render_diff(_again(saved))})


def _write(request: HttpRequest, correction: Correction, *, run: bool) -> HttpResponse:
    """Kept first, whatever comes of running it."""
    post: Mapping[str, str] = request.POST.dict()
    if "merge" in request.POST:
        post = {**post, **merge_written(correction, request.POST)}
    page = get_correction_page(correction)
    written = read_written(post)
    form = CorrectionForm({**post, **written}, numbers=numbers_of(page))
    try:
        saved = _save(correction, written, post)
        if not run:
            return go_to_correction(request, saved)
        if not form.is_valid():
            faults = {name: errors[0] for name, errors in form.errors.items()}
            return answer_correction(request, _again(correction), form=form, faults=faults, status=422)
        run_correction(
            reviewer=correction.reviewer,
            correction=correction,
            revision=saved.revision,
            turn=form.turn,
            reason=saved.reason,
            model_key=page.model.key if page.model else post.get("model", ""),
        )
    except StaleCorrection as stale:
        return answer_correction_merge(request, stale.correction)
    except CorrectionRefused as refusal:
        faults = {gap.field: gap.sentence for gap in refusal.gaps}
        reason = "" if faults else str(refusal)
        return answer_correction(request, _again(correction), form=form, faults=faults, reason=reason, status=422)
    return go_to_correction(request, correction)


def _save(correction: Correction, written: Mapping[str, str], post: Mapping[str, str]) -> Correction:
    revision = post.get("revision", "")
    if not revision.isdigit():
        raise CorrectionRefused(INCOMPLETE)
    return save_correction(
        reviewer=correction.reviewer,
        correction=correction,
        revision=int(revision),
        written=written,
        reason=post.get("reason", ""),
    )


def _again(correction: Correction) -> Correction:
    """As it is stored now."""
    return get_correction(user=correction.reviewer.user, correction_id=correction.pk)


def _stop(request: HttpRequest, correction: Correction, argument: str) -> None:
    stop_rerun(correction=correction)


def _retry(request: HttpRequest, correction: Correction, argument: str) -> None:
    retry_rerun(correction=correction)


def _accept(request: HttpRequest, correction: Correction, argument: str) -> None:
    accept_correction(reviewer=correction.reviewer, correction=correction)
    messages.success(request, ACCEPTED)


def _edit(request: HttpRequest, correction: Correction, argument: str) -> Correction:
    if not argument.isdigit() or len(argument) > 5:
        raise Http404
    return edit_again(reviewer=correction.reviewer, correction=correction, turn_number=int(argument))


def _discard(request: HttpRequest, correction: Correction, argument: str) -> None:
    discard_correction(reviewer=correction.reviewer, correction=correction)
    messages.success(request, DISCARDED)


STEPS: dict[str, Callable[[HttpRequest, Correction, str], Correction | None]] = {
    "stop": _stop,
    "retry": _retry,
    "accept": _accept,
    "edit": _edit,
    "discard": _discard,
}
