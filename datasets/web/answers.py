"""How a page of data is answered: as a whole, or for htmx the part of it that changes."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from diagnosis.web.access import wants_fragment


def answer(
    request: HttpRequest, template: str, part: str, context: dict[str, Any], *, tab: str, status: int = 200
) -> HttpResponse:
    """``tab``: which of the pages of data this is."""
    name = f"{template}#{part}" if wants_fragment(request) else template
    return render(request, name, {"section": "data", "tab": tab, **context}, status=status)
