"""Phenopackets: terms to tests, real negatives, and nothing that gives the disease away."""

import json

import pytest

from medaction.domain.case import Category, Finding, Polarity
from medaction.domain.catalogue import load_catalogue
from medaction.formats.durations import read_years, say_duration
from medaction.formats.loinc2hpo import LabTerms, Outcome
from medaction.formats.people import describe_person
from medaction.formats.phenopackets import read_record
from medaction.formats.readers import read_cases
from medaction.knowledge.hpo_tests import load_terms
from medaction.knowledge.sources.obo import read_obo
from medaction.knowledge.sources.places import find_places
from tests.medaction.shared_data import shared_file


def term(term_id: str, label: str, **more) -> dict:
    return {"type": {"id": term_id, "label": label}, **more}


PACKET = {
    "id": "PMID_1_A",
    "subject": {"id": "A", "sex": "FEMALE", "timeAtLastEncounter": {"age": {"iso8601duration": "P34Y6M"}}},
    "phenotypicFeatures": [
        term("HP:0000662", "Nyctalopia"),
        term("HP:0000550", "Undetectable electroretinogram", onset={"age": {"iso8601duration": "P2Y"}}),
        term("HP:0002315", "Headache", severity={"id": "HP:0012828", "label": "Severe"}),
        term("HP:0001250", "Seizure", excluded=True),
        term("HP:0001250", "Seizure", excluded=True),
        term("HP:0002353", "EEG abnormality", excluded=True),
        term("HP:9999999", "Hypsarrhythmia of a new kind on EEG"),
    ],
    "interpretations": [
        {
            "diagnosis": {
                "disease": {"id": "OMIM:601718", "label": "Retinitis pigmentosa 19"},
                "genomicInterpretations": [
                    {
                        "variantInterpretation": {
                            "variationDescriptor": {
                                "geneContext": {"symbol": "ABCA4"},
                                "expressions": [{"syntax": "hgvs.c", "value": "c.1938-1G>A"}],
                            }
                        }
                    }
                ],
            }
        }
    ],
    "diseases": [
        {
            "term": {"id": "OMIM:601718", "label": "Retinitis pigmentosa 19"},
            "onset": {"ontologyClass": {"id": "HP:0003621", "label": "Juvenile onset"}},
        }
    ],
    "measurements": [
        {
            "assay": {"id": "LOINC:2276-4", "label": "Ferritin"},
            "value": {"quantity": {"unit": {"id": "ug/L", "label": "ug/L"}, "value": 812}},
        }
    ],
    "metaData": {"externalReferences": [{"id": "DOI:1"}, {"id": "PMID:10874631"}]},
}


def changed(**changes) -> dict:
    return {**PACKET, **changes}


def test_a_packet_becomes_a_case():
    case = read_record(PACKET, 1).case
    assert (case.id, case.group_key, case.licence, case.synthetic) == (
        "PMID_1_A",
        "PMID:10874631",
        "BSD-3-Clause",
        False,
    )
    assert (case.demographics.age_years, case.demographics.sex) == (34.5, "female")
    assert case.diagnosis.text == "Retinitis pigmentosa 19"
    assert case.diagnosis.concept_ids == ("OMIM:601718",)
    assert case.o1 == (
        "A 34-year-old woman is referred for assessment. Reported: night blindness; headache. "
        "First noticed: juvenile onset."
    )
    assert case.hidden_notes == "Causal variant: ABCA4 c.1938-1G>A."


def test_each_term_stands_under_its_test_word_for_word():
    items = {item.key: item for item in read_record(PACKET, 1).case.menu}
    assert items["hpi"].result == "Present: Nyctalopia; Headache (Severe)."
    assert items["electroretinogram"].result == "Present: Undetectable electroretinogram (onset: 2 years)."
    assert items["seizure_history"].result == "Excluded: Seizure."
    assert items["eeg"].result == "Present: Hypsarrhythmia of a new kind on EEG.\nExcluded: EEG abnormality."
    assert items["measured_ferritin"].result == "812 ug/L"
    (seizure,) = items["seizure_history"].findings
    assert (seizure.concept, seizure.polarity) == ("HP:0001250", Polarity.ABSENT)


@pytest.mark.parametrize(
    ("term_id", "key"),
    [
        ("HP:0033725", "mri_brain"),
        ("HP:0001629", "echo_tte"),
        ("HP:0000316", "head_face_exam"),
        ("HP:0004322", "growth_parameters"),
        ("HP:0000365", "audiometry"),
        ("HP:0002151", "blood_chemistry"),
        ("HP:0001901", "cbc"),
        ("HP:0003493", "immunology"),
        ("HP:0000093", "urinalysis"),
        ("HP:0001657", "ecg"),
        ("HP:0003458", "emg_ncs"),
        ("HP:0001324", "neurological_exam"),
        ("HP:0003200", "muscle_biopsy"),
        ("HP:0003002", "histology"),
        ("HP:0002750", "bone_age"),
        ("HP:0000107", "ultrasound_renal"),
        ("HP:0001263", "developmental_history"),
        ("HP:0002027", "hpi"),
    ],
)
def test_a_term_goes_to_the_test_of_its_nearest_branch(term_id, key):
    assert load_terms().term(term_id, "").test.key == key


