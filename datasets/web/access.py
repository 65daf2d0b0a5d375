"""Who may see the pages of data: those who may look at runs; for everybody else they do not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

from diagnosis.web.access import View, signed_in

LOOK = "datasets.view_distillationrun"


def for_data(permission: str = LOOK) -> Callable[[View], View]:
    """404 without the right to look, 403 with it but without ``permission``."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.has_perm(LOOK):
                raise Http404
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return signed_in(guarded)

    return guard
