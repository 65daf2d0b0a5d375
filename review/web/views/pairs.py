from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from diagnosis.web.answers import own_or_404
from diagnosis.web.context import paginate
from review.models import PairDraft, PairSkip
from review.selectors.comparing import get_pair_draft, get_pair_progress, list_own_preferences
from review.services.errors import DraftRefused, Incomplete, ItemGone, NothingToClaim, SkipRefused, StaleDraft
from review.services.pair_claiming import claim_pair, release_pair, skip_pair
from review.services.preferring import save_pair_draft, show_truth, submit_preference
from review.services.reviewers import ensure_reviewer
from review.web.access import for_reviewers
from review.web.pair_answers import answer_comparison, answer_pair_merge, go, go_to_next
from review.web.pair_form import merge_answer, read_answer, unpressed

RELOAD = "The form was not complete. Reload the page and send it again."
SKIPPED = "Skipped. It goes to somebody else."


@require_GET
@for_reviewers
def pairs_home(request: HttpRequest) -> HttpResponse:
    return _home(request)


@require_POST
@for_reviewers
def pair_claim(request: HttpRequest) -> HttpResponse:
    try:
        reservation = claim_pair(user=request.user)
    except NothingToClaim as refusal:
        return _home(request, reason=str(refusal), status=409)
    return redirect("review_pair", reservation.pair_id)


@require_http_methods(["GET", "POST"])
@for_reviewers
def pair_page(request: HttpRequest, pair_id: UUID) -> HttpResponse:
    draft = own_or_404(get_pair_draft, user=request.user, pair_id=pair_id)
    if request.method == "GET":
        return answer_comparison(request, draft)
    answer = read_answer(request.POST, draft, draft.pair.rubric_version.read())
    if "merge" in request.POST:
        answer = merge_answer(draft, answer, request.POST)
    revision = request.POST.get("revision", "")
    if not revision.isdigit():
        return answer_comparison(request, draft, sent=answer, reason=RELOAD, status=422)
    who = {"reviewer": draft.reviewer, "pair": draft.pair}
    answered = answer.choice is not None
    act = submit_preference if answered else save_pair_draft
    try:
        act(**who, revision=int(revision), answer=answer if answered else unpressed(draft, answer))
        return _go_on(request, draft, answered=answered)
    except StaleDraft as stale:
        return answer_pair_merge(request, stale.draft, answer)
    except Incomplete as missing:
        faults = {gap.field: gap.sentence for gap in missing.gaps}
        return answer_comparison(request, _again(request, pair_id), sent=answer, faults=faults, status=422)
    except ItemGone as gone:
        return answer_comparison(request, _again(request, pair_id), reason=str(gone), status=409)
    except DraftRefused as refusal:
        return answer_comparison(request, draft, sent=answer, reason=str(refusal), status=422)


@require_http_methods(["GET", "POST"])
@for_reviewers
def pair_skip(request: HttpRequest, pair_id: UUID) -> HttpResponse:
    draft = own_or_404(get_pair_draft, user=request.user, pair_id=pair_id)
    context = {"section": "review", "what": "pair", "address": request.path, "back": f"/review/pairs/{pair_id}/"}
    context["reasons"] = PairSkip.Reason.choices
    if request.method == "GET":
        return render(request, "review/skip.html", context)
    reason, note = request.POST.get("reason", ""), request.POST.get("note", "")
    try:
        skip_pair(reviewer=draft.reviewer, pair=draft.pair, reason=reason, note=note)
    except SkipRefused as refusal:
        context |= {"error": str(refusal), "chosen": reason, "note": note}
        return render(request, "review/skip.html", context, status=422)
    except ItemGone as gone:
        return render(request, "409.html", {"reason": str(gone), "back": "/review/pairs/"}, status=409)
    messages.success(request, SKIPPED)
    return redirect("review_pairs")


def _go_on(request: HttpRequest, draft: PairDraft, *, answered: bool) -> HttpResponse:
    """After something was kept: to the next pair, or to where the button leads."""
    if answered:
        return go_to_next(request)
    match request.POST.get("do"):
        case "release":
            release_pair(reviewer=draft.reviewer, pair=draft.pair)
            return go(request, "review_pairs")
        case "skip":
            return go(request, "review_pair_skip", draft.pair_id)
        case "truth":
            show_truth(reviewer=draft.reviewer, pair=draft.pair)
    return go(request, "review_pair", draft.pair_id)


def _again(request: HttpRequest, pair_id: UUID) -> PairDraft:
    return get_pair_draft(user=request.user, pair_id=pair_id)


def _home(request: HttpRequest, *, reason: str = "", status: int = 200) -> HttpResponse:
    reviewer = ensure_reviewer(user=request.user)
    context = {
        "section": "review",
        "reviewer": reviewer,
        "progress": get_pair_progress(reviewer),
        "page": paginate(list_own_preferences(request.user), request.GET.get("page")),
        "reason": reason,
    }
    return render(request, "review/pairs.html", context, status=status)
