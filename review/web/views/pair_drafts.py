"""What the page of a pair sends by itself: what is being written, and signs of life. Answers are JSON."""

from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from diagnosis.web.answers import own_or_404
from review.models import PairDraft
from review.selectors.comparing import get_pair_draft
from review.services.errors import DraftRefused, StaleDraft
from review.services.preferring import latest_preference, save_pair_draft, show_pair_life
from review.web.access import for_reviewers
from review.web.pair_form import read_answer, unpressed
from review.web.views.drafts import OTHER_WINDOW, tell_claim

ANSWERED = "answered; give an answer to hand in what you changed"


@require_POST
@for_reviewers
def pair_draft_save(request: HttpRequest, pair_id: UUID) -> JsonResponse:
    """200 with the new revision; 409 for a stale one; 422 for what cannot be kept, with a sentence."""
    draft = own_or_404(get_pair_draft, user=request.user, pair_id=pair_id)
    revision = request.POST.get("revision", "")
    if not revision.isdigit():
        return JsonResponse({"reason": "Reload the page."}, status=422)
    who = {"reviewer": draft.reviewer, "pair": draft.pair}
    answer = read_answer(request.POST, draft, draft.pair.rubric_version.read())
    try:
        saved = save_pair_draft(**who, revision=int(revision), answer=unpressed(draft, answer))
    except StaleDraft as stale:
        return JsonResponse({"reason": OTHER_WINDOW, "revision": stale.draft.revision}, status=409)
    except DraftRefused as refusal:
        return JsonResponse({"reason": str(refusal)}, status=422)
    return JsonResponse({"revision": saved.revision, **_tell(draft)})


@require_POST
@for_reviewers
def pair_heartbeat(request: HttpRequest, pair_id: UUID) -> JsonResponse:
    draft = own_or_404(get_pair_draft, user=request.user, pair_id=pair_id)
    return JsonResponse(_tell(draft))


def _tell(draft: PairDraft) -> dict[str, str]:
    who = {"reviewer": draft.reviewer, "pair": draft.pair}
    if latest_preference(**who) is not None:
        return {"claim": ANSWERED}
    return tell_claim(show_pair_life(**who))
