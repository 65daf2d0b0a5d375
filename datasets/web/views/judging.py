"""How far a model judge can be trusted: beside concept match and beside people."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from datasets.selectors.judge_audit import get_counts, list_sheets
from datasets.web.access import for_data
from datasets.web.answers import answer


@require_GET
@for_data("review.view_humanruling")
def judge_audit(request: HttpRequest) -> HttpResponse:
    context = {"sheets": list_sheets(), "counts": get_counts()}
    return answer(request, "datasets/judge_audit.html", "sheets", context, tab="benchmarks")
