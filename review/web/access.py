"""Who may see the pages of review: those who judge; for everybody else they do not exist."""

from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase

from diagnosis.web.access import View, signed_in

JUDGE = "review.add_annotation"


def for_reviewers(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(JUDGE):
            raise Http404
        return view(request, *args, **kwargs)

    return signed_in(guarded)
