"""The content security policy: strict everywhere, one notch looser where the admin's own scripts need it."""

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

# django-unfold runs Alpine, which compiles expressions out of attributes and writes style attributes.
ADMIN_RELAXATION = {"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]}


class SitePolicyMiddleware(CSPMiddleware):
    """``CONTENT_SECURITY_POLICY`` for every page; below the admin's address, ``ADMIN_RELAXATION`` is added."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and request.path_info.startswith(reverse("admin:index")):
            parts.update = {**ADMIN_RELAXATION, **(parts.update or {})}
        return parts
