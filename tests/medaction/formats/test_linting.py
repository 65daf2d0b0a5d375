"""The linter's rules on a miniature graph (malaria, cholera), then on the cases that come with the package."""

import pytest

from medaction.domain.case import Case
from medaction.formats.linting import BADGES, Code, Severity, is_sound, lint_case
from medaction.formats.readers import read_cases
from medaction.formats.teaching import load_teaching_cases
from tests.medaction.shared_data import shared_file


def case(**changes) -> Case:
    return Case.from_dict(
        {
            "id": "a",
            "o1": "A traveller with shaking and sweats.",
            "menu": [
                {"key": "vital_signs", "name": "Vital signs", "category": "exam", "result": "39.5 °C."},
                {"key": "sodium", "name": "Sodium", "category": "lab", "result": "128 mmol/L."},
            ],
            "diagnosis": {"text": "Falciparum malaria"},
            **changes,
        }
    )


def result(text: str, *, name: str = "Chest X-ray", category: str = "imaging") -> list[dict]:
    return [
        {"key": "vital_signs", "name": "Vital signs", "category": "exam", "result": "39.5 °C."},
        {"key": "x", "name": name, "category": category, "result": text},
    ]


def codes(found) -> list[tuple[Code, Severity, str]]:
    return [(issue.code, issue.severity, issue.where) for issue in found]


def test_a_sound_case_has_no_issue(small_graph):
    assert lint_case(case(), small_graph) == ()


@pytest.mark.parametrize(
    ("o1", "severity"),
    [
        ("He has malaria.", Severity.ERROR),
        ("He has had jungle   FEVER before.", Severity.ERROR),
        ("Known case of Malarias.", Severity.ERROR),
        ("A smear for MAL was sent.", Severity.ERROR),
        ("His sister had malaria last year.", Severity.WARNING),
        ("He took no pills and there is no history of malaria.", None),
        ("Grand mal fits.", None),
        ("Fever with shaking chills.", None),
    ],
)
def test_the_diagnosis_in_the_opening_text_under_any_name(small_graph, o1, severity):
    found = lint_case(case(o1=o1), small_graph)
    assert codes(found) == ([(Code.DIAGNOSIS_IN_O1, severity, "o1")] if severity else [])


def test_a_name_that_only_the_case_knows(small_graph):
    found = lint_case(case(diagnosis={"text": "Malaria", "aliases": ["Roman fever"]}, o1="Roman fever."), small_graph)
    assert codes(found) == [(Code.DIAGNOSIS_IN_O1, Severity.ERROR, "o1")]


def test_a_result_may_name_it_only_where_it_settles_it(small_graph):
    leak = [(Code.DIAGNOSIS_IN_RESULT, Severity.ERROR, "menu[1].result")]
    assert codes(lint_case(case(menu=result("Lungs of malaria.")), small_graph)) == leak
    assert codes(lint_case(case(menu=result("Malaria.", category="pathology")), small_graph)) == []
    telling = result("Malaria parasites.", name="Peripheral blood smear", category="lab")
    telling[1]["key"] = "blood_smear"
    assert codes(lint_case(case(menu=telling), small_graph)) == []


def test_too_little_to_find_out(small_graph):
    assert codes(lint_case(case(menu=[]), small_graph)) == [(Code.FEW_ITEMS, Severity.ERROR, "menu")]
    assert codes(lint_case(case(menu=result("x")[:1]), small_graph)) == [(Code.FEW_ITEMS, Severity.ERROR, "menu")]


def test_a_diagnosis_that_the_graph_lacks(small_graph):
    unresolved = [(Code.UNRESOLVED_DIAGNOSIS, Severity.ERROR, "diagnosis.text")]
    assert codes(lint_case(case(diagnosis={"text": "Zorbital fever"}), small_graph)) == unresolved
    by_id = {"text": "Zorbital fever", "concept_ids": ["NONE:1", "MA:malaria"]}
    assert codes(lint_case(case(diagnosis=by_id), small_graph)) == []


def test_nothing_that_the_graph_can_judge(small_graph):
    menu = [{"key": str(n), "name": f"Zorbital index {n}", "result": "x"} for n in range(2)]
    unreachable = [(Code.NO_REACHABLE_FINDING, Severity.ERROR, "menu")]
    assert codes(lint_case(case(menu=menu), small_graph)) == unreachable
    menu[0]["findings"] = [{"concept": "MF:fever", "polarity": "present"}]
    assert codes(lint_case(case(menu=menu), small_graph)) == []


def test_the_group_of_a_benchmark(small_graph):
    found = lint_case(case(group_key="PMID:1"), small_graph, benchmarks={"PMID:1"})
    assert codes(found) == [(Code.BENCHMARK_GROUP, Severity.ERROR, "group_key")]
    assert not is_sound(found)


def test_every_code_has_a_badge_and_a_sentence(small_graph):
    assert set(BADGES) == set(Code)
    (issue,) = lint_case(case(group_key="g"), small_graph, benchmarks=["g"])
    assert issue.to_dict() == {
        "code": "BENCHMARK_GROUP",
        "severity": "error",
        "badge": "Also in a benchmark",
        "message": "A benchmark holds a case of the same article or patient (g): never train on this one.",
        "where": "group_key",
    }


def test_the_teaching_cases_are_sound(real_graph):
    found = {case.id: lint_case(case, real_graph) for case in load_teaching_cases()}
    assert {name: codes(issues) for name, issues in found.items() if issues} == {}
    assert len(found) >= 60


def test_the_shared_vignettes(real_graph):
    rows = list(read_cases(shared_file("agentclinic/cases.jsonl")))
    found = [issue.code for row in rows for issue in lint_case(row.case, real_graph)]
    assert Code.DIAGNOSIS_IN_O1 not in found
    assert Code.NO_REACHABLE_FINDING not in found
