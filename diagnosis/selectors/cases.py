"""Cases to choose from. The payload, which holds the diagnosis, is never loaded for a list or a case page."""

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet

from diagnosis.models import Case


def list_cases(*, query: str = "", specialty: str = "", difficulty: str = "", source: str = "") -> QuerySet[Case]:
    """Current revisions, filtered. ``query`` is matched as words (web search syntax) and as a part of the title."""
    cases = Case.objects.filter(is_current=True).defer("payload", "search")
    if query.strip():
        words = SearchQuery(query, config="english", search_type="websearch")
        cases = cases.filter(Q(search=words) | Q(title__icontains=query.strip()))
    if specialty:
        cases = cases.filter(specialty=specialty)
    if difficulty:
        cases = cases.filter(difficulty=difficulty)
    if source:
        cases = cases.filter(source=source)
    return cases


def get_case(slug: str) -> Case:
    """The current revision. Raises ``Case.DoesNotExist``."""
    return Case.objects.defer("payload", "search").get(slug=slug, is_current=True)


def list_case_facets() -> dict[str, list[str]]:
    """The values that the list can be filtered by: ``specialty``, ``difficulty`` and ``source``, each sorted."""
    current = Case.objects.filter(is_current=True)
    return {
        name: list(current.exclude(**{name: ""}).order_by(name).values_list(name, flat=True).distinct())
        for name in ("specialty", "difficulty", "source")
    }
