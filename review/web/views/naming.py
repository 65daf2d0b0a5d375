"""Whether two names mean one diagnosis: one pair at a time, without what concept match and the judge said."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from review.models import HumanRuling
from review.selectors.naming import find_next_names
from review.services.errors import RulingRefused
from review.services.naming import rule_names, sign_served
from review.services.reviewers import ensure_reviewer
from review.web.access import for_reviewers


@require_http_methods(["GET", "POST"])
@for_reviewers
def names_page(request: HttpRequest) -> HttpResponse:
    reviewer = ensure_reviewer(user=request.user)
    refused, status = "", 200
    if request.method == "POST":
        try:
            rule_names(reviewer=reviewer, token=request.POST.get("served", ""), ruling=request.POST.get("ruling", ""))
        except RulingRefused as refusal:
            refused, status = str(refusal), 422
        else:
            return redirect("review_names")
    served = find_next_names(reviewer)
    context = {
        "section": "review",
        "served": served,
        "token": sign_served(served=served, reviewer=reviewer) if served else "",
        "choices": HumanRuling.Ruling.choices,
        "said": HumanRuling.objects.filter(reviewer=reviewer).count(),
        "refused": refused,
    }
    return render(request, "review/names.html", context, status=status)
