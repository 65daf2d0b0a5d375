"""Benchmarks: cases as the revisions they were, the same asked for twice, and what PostgreSQL refuses afterwards."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from datasets.models import Benchmark, BenchmarkCase, BenchmarkResult, BenchmarkRun
from datasets.services.benchmarks import create_benchmark, ensure_teaching_benchmark
from datasets.services.errors import BenchmarkRefused
from diagnosis.models import Case, Trajectory
from diagnosis.services import import_cases
from medaction.domain.environment import EnvironmentSettings
from medaction.formats.rows import CaseRow
from medaction.formats.teaching import load_teaching_cases
from tests.datasets import factories

pytestmark = pytest.mark.django_db


def create(cases, name="Some cases", **protocol):
    rules = EnvironmentSettings(**protocol)
    return create_benchmark(owner=None, name=name, description="", cases=cases, protocol=rules)


def test_the_same_cases_under_the_same_protocol_are_one_benchmark(cases):
    benchmark, created = create(cases)
    assert (created, benchmark.case_count, benchmark.key) == (True, 3, "some-cases")
    assert benchmark.protocol == {"horizon": 5, "menu_visible": False}
    assert create(cases, name="Another name") == (benchmark, False)
    longer, created = create(cases, name="Longer", horizon=8)
    assert created
    assert longer.content_hash != benchmark.content_hash
    assert create(cases[::-1], name="Reversed")[1]


def test_what_cannot_be_a_benchmark_is_refused(cases):
    create(cases)
    for wanted, name, told in [
        ([], "None", "No case"),
        (cases[:1], "…", "letter"),
        (cases[:1], "New", "not just"),
        (cases[:1], "Some Cases", "already"),
    ]:
        with pytest.raises(BenchmarkRefused, match=told):
            create(wanted, name=name)
    assert Benchmark.objects.count() == 1


def test_a_new_revision_of_a_case_does_not_change_the_benchmark(cases):
    benchmark, _ = create(cases)
    Case.objects.filter(pk=cases[0].pk).update(is_current=False)
    asked = list(benchmark.cases.order_by("position").values_list("case", flat=True))
    assert asked == [case.pk for case in cases]


def test_the_packaged_cases_are_the_first_benchmark():
    with pytest.raises(CommandError, match="demo_data"):
        call_command("teaching_benchmark")
    import_cases(rows=[CaseRow(line, case) for line, case in enumerate(load_teaching_cases(), start=1)])
    call_command("teaching_benchmark")
    benchmark = Benchmark.objects.get()
    assert (benchmark.key, benchmark.case_count) == ("teaching-cases", len(load_teaching_cases()))
    Case.objects.filter(benchmark_cases__position=0).update(is_current=False)
    assert ensure_teaching_benchmark() == benchmark


def refused(action, told: str) -> None:
    def act():
        action()
        # What is checked at the end of a transaction is checked here.
        transaction.get_connection().check_constraints()

    with pytest.raises(IntegrityError, match=told), transaction.atomic():
        act()


@pytest.fixture
def used(cases):
    """A run of a benchmark of two of the three cases."""
    return factories.make_bench_run(factories.make_benchmark(cases[:2]))


@pytest.mark.parametrize(
    "change",
    [
        lambda benchmark, spare: Benchmark.objects.filter(pk=benchmark.pk).update(protocol={"horizon": 9}),
        lambda benchmark, spare: Benchmark.objects.filter(pk=benchmark.pk).update(content_hash="0" * 64),
        lambda benchmark, spare: Benchmark.objects.filter(pk=benchmark.pk).update(case_count=1),
        lambda benchmark, spare: BenchmarkCase.objects.create(benchmark=benchmark, case=spare, position=9),
        lambda benchmark, spare: BenchmarkCase.objects.filter(benchmark=benchmark, position=0).update(case=spare),
        lambda benchmark, spare: BenchmarkCase.objects.filter(benchmark=benchmark, position=0).delete(),
    ],
)
def test_a_benchmark_is_frozen_once_it_was_used(used, cases, change):
    refused(lambda: change(used.benchmark, cases[2]), "used")


def test_an_unused_one_may_be_changed_and_deleted(cases):
    benchmark, _ = create(cases)
    benchmark.protocol = {"horizon": 6, "menu_visible": True}
    benchmark.save()
    benchmark.cases.filter(position=2).delete()
    benchmark.delete()
    assert not BenchmarkCase.objects.exists()


def test_words_of_a_used_one_may_be_corrected(used):
    Benchmark.objects.update(name="Better", description="Said better.")


@pytest.mark.parametrize(
    "values",
    [
        {"seed": 9},
        {"settings": {}},
        {"policy": "other"},
        {"graph_hash": "0" * 64},
        {"fingerprint": "0" * 64},
        {"result_count": 99},
        {"manifest": {}},
    ],
)
def test_what_decides_a_run_never_changes(used, values):
    refused(lambda: BenchmarkRun.objects.filter(pk=used.pk).update(**values), "never changes")


def test_a_result_is_whole_or_not_there(used):
    row = used.results.order_by("position")[0]
    trajectory = Trajectory.objects.create(case=row.case, origin="BENCHMARK", settings={})
    rows = BenchmarkResult.objects.filter(pk=row.pk)
    refused(lambda: rows.update(record={"id": "x"}), "whole_or_none")
    refused(lambda: rows.update(outcome="RIGHT"), "whole_or_none")
    whole = {"record": {"id": "x"}, "trajectory": trajectory, "leaf_seq": 0, "outcome": "RIGHT"}
    refused(lambda: rows.update(**whole), "leaf_exists")
    refused(lambda: rows.update(**whole, error_message="no"), "whole_or_none")
    trajectory.nodes.create(seq=0, kind="OBSERVATION", content={}, sampled=False, content_hash="0" * 64)
    rows.update(**whole)
    for change in ({"record": {"id": "y"}}, {"outcome": "WRONG"}, {"format_failures": 3}, {"leaf_seq": None}):
        refused(lambda change=change: rows.update(**change), "kept as it came")
    refused(lambda: rows.update(sample=4), "what was asked")


def test_a_case_and_sample_is_there_once(used):
    row = used.results.order_by("position")[0]
    again = BenchmarkResult(run=used, case=row.case, sample=0, position=9)
    refused(again.save, "benchmarkresult_once")


def test_the_counts_of_a_run_are_of_its_results(used):
    refused(lambda: BenchmarkRun.objects.filter(pk=used.pk).update(done_count=3), "counts_its_results")
    refused(lambda: BenchmarkRun.objects.filter(pk=used.pk).update(state="SUCCEEDED"), "finished_iff_ended")
