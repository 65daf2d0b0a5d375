"""What the page sends by itself: what is being written, and signs of life. Answers are JSON for its scripts."""

from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from diagnosis.web.answers import own_or_404
from review.models.queue import Hold
from review.selectors.workspace import get_draft
from review.services.claiming import beat_heart
from review.services.drafting import save_draft, show_life
from review.services.errors import DraftRefused, StaleDraft
from review.web.access import for_reviewers
from review.web.sheet import read_sheet

OTHER_WINDOW = "This item was changed in another window. Nothing was overwritten: press Save to see both and choose."
CLAIM_LOST = "Your claim ran out. What you write is still saved; going on takes it up again, if a place is left."


@require_POST
@for_reviewers
def draft_save(request: HttpRequest, item_id: UUID) -> JsonResponse:
    """200 with the new revision; 409 for a stale one; 422 for what cannot be kept, with a sentence each."""
    draft = own_or_404(get_draft, user=request.user, item_id=item_id)
    sheet = read_sheet(request.POST, draft.item.rubric_version.read(), draft.item.turn_numbers)
    revision = request.POST.get("revision", "")
    if sheet.faults or not revision.isdigit():
        return JsonResponse({"reason": " ".join(sheet.faults.values()) or "Reload the page."}, status=422)
    who = {"reviewer": draft.reviewer, "item": draft.item}
    try:
        saved = save_draft(**who, revision=int(revision), turns=sheet.turns, trajectory=sheet.trajectory)
    except StaleDraft as stale:
        return JsonResponse({"reason": OTHER_WINDOW, "revision": stale.draft.revision}, status=409)
    except DraftRefused as refusal:
        return JsonResponse({"reason": str(refusal)}, status=422)
    return JsonResponse({"revision": saved.revision, **tell_claim(beat_heart(**who))})


@require_POST
@for_reviewers
def heartbeat(request: HttpRequest, item_id: UUID) -> JsonResponse:
    draft = own_or_404(get_draft, user=request.user, item_id=item_id)
    return JsonResponse(tell_claim(show_life(reviewer=draft.reviewer, item=draft.item)))


def tell_claim(held: Hold | None) -> dict[str, str]:
    """What the page says of the claim."""
    if held is None:
        return {"claim": CLAIM_LOST}
    return {"expires": timezone.localtime(held.expires_at).strftime("%H:%M")}
