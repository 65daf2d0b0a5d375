"""Who may see the pages of review: those who judge, decide or look after it; for everybody else they do not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase

from diagnosis.web.access import View, signed_in

JUDGE = "review.add_annotation"
ADJUDICATE = "review.add_adjudication"
SEE_POLICIES = "review.see_policies"
VIEW_EXEMPLARS = "review.view_exemplar"
READ_AGREEMENT = "review.read_agreement"
REPORT = "review.add_agreementreport"


def for_those_with(*permissions: str) -> Callable[[View], View]:
    """Any of these permissions is enough."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not any(request.user.has_perm(each) for each in permissions):
                raise Http404
            return view(request, *args, **kwargs)

        return signed_in(guarded)

    return decorate


for_reviewers = for_those_with(JUDGE)
for_adjudicators = for_those_with(ADJUDICATE)
for_those_who_see_policies = for_those_with(SEE_POLICIES)
for_readers_of_guidelines = for_those_with(JUDGE, VIEW_EXEMPLARS)
for_readers_of_agreement = for_those_with(READ_AGREEMENT)
for_reporters = for_those_with(REPORT)
