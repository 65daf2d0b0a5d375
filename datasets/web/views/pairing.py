"""Handing ways through cases to people, two at a time."""

from collections.abc import Callable
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from datasets.models import Benchmark, BenchmarkRun, RunCase
from datasets.selectors.benchmarks import get_benchmark
from datasets.selectors.comparing import list_chosen
from datasets.selectors.runs import get_run, get_selection
from datasets.services.pairing import pair_runs, pair_siblings, pair_trees
from datasets.web.access import for_data
from datasets.web.forms import EntrantsPairForm, PairForm, RunPairForm
from diagnosis.web.answers import own_or_404
from review.services import ItemRefused
from review.services.pair_adding import Added

PAIR = "review.add_pair"
NOT_TWO = "Pairs are made of two runs of this benchmark; people's walkthroughs are not among them."


@require_POST
@for_data(PAIR)
def tree_pairs(request: HttpRequest, trajectory_id: UUID) -> HttpResponse:
    """The turn in ``node`` with its siblings."""
    row = own_or_404(RunCase.objects.select_related("trajectory").get, trajectory=trajectory_id)
    node = request.POST.get("node", "")
    seq = int(node) if node.isascii() and node.isdigit() and len(node) < 7 else 0
    back = f"{reverse('tree_detail', args=[trajectory_id])}?node={seq}#card"
    form = PairForm(request.POST)
    return _add(
        request, form, back, lambda: pair_siblings(tree=row.trajectory, seq=seq, by=request.user, **form.values)
    )


@require_POST
@for_data(PAIR)
def run_pairs(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = own_or_404(get_run, run_id=run_id)
    form = RunPairForm(request.POST)

    def add() -> Added:
        chosen = {name: form.cleaned_data[name] for name in ("most", "differing")}
        return pair_trees(run=run, selection=get_selection(run), by=request.user, **chosen, **form.values)

    return _add(request, form, reverse("run_detail", args=[run_id]), add)


@require_POST
@for_data(PAIR)
def benchmark_pairs(request: HttpRequest, key: str) -> HttpResponse:
    """What two runs made of the same cases."""
    benchmark: Benchmark = own_or_404(get_benchmark, key=key)
    form = EntrantsPairForm(request.POST)
    chosen = urlencode({"run": request.POST.getlist("run")}, doseq=True)

    def add() -> Added:
        runs = [each for each in list_chosen(benchmark, form.cleaned_data["run"]) if isinstance(each, BenchmarkRun)]
        if len(runs) != 2:
            raise ItemRefused(NOT_TWO)
        most = form.cleaned_data["most"]
        return pair_runs(first=runs[0], second=runs[1], most=most, by=request.user, **form.values)

    return _add(request, form, f"{reverse('benchmark_compare', args=[key])}?{chosen}", add)


def tell_added(done: Added) -> str:
    told = f"{done.added} pair{'s' * (done.added != 1)} added."
    if done.there:
        told += f" {done.there} {'was' if done.there == 1 else 'were'} there before."
    if done.full:
        told += " There may be more: add again to add the next of them."
    return f"{told} {done.refused} cannot be compared: {done.problem}" if done.refused else told


def _add(request: HttpRequest, form: PairForm, back: str, add: Callable[[], Added]) -> HttpResponse:
    if not form.is_valid():
        messages.error(request, form.problem)
        return redirect(back)
    try:
        done = add()
    except ItemRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.add_message(request, messages.SUCCESS if done.added else messages.INFO, tell_added(done))
    return redirect(back)
