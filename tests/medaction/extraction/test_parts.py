"""Patients, ranges, spans, and that any text is survived."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medaction.domain.case import Polarity
from medaction.knowledge import Kind, KnowledgeGraph
from medaction.knowledge.extraction import Extraction, Extractor, Method, Patient, read_patient, validate_findings
from medaction.knowledge.extraction.ranges import printed_range

# Anything at all, and runs of the words that the rules are about.
WORDS = [
    "no",
    "denies",
    "fever",
    "WBC",
    "urine",
    "protein",
    "12,000",
    "/mm3",
    "high",
    "(",
    "4-11)",
    ":",
    ",",
    "\n",
    ".",
]
TEXTS = st.text(max_size=200) | st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join)


@pytest.mark.parametrize(
    ("text", "patient"),
    [
        ("35-year-old female.", Patient(35.0, "female")),
        ("A woman of 24 has had burning.", Patient(24.0, "female")),
        ("8-month-old boy.", Patient(0.6667, "male")),
        ("Newborn, born at 33 weeks of gestation.", Patient(0.0, None)),
        ("The patient has pain.", Patient(None, None)),
    ],
)
def test_patient(text: str, patient: Patient) -> None:
    assert read_patient(text) == patient


def test_printed_range_goes_first() -> None:
    found = printed_range(" g/dL (13.5–17.5)")
    assert found is not None
    assert [found.level(value) for value in (12.4, 15.0, 18.0)] == ["low", "normal", "high"]


def test_sex_and_age_choose_the_range(extractor: Extractor) -> None:
    text = "Hemoglobin: 12.5 g/dL"
    low = [e for e in extractor.extract(text, patient=Patient(40.0, "male")) if e.polarity is Polarity.LOW]
    fine = [e for e in extractor.extract(text, patient=Patient(40.0, "female")) if e.polarity is Polarity.LOW]
    assert (len(low), len(fine)) == (1, 0)


def test_span_and_name_of_the_test(extractor: Extractor) -> None:
    text = "Present (elevated)"
    found = extractor.extract(text, name="Acetylcholine Receptor Antibodies")
    assert [(text[e.start : e.end], e.polarity) for e in found] == [("Present", Polarity.PRESENT)]


def test_a_specimen_at_the_end_of_a_line(extractor: Extractor) -> None:
    assert extractor.extract("Protein", name="Urinalysis") == ()


@settings(max_examples=150, deadline=None)
@given(text=TEXTS, name=st.text(max_size=20) | st.sampled_from(["Urinalysis", "CSF", "Blood"]))
def test_any_text_is_survived(extractor: Extractor, text: str, name: str) -> None:
    found = extractor.extract(text, name=name)
    assert all(0 <= e.start < e.end <= len(text) for e in found)
    assert found == extractor.extract(text, name=name)


def test_what_comes_through_the_port_is_held_to_graph_and_text(graph: KnowledgeGraph) -> None:
    good = Extraction(0, 5, "HP:0001945", Polarity.PRESENT, Method.PHRASE)
    unknown = Extraction(0, 5, "HP:9999999", Polarity.PRESENT, Method.PHRASE)
    outside = Extraction(3, 50, "HP:0001945", Polarity.PRESENT, Method.PHRASE)
    assert validate_findings(graph, "Fever.", [good, unknown, outside]) == (good,)


@pytest.mark.parametrize(
    ("text", "name", "finding", "polarity"),
    [
        ("Temperature: 101.3", "Vital signs", "Fever", Polarity.HIGH),
        ("Temp 36.9", "Vital signs", "Fever", Polarity.ABSENT),
        ("Fever: 40 °C", "", "Fever", Polarity.PRESENT),
        ("AST/ALT: 1200/1400 U/L", "", "Elevated transaminases", Polarity.HIGH),
        ("Blood: 2+", "Urinalysis", "Microscopic hematuria", Polarity.HIGH),
        ("Supine: 130/80 mmHg\nStanding: 100/70 mmHg", "Blood pressure", "Orthostatic hypotension", Polarity.PRESENT),
        ("Lying 120/80, standing 118/78", "Blood pressure", "Orthostatic hypotension", Polarity.ABSENT),
        ("Reflexes present and symmetrical", "Neurological examination", "Hyporeflexia", Polarity.ABSENT),
        ("Treated with levofloxacin for pneumonia", "", "Recent antibiotic use", Polarity.PRESENT),
        ("Allergic to penicillin", "", "Recent antibiotic use", None),
        ("Substance use: denies smoking", "", "Recreational drug use", Polarity.ABSENT),
    ],
)
def test_structured_forms_and_circumstances(
    text: str, name: str, finding: str, polarity: Polarity | None, graph: KnowledgeGraph, extractor: Extractor
) -> None:
    link = graph.concept(finding, Kind.FINDING)
    assert link is not None
    told = {one.concept: one.polarity for one in extractor.extract(text, name=name)}
    assert told.get(link.concept.id) == polarity


def test_descriptive_names_told_in_other_words(graph: KnowledgeGraph) -> None:
    loose = Extractor(graph, loose=True)

    def told(text: str) -> set[tuple[str, Polarity]]:
        found = loose.extract(text)
        return {(graph.get(one.concept).name, one.polarity) for one in found if one.method is Method.LOOSE}

    assert ("Leaf-like stromal overgrowth on biopsy", Polarity.PRESENT) in told(
        "The biopsy shows leaf-like projections with overgrowth of the stroma, stromal mitoses."
    )
    assert told("Bowel sounds normal.") == set()
    assert told("Blood pressure 120/80 mmHg.") == set()
