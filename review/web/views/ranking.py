import csv
import io

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from medaction.agreement.ranking import Estimate
from review.models import Pair
from review.selectors.ranking import METHOD, RESAMPLES, describe_ranking, get_ranking
from review.web.access import for_those_who_see_policies

HEADINGS = (
    *("policy", "n", "wins", "losses", "ties", "both_bad"),
    *("strength", "low", "high", "strength_controlled", "low_controlled", "high_controlled"),
)


@require_GET
@for_those_who_see_policies
def ranking(request: HttpRequest) -> HttpResponse:
    scope = _scope(request)
    context = {
        "section": "data",
        "tab": "preferences",
        "sheet": get_ranking(scope),
        "scope": scope,
        "scopes": [("", "All pairs"), *Pair.Scope.choices],
        "method": METHOD,
        "resamples": RESAMPLES,
    }
    return render(request, "review/ranking.html", context)


@require_GET
@for_those_who_see_policies
def ranking_json(request: HttpRequest) -> HttpResponse:
    scope = _scope(request)
    response = JsonResponse(describe_ranking(get_ranking(scope), scope), json_dumps_params={"indent": 1})
    return _as_file(response, "json")


@require_GET
@for_those_who_see_policies
def ranking_csv(request: HttpRequest) -> HttpResponse:
    """A row for each policy; an empty cell is not known, never 0."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADINGS)
    for each in get_ranking(_scope(request)).standings:
        counts = (each.n, each.wins, each.losses, each.ties, each.both_bad)
        writer.writerow([_as_text(each.policy), *counts, *_cells(each.plain), *_cells(each.controlled)])
    return _as_file(HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8"), "csv")


def _cells(estimate: Estimate | None) -> list[float | str]:
    if estimate is None:
        return ["", "", ""]
    return [estimate.value, *(estimate.interval or ("", ""))]


def _as_text(name: str) -> str:
    """A spreadsheet takes what begins so for a formula."""
    return f"'{name}" if name.startswith(("=", "+", "-", "@")) else name


def _scope(request: HttpRequest) -> str:
    scope = request.GET.get("scope", "")
    return scope if scope in Pair.Scope.values else ""


def _as_file(response: HttpResponse, suffix: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="preferences.{suffix}"'
    return response
