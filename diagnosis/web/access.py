"""Who may see a page, and in which form it is answered."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import resolve_url
from django.views.decorators.cache import never_cache
from django_htmx.http import HttpResponseClientRedirect

View = Callable[..., HttpResponseBase]


def signed_in(view: View) -> View:
    """For people with an account. A fragment asked for after the sign-in ran out moves the whole page to the sign-in.

    Nothing is kept in shared or back/forward caches: the next person at this computer is someone else.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if wants_fragment(request):
            page = request.htmx.current_url_abs_path or "/"
            return HttpResponseClientRedirect(redirect_to_login(page, resolve_url(settings.LOGIN_URL)).url)
        return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))

    return never_cache(guarded)


def wants_fragment(request: HttpRequest) -> bool:
    """htmx asks for a part of a page, except when it restores a whole page from the history."""
    return bool(request.htmx) and not request.htmx.history_restore_request
