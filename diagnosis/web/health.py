"""Is it alive, and can it serve? ``healthz`` asks nobody; ``readyz`` asks PostgreSQL and Redis."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from psycopg_pool import PoolTimeout

from diagnosis.streaming.presence import FAULTS, count_workers


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when pages and walkthroughs work, else 503. Names what is unavailable and counts the workers."""
    workers = _count_workers()
    parts = {
        "database": "ok" if _database_answers() else "unavailable",
        "redis": "unavailable" if workers is None else "ok",
        "workers": workers or 0,
    }
    ready = parts["database"] == "ok" and parts["redis"] == "ok"
    return JsonResponse(parts, status=200 if ready else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, PoolTimeout):
        return False
    return True


def _count_workers() -> int | None:
    """None when Redis does not answer."""
    try:
        return count_workers(settings.REDIS_URL)
    except FAULTS:
        return None
