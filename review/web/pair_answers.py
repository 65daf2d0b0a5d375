"""How a write about a pair is answered: the page as it stands, the next pair, or what two windows differ in."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django_htmx.http import HttpResponseClientRedirect

from diagnosis.web.access import wants_fragment
from diagnosis.web.context import number_pieces
from review.models import PairDraft
from review.rules import PairAnswer
from review.selectors.comparing import get_comparison
from review.services.errors import NothingToClaim
from review.services.pair_claiming import claim_pair
from review.web.answers import NOT_FIELDS
from review.web.pair_form import WORDS, letter_of, list_pair_differences

PAGE = "review/pair.html"


def answer_comparison(
    request: HttpRequest,
    draft: PairDraft,
    *,
    sent: PairAnswer | None = None,
    faults: Mapping[str, str] | None = None,
    reason: str = "",
    status: int = 200,
) -> HttpResponse:
    """``sent``: what was not kept, to be shown again; ``faults`` by field; ``reason`` for the whole."""
    comparison = get_comparison(draft, sent)
    preference = comparison.preference
    sides = [number_pieces(comparison.prefix + side) for side in (comparison.left, comparison.right)]
    context = {
        "section": "review",
        "comparison": comparison,
        "ways": (("A", comparison.left), ("B", comparison.right)),
        "numbers": {**sides[0], **sides[1]},
        "choices": WORDS.items(),
        "said": WORDS[letter_of(draft.left, preference.choice)] if preference else "",
        "faults": faults or {},
        "reason": reason,
    }
    return _render(request, "workspace", context, status)


def answer_pair_merge(request: HttpRequest, draft: PairDraft, sent: PairAnswer) -> HttpResponse:
    """409: what is stored and what was sent, to choose from."""
    names = [name for name in request.POST if name not in NOT_FIELDS and not name.startswith("pick-")]
    context = {
        "section": "review",
        "action": resolve_url("review_pair", draft.pair_id),
        "revision": draft.revision,
        "differences": list_pair_differences(draft, sent),
        "sent": [(name, each) for name in names for each in request.POST.getlist(name)],
    }
    return _render(request, "merge", context, 409)


def go_to_next(request: HttpRequest) -> HttpResponse:
    """The pair that they have before them, else the next one; where there is none, their pairs with a sentence."""
    try:
        return go(request, "review_pair", claim_pair(user=request.user).pair_id)
    except NothingToClaim as refusal:
        messages.info(request, str(refusal))
        return go(request, "review_pairs")


def go(request: HttpRequest, *place: Any) -> HttpResponse:
    if wants_fragment(request):
        return HttpResponseClientRedirect(resolve_url(*place))
    return redirect(*place)


def _render(request: HttpRequest, part: str, context: dict[str, Any], status: int) -> HttpResponse:
    if wants_fragment(request):
        return render(request, f"{PAGE}#{part}", context, status=status)
    return render(request, PAGE, {**context, "part": part}, status=status)