def test_the_rows_of_tests_say_what_hpo_says():
    terms, catalogue = read_obo(find_places().obo).terms, load_catalogue()
    table = load_terms()
    assert len({test.key for test in table.tests}) == len(table.tests)
    for test in table.tests:
        assert {root: terms[root].name for root in test.roots} == dict(test.roots)
        assert not any(terms[root].obsolete for root in test.roots)
        assert test.key in catalogue or test.aliases
    assert {test.category for test in table.tests} >= {
        Category.IMAGING,
        Category.LAB,
        Category.PATHOLOGY,
        Category.PROCEDURE,
        Category.EXAM,
        Category.HISTORY,
    }


def test_what_names_the_disease_is_not_told_at_first():
    packet = changed(
        phenotypicFeatures=[term("HP:0001250", "Seizure"), term("HP:0002315", "Headache")],
        interpretations=[],
        diseases=[{"term": {"id": "OMIM:1", "label": "Familial seizures 3"}}],
    )
    assert "seiz" not in read_record(packet, 1).case.o1.lower()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": None}, "id"),
        ({"subject": "x"}, "subject"),
        ({"phenotypicFeatures": [], "measurements": []}, "phenotypicFeatures"),
        ({"phenotypicFeatures": "x"}, "phenotypicFeatures"),
        ({"phenotypicFeatures": [{"type": {"label": "x"}}]}, "phenotypicFeatures[0].type.id"),
        ({"phenotypicFeatures": [term("HP:1", "x", excluded="no")]}, "phenotypicFeatures[0].excluded"),
        ({"interpretations": [], "diseases": []}, "interpretations"),
        ({"diseases": [{"term": {"id": "OMIM:1"}, "excluded": True}], "interpretations": []}, "interpretations"),
        (
            {"subject": {"timeAtLastEncounter": {"age": {"iso8601duration": "34"}}}},
            "subject.timeAtLastEncounter.age.iso8601duration",
        ),
    ],
)
def test_a_wrong_field_is_named(changes, field):
    row = read_record(changed(**changes), 7)
    assert row.case is None
    assert (row.errors[0].line, row.errors[0].field) == (7, field)


def test_a_packet_over_many_lines_is_read(tmp_path):
    path = tmp_path / "packet.json"
    path.write_text(json.dumps(PACKET, indent=2))
    assert [row.case.id for row in read_cases(path)] == ["PMID_1_A"]


@pytest.mark.parametrize(
    ("written", "years", "words"),
    [
        ("P34Y6M", 34.5, "34 years 6 months"),
        ("P1M9D", 0.108, "1 month 9 days"),
        ("P0D", 0, "birth"),
        ("P2W", 0.038, "2 weeks"),
        ("P400Y", None, "400 years"),
        ("34", None, ""),
        ("P", None, ""),
    ],
)
def test_durations(written, years, words):
    assert (read_years(written), say_duration(written)) == (years, words)


@pytest.mark.parametrize(
    ("years", "sex", "words"),
    [
        (34.5, "female", "a 34-year-old woman"),
        (8, "male", "an 8-year-old boy"),
        (0.6, None, "a 7-month-old child"),
        (0, "male", "a newborn boy"),
        (18, "other", "an 18-year-old adult"),
        (None, "female", "a female patient"),
        (None, None, "a patient"),
    ],
)
def test_people(years, sex, words):
    assert describe_person(years, sex) == words


def test_all_shared_packets_become_cases():
    rows = list(read_cases(shared_file("phenopackets/cases.jsonl.gz")))
    assert [row.errors for row in rows if row.case is None] == []
    assert len(rows) == 4869
    with_few_items = [row for row in rows if len(row.case.menu) < 2]
    assert len(with_few_items) <= 110
    assert all(row.case.group_key.startswith("PMID:") for row in rows)
    for row in rows:
        assert row.case.diagnosis.text.lower() not in row.case.o1.lower()


def test_references_are_kept():
    case = read_record(PACKET, 1).case
    assert case.references == ("DOI:1", "PMID:10874631")
    assert type(case).from_dict(case.to_dict()) == case


def test_laboratory_results_have_a_meaning_with_a_table():
    limits = {"low": 10, "high": 300}
    quantity = {"quantity": {"unit": {"label": "ug/L"}, "value": 812, "referenceRange": limits}}
    words = {"ontologyClass": {"id": "X:1", "label": "Negative"}}
    packet = changed(
        measurements=[
            {"assay": {"id": "LOINC:2276-4", "label": "Ferritin"}, "value": quantity},
            {"assay": {"id": "LOINC:5-5", "label": "Antibodies"}, "value": words},
            {"assay": {"id": "LOINC:6-6", "label": "No range"}, "value": {"quantity": {"value": 3}}},
        ]
    )
    labs = LabTerms({("2276-4", Outcome.HIGH): "HP:0003281", ("5-5", Outcome.NEGATIVE): "HP:0030057"})
    items = {item.name: item for item in read_record(packet, 1, labs).case.menu}
    assert items["Ferritin"].result == "812 ug/L"
    assert items["Ferritin"].findings == (Finding("HP:0003281", Polarity.PRESENT),)
    assert items["Antibodies"].findings == (Finding("HP:0030057", Polarity.ABSENT),)
    assert items["No range"].findings == ()
    assert all(not item.findings for item in read_record(packet, 1).case.menu if item.key.startswith("measured"))
