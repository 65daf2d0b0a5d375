import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from diagnosis.web.access import wants_fragment
from diagnosis.web.answers import own_or_404
from review.figures import COLUMNS, list_rows
from review.models import AgreementReport
from review.selectors.reports import get_agreement, list_reports
from review.selectors.standing import list_own_standings
from review.services.reporting import ask_report, note_download
from review.services.reviewers import ensure_reviewer
from review.web.access import for_readers_of_agreement, for_reporters, for_reviewers
from review.web.matrix import make_matrix

ASKED = "A worker works the figures out now. They appear here by themselves."
PAGE = "review/agreement.html"


@require_GET
@for_readers_of_agreement
def agreement(request: HttpRequest) -> HttpResponse:
    ids = {name: _number(request.GET.get(name)) for name in ("version", "report")}
    found = own_or_404(get_agreement, version_id=ids["version"], report_id=ids["report"])
    context: dict[str, Any] = {"section": "review", "agreement": found, "waiting": "asked" in request.GET}
    if found and found.report:
        context |= {"figures": found.report.figures, "matrix": make_matrix(found.report.figures["pairs"])}
    return render(request, f"{PAGE}#figures" if wants_fragment(request) else PAGE, context)


@require_POST
@for_reporters
def agreement_ask(request: HttpRequest) -> HttpResponse:
    ask_report(by=request.user)
    messages.info(request, ASKED)
    version = _number(request.POST.get("version"))
    response = redirect("review_agreement")
    response["Location"] += f"?asked=1&version={version}" if version else "?asked=1"
    return response


@require_GET
@for_readers_of_agreement
def agreement_csv(request: HttpRequest, report_id: int) -> StreamingHttpResponse:
    report = own_or_404(list_reports().get, pk=report_id)
    note_download(by=request.user, report=report, form="csv")
    response = StreamingHttpResponse(_lines(report), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_name(report)}.csv"'
    return response


@require_GET
@for_readers_of_agreement
def agreement_json(request: HttpRequest, report_id: int) -> JsonResponse:
    report = own_or_404(list_reports().get, pk=report_id)
    note_download(by=request.user, report=report, form="json")
    response = JsonResponse({**_about(report), "source": report.source, **report.figures})
    response["Content-Disposition"] = f'attachment; filename="{_name(report)}.json"'
    return response


@require_GET
@for_reviewers
def agreement_mine(request: HttpRequest) -> HttpResponse:
    """A reviewer's own figures, and nobody else's."""
    standings = list_own_standings(ensure_reviewer(user=request.user))
    return render(request, "review/agreement_mine.html", {"section": "review", "standings": standings})


def _lines(report: AgreementReport) -> Iterator[str]:
    line = StringIO()
    writer = csv.DictWriter(line, COLUMNS)
    writer.writeheader()
    for row in list_rows(report.figures, **_about(report)):
        writer.writerow(row)
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def _about(report: AgreementReport) -> dict[str, str]:
    return {"rubric": str(report.rubric_version), "computed_at": report.computed_at.isoformat(timespec="seconds")}


def _name(report: AgreementReport) -> str:
    version = report.rubric_version
    return f"agreement-{version.rubric.slug}-v{version.number}-{report.computed_at:%Y%m%d-%H%M}"


def _number(sent: str | None) -> int | None:
    """None where nothing was sent; what is no number finds nothing."""
    return None if sent is None else int(sent) if sent.isdecimal() and len(sent) < 19 else 0
