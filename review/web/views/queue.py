from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from diagnosis.web.context import paginate
from review.selectors.corrections import list_open_corrections
from review.selectors.progress import get_progress, list_judgements
from review.selectors.remarks import list_mentions
from review.services.claiming import claim_item
from review.services.errors import NothingToClaim
from review.services.reviewers import ensure_reviewer
from review.web.access import for_reviewers


@require_GET
@for_reviewers
def review_home(request: HttpRequest) -> HttpResponse:
    return _home(request)


@require_POST
@for_reviewers
def claim(request: HttpRequest) -> HttpResponse:
    try:
        reservation = claim_item(user=request.user)
    except NothingToClaim as refusal:
        return _home(request, reason=str(refusal), status=409)
    return redirect("review_item", reservation.item_id)


def _home(request: HttpRequest, *, reason: str = "", status: int = 200) -> HttpResponse:
    reviewer = ensure_reviewer(user=request.user)
    page = paginate(list_judgements(request.user), request.GET.get("page"))
    context = {
        "section": "review",
        "reviewer": reviewer,
        "progress": get_progress(reviewer),
        "page": page,
        "mentions": list_mentions(request.user),
        "corrections": list_open_corrections(reviewer),
        "reason": reason,
    }
    return render(request, "review/home.html", context, status=status)
