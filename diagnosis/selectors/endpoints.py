"""The addresses of model servers: those of the settings and no others, each with the key that is for it alone."""

from dataclasses import dataclass, field

from django.conf import settings

from medaction.inference.connection import api_root
from medaction.inference.errors import ModelError


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``name`` is what people call it: ``policy``, ``model``, or a name of ``MODEL_ENDPOINTS``."""

    name: str
    url: str
    api_key: str = field(default="", repr=False)


class EndpointNotAllowedError(LookupError):
    """The address is not one of the settings'."""


def list_endpoints() -> list[Endpoint]:
    """Read anew each time; the first of two with one address counts."""
    keys = settings.MODEL_ENDPOINT_KEYS
    given = [
        Endpoint("policy", settings.POLICY_URL, settings.POLICY_API_KEY),
        Endpoint("model", settings.MODEL_URL, settings.MODEL_API_KEY),
        *(Endpoint(name, url, keys.get(name, "")) for name, url in settings.MODEL_ENDPOINTS.items()),
    ]
    return [endpoint for endpoint in given if endpoint.url]


def get_endpoint(url: str) -> Endpoint:
    """The allowed endpoint with this address, however it is spelled. Raises ``EndpointNotAllowedError``.

    Nothing is resolved or asked: an address is allowed only by being one of those in the settings.
    """
    try:
        wanted = api_root(url)
    except ModelError:
        wanted = None
    for endpoint in list_endpoints():
        if wanted is not None and api_root(endpoint.url) == wanted:
            return endpoint
    raise EndpointNotAllowedError("This address is not allowed. Add it to MODEL_ENDPOINTS in the settings first.")
