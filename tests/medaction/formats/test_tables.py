"""Tables of cases: DiagnosisArena's columns and our own."""

import json

import pytest

from medaction.domain.case import Category
from medaction.formats.readers import read_cases

ARENA = "id,Case Information,Physical Examination,Diagnostic Tests,Final Diagnosis\n"


def read(tmp_path, text, name="cases.csv", kind="auto"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return list(read_cases(path, kind))


def errors(rows):
    return [(error.line, error.field, error.message) for row in rows for error in row.errors]


def test_arena_rows(tmp_path):
    text = (
        ARENA
        + '7,"A 40-year-old woman, tired.","BP 90/60","- CBC: Hb 7\n\n- ECG: normal",Anaemia\n8,A man,,CRP: 3,Flu\n'
    )
    first, second = read(tmp_path, text)
    assert (first.line, first.case.id, first.case.o1) == (4, "arena-7", "A 40-year-old woman, tired.")
    assert [(item.name, item.category) for item in first.case.menu] == [
        ("BP", Category.EXAM),
        ("CBC", Category.LAB),
        ("ECG", Category.PROCEDURE),
    ]
    assert first.case.demographics.age_years == 40
    assert [item.key for item in second.case.menu] == ["crp"]
    assert first.case.group_key != second.case.group_key


def test_arena_as_json_lines(tmp_path):
    record = {
        "Case Information": "Tired.",
        "Physical Examination": "Pale.",
        "Diagnostic Tests": ["CBC: Hb 7", "ECG: normal"],
        "Final Diagnosis": "Anaemia",
    }
    (row,) = read(tmp_path, json.dumps(record), "cases.jsonl")
    assert [(item.key, item.result) for item in row.case.menu] == [
        ("physical_examination", "Pale."),
        ("cbc", "Hb 7"),
        ("ecg", "normal"),
    ]


def test_own_columns(tmp_path):
    text = (
        "id;o1;diagnosis;aliases;age_years;sex;synthetic;menu;lab: Ferritin;imaging: CT head\n"
        "a;Tired.;Anaemia;Low iron|IDA;40,5;Female;yes;ECG: normal;4 µg/L;\n"
    )
    (row,) = read(tmp_path, text)
    case = row.case
    assert (case.demographics.age_years, case.demographics.sex, case.synthetic) == (40.5, "female", True)
    assert case.diagnosis.aliases == ("Low iron", "IDA")
    assert [(item.name, item.result, item.category) for item in case.menu] == [
        ("ECG", "normal", Category.PROCEDURE),
        ("ferritin", "4 µg/L", Category.LAB),
    ]


def test_a_tab_table_without_a_telling_name(tmp_path):
    (row,) = read(tmp_path, "o1\tdiagnosis\tlab: CRP\nHot.\tFlu\t9\n", "cases.txt")
    assert row.case.diagnosis.text == "Flu"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(1, "", "the file is empty")]),
        (
            "a,b\n1,2\n",
            [
                (
                    1,
                    "",
                    "the header names neither the columns o1 and diagnosis nor DiagnosisArena's",
                )
            ],
        ),
        ("o1,diagnosis,O1\n", [(1, "", "the header has the column 'o1' twice")]),
        ("o1,diagnosis,lab: CRP\nx,y\n", [(2, "", "has 2 cells where the header has 3")]),
        ("o1,diagnosis,lab: CRP\nx,,1\n", [(2, "diagnosis", "is blank")]),
        ("o1,diagnosis,colour\nx,y,red\n", [(2, "colour", "is not a known column")]),
        ("o1,diagnosis,age_years\nx,y,old\n", [(2, "demographics.age_years", "must be a number, not a string")]),
        ("o1,diagnosis,sex\nx,y,M\n", [(2, "demographics.sex", "must be one of female, male, other; it is 'm'")]),
        ("o1,diagnosis,synthetic\nx,y,maybe\n", [(2, "synthetic", "must be true or false, not a string")]),
        (ARENA + "1,x,,,y\n", [(2, "diagnostic tests", "is blank")]),
        (ARENA + '1,x,,CRP: 1,y\n2,"x,,CRP: 1,y', [(3, "", "is not a table row: unexpected end of data")]),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, expected):
    assert errors(read(tmp_path, text)) == expected


def test_a_bad_line_does_not_spoil_the_others(tmp_path):
    path = tmp_path / "cases.csv"
    path.write_bytes(b"o1,diagnosis,lab: CRP\nx,y,1\n\xff,y,1\n" + b"x,y," + b"9" * 3_000_000 + b"\nx,z,1\n")
    rows = list(read_cases(path))
    assert [row.case.diagnosis.text for row in rows if row.case] == ["y", "z"]
    assert [line for line, _, _ in errors(rows)] == [3, 4]


def test_a_quote_that_never_closes_takes_little_memory(tmp_path):
    rows = read(tmp_path, 'o1,diagnosis\n"x,y\n' + "a,b\n" * 100_000)
    assert errors(rows)
    assert all(row.case is None for row in rows[:1])
