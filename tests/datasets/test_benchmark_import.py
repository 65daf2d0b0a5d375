"""A benchmark frozen on the command line, in the database."""

from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from datasets.models import Benchmark
from diagnosis.models import Case
from diagnosis.services import import_cases
from medaction.formats.frozen import CASES, freeze_cases
from medaction.formats.own_jsonl import write_own_jsonl
from medaction.formats.rows import CaseRow
from medaction.formats.teaching import load_teaching_cases

pytestmark = pytest.mark.django_db


@pytest.fixture
def frozen(tmp_path):
    cases = list(load_teaching_cases()[3:0:-1])
    freeze_cases(tmp_path, cases, [{"solved": 0} for _ in cases], {"what": "Hard for us."})
    return tmp_path


def take(folder):
    out = StringIO()
    call_command("import_benchmark", folder, stdout=out)
    return out.getvalue()


def test_its_cases_and_a_benchmark_of_them_once(frozen):
    assert "3 cases." in take(frozen)
    assert "there already" in take(frozen)
    benchmark = Benchmark.objects.get()
    assert benchmark.description.startswith("Hard for us. List ")
    listed = [case.id for case in load_teaching_cases()[3:0:-1]]
    assert [row.case.slug for row in benchmark.cases.select_related("case")] == listed
    assert Case.objects.count() == 3


def test_other_content_under_the_same_id_is_not_taken_over(frozen):
    other = replace(load_teaching_cases()[2], title="Another title")
    import_cases(rows=[CaseRow(1, other)])
    with pytest.raises(CommandError, match="1 of its cases are here with other content"):
        take(frozen)
    assert Case.objects.count() == 1
    assert not Benchmark.objects.exists()


def test_what_was_changed_after_freezing_is_refused(frozen):
    write_own_jsonl(load_teaching_cases()[:3], frozen / CASES)
    with pytest.raises(CommandError, match="not what was frozen"):
        take(frozen)
    assert not Case.objects.exists()
