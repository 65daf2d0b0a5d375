"""Cases keep what they are given, and say field by field what is wrong."""

import pytest
from hypothesis import given

from medaction.domain.case import Case, CaseError
from medaction.domain.lifecycle import TERMINAL, TRANSITIONS, JobState, may_move
from tests.medaction.domain.strategies import cases

ITEM = {"key": "cbc", "name": "CBC", "result": "Hb 9"}
MINIMAL = {
    "id": "a",
    "o1": "Text.",
    "menu": [ITEM],
    "diagnosis": "Anaemia",
}


@given(cases())
def test_a_case_survives_storage(case):
    stored = Case.from_dict(case.to_dict())
    assert stored == case
    assert stored.content_hash == case.content_hash


def test_the_least_that_makes_a_case():
    case = Case.from_dict(MINIMAL)
    assert (case.title, case.group_key, case.diagnosis.text, case.menu[0].cost) == ("Case a", "a", "Anaemia", None)


def test_the_hash_follows_the_content():
    assert Case.from_dict(MINIMAL).content_hash != Case.from_dict({**MINIMAL, "o1": "Other."}).content_hash


def test_a_figure_without_a_source_is_an_estimate():
    item = {**ITEM, "cost": 5, "risk": "low", "risk_source": "guideline"}
    (read,) = Case.from_dict({**MINIMAL, "menu": [item]}).menu
    assert (read.cost_source, read.risk_source, read.turnaround_source) == ("estimate", "guideline", None)


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"id": None}, "id", "is missing"),
        ({"id": " "}, "id", "is blank"),
        ({"id": 7}, "id", "must be a string, not a number"),
        ({"o1": "a\x00b"}, "o1", "contains a NUL character"),
        ({"o1": "a\ud800b"}, "o1", "contains half a surrogate pair"),
        ({"menu": None}, "menu", "is missing"),
        ({"menu": {}}, "menu", "must be a list, not an object"),
        ({"menu": ["CBC"]}, "menu[0]", "must be an object, not a string"),
        ({"menu": [ITEM] * 2}, "menu[1].key", "repeats the key of menu[0]"),
        ({"menu": [{**ITEM, "cost": "5"}]}, "menu[0].cost", "must be a number, not a string"),
        ({"menu": [{**ITEM, "cost": -5}]}, "menu[0].cost", "must be at least 0"),
        ({"menu": [{**ITEM, "cost": float("nan")}]}, "menu[0].cost", "must be a finite number"),
        ({"menu": [{**ITEM, "cost": True}]}, "menu[0].cost", "must be a number, not a boolean"),
        (
            {"menu": [{**ITEM, "turnaround_minutes": 1.5}]},
            "menu[0].turnaround_minutes",
            "must be a whole number",
        ),
        ({"menu": [{**ITEM, "category": "labs"}]}, "menu[0].category", "must be one of"),
        ({"menu": [{**ITEM, "aliases": "x"}]}, "menu[0].aliases", "must be a list"),
        ({"menu": [{**ITEM, "aliases": [1]}]}, "menu[0].aliases[0]", "must be a string"),
        ({"menu": [{**ITEM, "alises": []}]}, "menu[0].alises", "is not a known field"),
        (
            {"menu": [{**ITEM, "findings": [{"polarity": "high"}]}]},
            "menu[0].findings[0].concept",
            "is missing",
        ),
        ({"diagnosis": None}, "diagnosis", "is missing"),
        ({"diagnosis": {"name": "x"}}, "diagnosis.text", "is missing"),
        ({"demographics": {"age_years": 400}}, "demographics.age_years", "must be between 0 and 130"),
        ({"demographics": {"sex": "F"}}, "demographics.sex", "must be one of female, male, other; it is 'F'"),
        ({"demographics": 5}, "demographics", "must be an object, not a number"),
        ({"synthetic": "yes"}, "synthetic", "must be true or false, not a string"),
        ({"format": "medaction.case/2"}, "format", "must be one of medaction.case/1"),
        ({"extra": 1}, "extra", "is not a known field"),
    ],
)
def test_wrong_fields_are_named(change, field, message):
    with pytest.raises(CaseError) as error:
        Case.from_dict({**MINIMAL, **change})
    assert error.value.field == field
    assert error.value.message.startswith(message)


def test_all_wrong_fields_are_named_at_once():
    with pytest.raises(CaseError) as error:
        Case.from_dict({"id": 1, "menu": [{}], "diagnosis": []})
    assert [fault.field for fault in error.value.errors] == [
        "id", "o1", "menu[0].key", "menu[0].name", "menu[0].result", "diagnosis",
    ]  # fmt: skip


@pytest.mark.parametrize("data", [None, [], "x", 5])
def test_what_is_not_an_object_is_no_case(data):
    with pytest.raises(CaseError, match="must be an object"):
        Case.from_dict(data)


def test_jobs_leave_a_final_state_never():
    assert all(not TRANSITIONS[state] for state in TERMINAL)
    assert may_move("QUEUED", "RUNNING")
    assert may_move(JobState.RUNNING, JobState.QUEUED)
    assert not may_move("SUCCEEDED", "RUNNING")
    with pytest.raises(ValueError):
        may_move("DONE", "RUNNING")


def test_a_case_without_references_is_hashed_as_before():
    data = {"id": "x", "o1": "A.", "menu": [], "diagnosis": "Gout"}
    plain, cited = Case.from_dict(data), Case.from_dict({**data, "references": ["PMID:1"]})
    assert "references" not in plain.to_dict()
    assert cited.to_dict()["references"] == ["PMID:1"]
    assert plain.content_hash != cited.content_hash
    assert Case.from_dict(cited.to_dict()) == cited
