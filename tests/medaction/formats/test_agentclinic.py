"""AgentClinic's cases come in whole: every word of every finding, under names that can be ordered."""

import json
from collections.abc import Iterator

import pytest

from medaction.domain.actions import TestOrder
from medaction.domain.case import Category
from medaction.domain.environment import Environment
from medaction.domain.observation import Outcome
from medaction.formats.agentclinic import ROOT
from medaction.formats.osce_menu import flatten
from medaction.formats.readers import read_cases
from tests.medaction.shared_data import shared_file

RECORD = {
    ROOT: {
        "Objective_for_Doctor": "Assess the patient.",
        "Patient_Actor": {
            "Demographics": "8-month-old boy",
            "History": "He cries a lot",
            "Symptoms": {"Primary_Symptom": "Crying", "Secondary_Symptoms": ["Vomiting", "Fever"]},
            "Social_History": {"Home": "Lives with his mother"},
            "Current_Medications": ["Paracetamol"],
        },
        "Physical_Examination_Findings": {
            "Vital_Signs": {"Temperature": "38 °C", "Within_Normal_Limits": False},
            "General_Appearance": "Pale",
        },
        "Test_Results": {
            "Blood_Tests": {"CBC": {"WBC": "15,000", "Hemoglobin": "9 g/dL"}, "ESR": "40 mm/h"},
            "Imaging": {"Chest_X-ray": {"Findings": "Clear"}},
            "Skin_Biopsy": {"Histopathology": {"Findings": "Spongiosis"}},
            "Empty": {"Findings": ""},
        },
        "Correct_Diagnosis": "Benign positional vertigo (BPV)",
    }
}


def leaves(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for child in node.values():
            yield from leaves(child)
    elif isinstance(node, list):
        for child in node:
            yield from leaves(child)
    elif isinstance(node, str) and node.strip():
        yield node.strip()


def read(tmp_path, *records):
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    return list(read_cases(path))


def test_a_record_becomes_a_case(tmp_path):
    (row,) = read(tmp_path, RECORD)
    case = row.case
    assert (case.id, case.title) == ("agentclinic-0001", "8-month-old boy: crying")
    assert (case.synthetic, case.licence, case.specialty) == (True, "MIT", "general")
    assert (case.demographics.sex, case.demographics.age_years) == ("male", 0.667)
    assert case.o1.splitlines() == [
        "8-month-old boy.",
        "He cries a lot.",
        "Primary symptom: Crying.",
        "Secondary symptoms: Vomiting; Fever.",
        "Social history: Home: Lives with his mother.",
        "Current medications: Paracetamol.",
    ]
    assert [(item.name, item.result) for item in case.menu] == [
        ("Vital Signs", "Temperature: 38 °C\nWithin Normal Limits: No"),
        ("General Appearance", "Pale"),
        ("CBC", "WBC: 15,000\nHemoglobin: 9 g/dL"),
        ("ESR", "40 mm/h"),
        ("Chest X-ray", "Clear"),
        ("Skin Biopsy", "Spongiosis"),
    ]
    assert case.diagnosis.aliases == ("Benign positional vertigo", "BPV")
    assert case.hidden_notes == "Assess the patient."


def test_the_group_follows_the_content_and_the_id_the_line(tmp_path):
    rows = read(tmp_path, RECORD, RECORD)
    assert [row.case.id for row in rows] == ["agentclinic-0001", "agentclinic-0002"]
    assert rows[0].case.group_key == rows[1].case.group_key


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"Correct_Diagnosis": None}, f"{ROOT}.Correct_Diagnosis"),
        ({"Correct_Diagnosis": ["x"]}, f"{ROOT}.Correct_Diagnosis"),
        ({"Patient_Actor": None}, f"{ROOT}.Patient_Actor"),
        ({"Patient_Actor": {"History": "x", "Symptoms": {}}}, f"{ROOT}.Patient_Actor.Demographics"),
        ({"Test_Results": "none"}, f"{ROOT}.Test_Results"),
        ({"Physical_Examination_Findings": None}, f"{ROOT}.Physical_Examination_Findings"),
        ({"Test_Results": {"ESR": "4\u00000"}}, "menu[2].result"),
    ],
)
def test_what_is_missing_is_named(tmp_path, change, field):
    (row,) = read(tmp_path, {ROOT: {**RECORD[ROOT], **change}})
    assert field in [error.field for error in row.errors]


def test_a_record_without_its_root_is_named(tmp_path):
    path = tmp_path / "cases.jsonl"
    path.write_text("{}")
    (row,) = read_cases(path, "agentclinic")
    assert row.errors[0].field == ROOT


def test_endless_nesting_is_told(tmp_path):
    deep = '{"a":' * 900 + "1" + "}" * 900
    path = tmp_path / "cases.jsonl"
    path.write_text(json.dumps({ROOT: {**RECORD[ROOT], "Test_Results": "DEEP"}}).replace('"DEEP"', deep))
    (row,) = read_cases(path)
    assert row.errors[0].message == "is nested more than 20 levels deep"


def test_names_that_occur_twice_get_keys_of_their_own():
    items = flatten({"Blood_Work": {"Hemoglobin": "9"}, "Lab_Work": {"Hemoglobin": "8"}}, exams=False)
    assert [(item.key, item.name) for item in items] == [("hemoglobin", "Hemoglobin"), ("hemoglobin_2", "Hemoglobin")]


def test_all_shared_cases_import_with_every_word():
    path = shared_file("agentclinic/cases.jsonl")
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows = list(read_cases(path))
    assert [row.errors for row in rows if row.errors] == []
    assert len(rows) == len(records) == 107
    for row, record in zip(rows, records, strict=True):
        exam = record[ROOT]
        results = [item.result for item in row.case.menu]
        for text in (*leaves(exam["Test_Results"]), *leaves(exam["Physical_Examination_Findings"])):
            assert any(text in result for result in results), (row.line, text)
        for text in leaves(exam["Patient_Actor"]):
            assert text in row.case.o1, (row.line, text)


def test_shared_cases_answer_orders_in_other_words():
    cases = [row.case for row in read_cases(shared_file("agentclinic/cases.jsonl"))]
    myasthenia = Environment(cases[0])
    results = myasthenia.step(TestOrder(("AChR antibodies", "EMG", "CT thorax"))).observation.results
    assert [result.outcome for result in results] == [Outcome.RESULT] * 3
    assert results[0].text == "Present (elevated)"
    for case in cases:
        env = Environment(case)
        for item in case.menu:
            (result, *_) = env.step(TestOrder((item.name,))).observation.results
            assert result.outcome in (Outcome.RESULT, Outcome.DUPLICATE)
            env.reset()
        assert all(item.category is not Category.HISTORY for item in case.menu)
