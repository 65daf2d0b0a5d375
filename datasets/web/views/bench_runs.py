"""Benchmark runs, their results, and the path behind a result."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from datasets.models import BenchmarkRun
from datasets.selectors.benchmarks import (
    ResultSheet,
    count_outcomes,
    get_benchmark_run,
    get_result,
    get_whole_report,
    list_results,
)
from datasets.selectors.runs import get_progress
from datasets.services.errors import RunRefused
from datasets.services.reviewing import Sent, send_to_review
from datasets.services.steering import cancel_run, pause_run, resume_run
from datasets.web.access import for_data
from datasets.web.answers import answer
from datasets.web.forms import ResultFilterForm, ReviewForm
from datasets.web.leaderboard import list_figures
from diagnosis.selectors.walkthrough import get_path
from diagnosis.web.access import wants_fragment
from diagnosis.web.answers import answer_late, own_or_404
from diagnosis.web.context import number_pieces, paginate
from medaction.bench.page import render_page

TAB = "benchmarks"
STEER = "datasets.change_benchmarkrun"


@require_GET
@for_data()
def run_detail(request: HttpRequest, bench_id: UUID) -> HttpResponse:
    run: BenchmarkRun = own_or_404(get_benchmark_run, run_id=bench_id)
    context = {"run": run, "benchmark": run.benchmark, "progress": get_progress(run)}
    if not (wants_fragment(request) and request.htmx.target == "result-list"):
        context |= {"outcomes": count_outcomes(run), "figures": list_figures(run.report)}
        if wants_fragment(request):
            return answer(request, "datasets/benchmark_run.html", "state", context, tab=TAB)
    form = ResultFilterForm(request.GET)
    rows = list_results(run, kind=form.value("kind"), query=form.value("q"))
    context |= {"form": form, "page": paginate(rows, request.GET.get("page"))}
    return answer(request, "datasets/benchmark_run.html", "results", context, tab=TAB)


@require_GET
@for_data()
def result_detail(request: HttpRequest, path_id: UUID) -> HttpResponse:
    sheet: ResultSheet = own_or_404(get_result, trajectory_id=path_id)
    blocks, board = get_path(path_id)
    context = {
        "sheet": sheet,
        "result": sheet.result,
        "run": sheet.result.run,
        "benchmark": sheet.result.run.benchmark,
        "blocks": blocks,
        "walked": board,
        "numbers": number_pieces(blocks),
    }
    return answer(request, "datasets/benchmark_path.html", "path", context, tab=TAB)


@require_GET
@for_data()
def run_report(request: HttpRequest, bench_id: UUID, suffix: str) -> HttpResponse:
    """The library's report with every record, as ``bench run --json`` and ``bench report --html`` write it."""
    run: BenchmarkRun = own_or_404(get_benchmark_run, run_id=bench_id)
    if not run.report:
        raise Http404
    report = get_whole_report(run)
    if suffix == "html":
        response = HttpResponse(render_page([report]))
    else:
        response = JsonResponse(report, json_dumps_params={"indent": 1})
    name = f"{run.benchmark.key}-{str(run.pk)[:8]}.{suffix}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
@for_data("review.add_reviewitem")
def run_review(request: HttpRequest, bench_id: UUID) -> HttpResponse:
    """The results that were ticked, or all that the filter shows, to the review queue."""
    run: BenchmarkRun = own_or_404(get_benchmark_run, run_id=bench_id)
    form = ReviewForm(request.POST)
    back = f"{reverse('benchmark_run', args=[bench_id])}?{form.shown}#results"
    if not form.is_valid():
        messages.error(request, form.problem)
        return redirect(back)
    results = list_results(run, kind=form.cleaned_data["kind"], query=form.cleaned_data["q"])
    if not form.cleaned_data["all"]:
        results = results.filter(pk__in=form.cleaned_data["result"])
    sent = send_to_review(results=results, reason=form.cleaned_data["reason"], by=request.user)
    messages.add_message(request, messages.ERROR if sent.refused else messages.SUCCESS, tell_sent(sent))
    return redirect(back)


@require_POST
@for_data(STEER)
def run_pause(request: HttpRequest, bench_id: UUID) -> HttpResponse:
    return _steer(request, bench_id, pause_run)


@require_POST
@for_data(STEER)
def run_resume(request: HttpRequest, bench_id: UUID) -> HttpResponse:
    return _steer(request, bench_id, resume_run)


@require_POST
@for_data(STEER)
def run_cancel(request: HttpRequest, bench_id: UUID) -> HttpResponse:
    return _steer(request, bench_id, cancel_run)


def tell_sent(sent: Sent) -> str:
    told = f"{sent.added} result{'s' * (sent.added != 1)} sent to the review queue."
    if sent.left:
        told += f" {sent.left} more match: send again to send the next of them."
    return f"{told} {sent.refused}" if sent.refused else told


def _steer(request: HttpRequest, bench_id: UUID, change: Callable[..., None]) -> HttpResponse:
    run: BenchmarkRun = own_or_404(get_benchmark_run, run_id=bench_id)
    try:
        change(run=run)
    except RunRefused as refusal:
        return answer_late(request, str(refusal), reverse("benchmark_run", args=[bench_id]))
    return redirect("benchmark_run", bench_id)
