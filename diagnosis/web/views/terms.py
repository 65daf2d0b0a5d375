"""Names to complete, the same for every case and person: a browser may keep them for an hour."""

from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.http import condition, require_GET

from diagnosis.selectors.terms import Names, list_disease_names, list_test_names

SECONDS = 3600


@lru_cache(maxsize=2)
def _document(select: Callable[[], tuple[Names, ...]]) -> tuple[bytes, str]:
    body = orjson.dumps(select())
    return body, f'"{sha256(body).hexdigest()[:20]}"'


def _view(select: Callable[[], tuple[Names, ...]]) -> Callable[[HttpRequest], HttpResponse]:
    @condition(etag_func=lambda request: _document(select)[1] if request.user.is_authenticated else None)
    def send(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return HttpResponseForbidden("Sign in to be offered names.\n", content_type="text/plain")
        body, _ = _document(select)
        headers = {"Cache-Control": f"private, max-age={SECONDS}"}
        return HttpResponse(body, content_type="application/json", headers=headers)

    return require_GET(send)


test_names = _view(list_test_names)
disease_names = _view(list_disease_names)
