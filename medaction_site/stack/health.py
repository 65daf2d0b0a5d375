"""Does a part answer? Each check returns quietly or raises `Unhealthy` with a few words why."""

import http.client
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from medaction.handshakes import HandshakeError, greet_postgres, greet_redis

from .errors import Unhealthy

Check = Callable[[], None]
PATIENCE_SECONDS = 5.0


def http_check(url: str) -> Check:
    """The address answers 200."""
    parts = urlsplit(url)

    def check() -> None:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request("GET", parts.path, headers={"Connection": "close"})
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise Unhealthy(f"{parts.path} does not answer ({error})") from None
        finally:
            connection.close()
        if status != 200:
            raise Unhealthy(f"{parts.path} answers {status}")

    return check


def postgres_check(url: str) -> Check:
    """A login succeeds."""
    return _greeting(greet_postgres, url)


def redis_check(url: str) -> Check:
    """A login and a PING succeed."""
    return _greeting(greet_redis, url)


def _greeting(greet: Callable[..., str], url: str) -> Check:
    def check() -> None:
        try:
            greet(url, timeout=PATIENCE_SECONDS)
        except HandshakeError as error:
            raise Unhealthy(str(error)) from None

    return check


def worker_check(broker: str, worker: str) -> Check:
    """The worker answers Celery's own ping, which its main loop has to serve."""

    @cache
    def connect() -> Any:
        # Loaded while the worker itself starts: nobody waits for it.
        from celery import Celery

        return Celery("medaction-stack", broker=broker, set_as_current=False)

    def check() -> None:
        app = connect()
        try:
            replies = app.control.ping(destination=[worker], timeout=PATIENCE_SECONDS, limit=1)
        except (OSError, app.connection_for_read().recoverable_connection_errors) as error:
            raise Unhealthy(f"the queue cannot be reached ({error})") from None
        if not replies:
            raise Unhealthy("no answer to a ping")

    return check
