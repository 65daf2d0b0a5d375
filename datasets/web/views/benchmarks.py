"""Benchmarks and their leaderboards."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from datasets.models import Benchmark
from datasets.selectors.benchmarks import (
    find_humans,
    get_benchmark,
    list_benchmark_cases,
    list_benchmark_runs,
    list_benchmarks,
    list_ranked,
)
from datasets.selectors.comparing import CompareError, compare_entrants, list_chosen
from datasets.services.bench_starting import bench_settings, start_benchmark_run
from datasets.services.benchmarks import create_benchmark
from datasets.services.errors import BenchmarkRefused, RunRefused
from datasets.services.standings import ask_standing
from datasets.web.access import for_data
from datasets.web.answers import answer
from datasets.web.forms import BenchmarkForm, BenchmarkRunForm, BulkPairForm, CaseChoiceForm
from datasets.web.leaderboard import fill_board, fill_pair
from diagnosis.web.answers import own_or_404
from diagnosis.web.context import paginate

TAB = "benchmarks"


@require_GET
@for_data()
def benchmark_list(request: HttpRequest) -> HttpResponse:
    page = paginate(list_benchmarks(), request.GET.get("page"))
    return answer(request, "datasets/benchmark_list.html", "results", {"page": page}, tab=TAB)


@require_GET
@for_data()
def benchmark_detail(request: HttpRequest, key: str) -> HttpResponse:
    benchmark: Benchmark = own_or_404(get_benchmark, key=key)
    humans = find_humans(benchmark)
    context = {
        "benchmark": benchmark,
        "board": fill_board([*([humans] if humans and humans.report else []), *list_ranked(benchmark)]),
        "humans": humans,
        "page": paginate(list_benchmark_runs(benchmark), request.GET.get("page")),
    }
    return answer(request, "datasets/benchmark_detail.html", "runs", context, tab=TAB)


@require_GET
@for_data()
def benchmark_cases(request: HttpRequest, key: str) -> HttpResponse:
    benchmark: Benchmark = own_or_404(get_benchmark, key=key)
    page = paginate(list_benchmark_cases(benchmark), request.GET.get("page"))
    context = {"benchmark": benchmark, "page": page}
    return answer(request, "datasets/benchmark_cases.html", "results", context, tab=TAB)


@require_GET
@for_data()
def benchmark_compare(request: HttpRequest, key: str) -> HttpResponse:
    """The rows that were ticked (``?run=``), pair by pair."""
    benchmark: Benchmark = own_or_404(get_benchmark, key=key)
    chosen = list_chosen(benchmark, request.GET.getlist("run"))
    pairs, problem = [], ""
    try:
        pairs = [fill_pair(*pair) for pair in compare_entrants(chosen)]
    except CompareError as error:
        problem = f"{str(error)[:1].upper()}{str(error)[1:]}."
    context = {"benchmark": benchmark, "pairs": pairs, "problem": problem, "pair_form": BulkPairForm()}
    status = 422 if problem else 200
    return answer(request, "datasets/benchmark_compare.html", "pairs", context, tab=TAB, status=status)


@require_POST
@for_data("datasets.add_benchmarkrun")
def benchmark_humans(request: HttpRequest, key: str) -> HttpResponse:
    """Score people's walkthroughs of its cases anew."""
    ask_standing(benchmark=own_or_404(get_benchmark, key=key), owner=request.user)
    return redirect("benchmark_detail", key)


@require_http_methods(["GET", "POST"])
@for_data("datasets.add_benchmark")
def benchmark_new(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return _benchmark_form(request, CaseChoiceForm(request.GET), BenchmarkForm(), status=200)
    choice, form = CaseChoiceForm(request.POST), BenchmarkForm(request.POST)
    if choice.is_valid() and form.is_valid():
        try:
            benchmark, created = create_benchmark(
                owner=request.user,
                name=form.cleaned_data["name"],
                description=form.cleaned_data["description"],
                cases=list(choice.list_cases().only("pk", "content_hash")),
                protocol=form.protocol,
            )
        except BenchmarkRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            if not created:
                messages.info(request, "These cases under this protocol are a benchmark already. Here it is.")
            return redirect("benchmark_detail", benchmark.key)
    return _benchmark_form(request, choice, form, status=422)


@require_http_methods(["GET", "POST"])
@for_data("datasets.add_benchmarkrun")
def benchmark_run_new(request: HttpRequest, key: str) -> HttpResponse:
    benchmark: Benchmark = own_or_404(get_benchmark, key=key)
    if request.method == "GET":
        return _run_form(request, benchmark, BenchmarkRunForm(initial={"policy": "kg"}), status=200)
    form = BenchmarkRunForm(request.POST)
    if form.is_valid():
        try:
            run, created = start_benchmark_run(
                owner=request.user,
                benchmark=benchmark,
                contender=form.contender,
                settings=bench_settings(benchmark, form.values),
            )
        except RunRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            if not created:
                messages.info(request, "The same run was made before: same policy, settings and seed. Here it is.")
            return redirect("benchmark_run", run.pk)
    return _run_form(request, benchmark, form, status=422)


def _benchmark_form(request: HttpRequest, choice: CaseChoiceForm, form: BenchmarkForm, *, status: int) -> HttpResponse:
    context = {"choice": choice, "form": form, "matched": choice.list_cases().count()}
    return answer(request, "datasets/benchmark_new.html", "matched", context, tab=TAB, status=status)


def _run_form(request: HttpRequest, benchmark: Benchmark, form: BenchmarkRunForm, *, status: int) -> HttpResponse:
    context = {"benchmark": benchmark, "form": form}
    return answer(request, "datasets/benchmark_run_new.html", "form", context, tab=TAB, status=status)
