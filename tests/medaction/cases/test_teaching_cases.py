"""The shipped teaching cases: playable, consistent, and silent about their diagnosis."""

import re
from importlib.resources import files

import pytest

from medaction.domain.actions import TestOrder
from medaction.domain.case import Case, Category, Polarity
from medaction.domain.catalogue import load_catalogue
from medaction.domain.environment import Environment, EnvironmentSettings
from medaction.domain.matching import OrderMatcher
from medaction.domain.observation import Outcome
from medaction.formats.teaching import read_document
from tests.medaction.cases.arithmetic import anion_gaps, blood_gases, corrected_calcium, outside_range

SOURCES = sorted((source for source in files("medaction.cases").iterdir() if source.name.endswith(".yaml")), key=str)
ROWS = {source.name: read_document(source.read_bytes(), file=source.name) for source in SOURCES}
CASES = {name: row.case for name, row in ROWS.items() if row.case is not None}
CATALOGUE = load_catalogue()
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def key_tests(case: Case) -> list[str]:
    """The names after "Key tests:", with which the notes of a case end."""
    return case.hidden_notes.partition("Key tests: ")[2].removesuffix(".").split("; ")


def names_of(case: Case) -> list[re.Pattern[str]]:
    """The diagnosis and its synonyms as whole words; short abbreviations in capitals only."""
    names = (case.diagnosis.text, *case.diagnosis.aliases)
    return [re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", 0 if len(name) <= 4 else re.IGNORECASE) for name in names]


def test_every_file_is_a_case() -> None:
    assert {name: [str(error) for error in row.errors] for name, row in ROWS.items() if row.case is None} == {}


def test_the_collection_is_varied() -> None:
    cases = CASES.values()
    assert len(cases) >= 24
    assert len({case.specialty for case in cases}) >= 12
    assert {case.difficulty for case in cases} == {"foundation", "intermediate", "advanced"}
    assert {case.demographics.sex for case in cases} == {"female", "male"}
    ages = [case.demographics.age_years for case in cases if case.demographics.age_years is not None]
    assert len(ages) == len(cases)
    assert min(ages) < 1
    assert max(ages) >= 80
    assert sum(1 <= age < 13 for age in ages) >= 2
    assert any("weeks pregnant" in case.o1 for case in cases)
    assert sum("must-not-miss trap" in case.hidden_notes for case in cases) >= 6
    assert len({case.diagnosis.text for case in cases}) == len(cases)


@pytest.mark.parametrize("name", CASES)
def test_it_is_labelled_as_what_it_is(name: str) -> None:
    case = CASES[name]
    assert case.synthetic
    assert f"{case.id}.yaml" == name
    assert case.group_key == case.id
    assert case.source == "MedAction teaching cases"
    assert case.licence == "Apache-2.0"
    assert 3 <= len(re.findall(r"[.!?][\"”]?(?:\s|$)", case.o1)) <= 6
    assert 2 <= len(case.teaching_points) <= 4
    assert all(re.fullmatch(r"ICD10CM:[A-Z]\d[\dA-Z](\.[\dA-Z]{1,4})?", code) for code in case.diagnosis.concept_ids)


@every_case
def test_the_work_up_has_room_for_choices(case: Case) -> None:
    assert len(case.menu) >= 8
    assert len({item.key for item in case.menu}) == len(case.menu)
    assert len(case.distractors) >= 2
    assert any(item.category is Category.EXAM for item in case.menu)
    assert len(key_tests(case)) >= 2
    only_absent = [
        item
        for item in case.menu
        if item.findings and all(finding.polarity is Polarity.ABSENT for finding in item.findings)
    ]
    assert len(only_absent) >= 2, "relevant negatives and an irrelevant normal"


@every_case
def test_menu_items_are_the_catalogues_own(case: Case) -> None:
    for item in case.menu:
        entry = CATALOGUE[item.key]
        assert (item.name, item.category) == (entry.name, entry.category)
        assert item.findings, item.key
        assert len({finding.concept for finding in item.findings}) == len(item.findings), item.key


@every_case
def test_nothing_names_the_diagnosis_before_the_end(case: Case) -> None:
    shown = {"id": case.id, "title": case.title, "o1": case.o1, "note": case.demographics.note}
    shown |= {item.key: item.result for item in case.menu}
    leaks = [(where, name.pattern) for where, text in shown.items() for name in names_of(case) if name.search(text)]
    assert not leaks


@every_case
def test_a_distractor_is_not_the_diagnosis(case: Case) -> None:
    for distractor in case.distractors:
        assert not any(name.fullmatch(distractor.dx) for name in names_of(case))
        assert distractor.why_plausible
        assert distractor.what_separates


@every_case
def test_each_key_test_can_be_ordered_by_its_name_and_by_aliases(case: Case) -> None:
    matcher = OrderMatcher(case.menu)
    by_name = {item.name: item for item in case.menu}
    for name in key_tests(case):
        item = by_name[name]
        aliases = CATALOGUE[item.key].aliases[:2]
        assert len(aliases) == 2, item.key
        for order in (name, *aliases):
            assert matcher.match(order).key == item.key, order


@every_case
def test_each_key_test_reveals_its_own_text(case: Case) -> None:
    names = key_tests(case)
    environment = Environment(case, EnvironmentSettings(horizon=len(names) + 1))
    environment.reset()
    by_name = {item.name: item for item in case.menu}
    for name in names:
        (result,) = environment.step(TestOrder((name,))).observation.results
        assert result.outcome is Outcome.RESULT
        assert result.text == by_name[name].result
        assert result.cost is not None


@every_case
def test_stated_arithmetic_is_right(case: Case) -> None:
    for item in case.menu:
        for stated, computed in anion_gaps(item.result):
            assert stated == pytest.approx(computed, abs=0.5), item.key
        for stated, computed in blood_gases(item.result):
            assert stated == pytest.approx(computed, abs=0.02), item.key
        for stated, computed in corrected_calcium(item.result):
            assert stated == pytest.approx(computed, abs=0.05), item.key


@every_case
def test_high_and_low_findings_agree_with_the_reference_ranges(case: Case) -> None:
    for item in case.menu:
        claimed = {finding.polarity.value for finding in item.findings} & {"high", "low"}
        if "(" in item.result:
            assert claimed <= outside_range(item.result), (item.key, item.result)


def test_the_arithmetic_really_meets_figures() -> None:
    results = [item.result for case in CASES.values() for item in case.menu]
    assert sum(len(list(anion_gaps(text))) for text in results) >= 20
    assert sum(len(list(blood_gases(text))) for text in results) >= 8
    assert sum(len(list(corrected_calcium(text))) for text in results) >= 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TSH 68 mIU/L (0.4–4.0), free T4 0.3 ng/dL (0.8–1.8).", {"high", "low"}),
        ("D-dimer 3,850 ng/mL FEU (< 500).", {"high"}),
        ("ADAMTS13 activity 3 % (> 50).", {"low"}),
        ("C-reactive protein 3 mg/L (< 5).", set()),
    ],
)
def test_figures_are_read_against_their_range(text: str, expected: set[str]) -> None:
    assert outside_range(text) == expected
