"""The test catalogue: one name, one test."""

from collections import defaultdict

import pytest

from medaction.domain.case import Category, MenuItem
from medaction.domain.catalogue import load_catalogue
from medaction.domain.matching import OrderMatcher
from medaction.domain.naming import catalogue_key
from medaction.domain.vocabulary import normalise

CATALOGUE = load_catalogue()
TOO_GENERIC = """
    antibody, antibodies, imaging, scan, blood test, blood tests, bloods, labs, test, tests, biopsy, culture, cultures,
    swab, ultrasound, doppler, ct, ct scan, mri, xray, endoscopy, serology, pcr, genetic test, genetic testing, level,
    hormone levels, enzymes, physical examination, physical exam, examination, exam, history, workup, antigen, cytology,
    histology, angiography, fluid analysis, hepatitis, electrophoresis, sputum, stool, urine, blood, skin, heart
"""


def test_it_covers_the_common_tests_of_every_category() -> None:
    counts: defaultdict[Category, int] = defaultdict(int)
    for entry in CATALOGUE.values():
        counts[entry.category] += 1
    assert len(CATALOGUE) >= 220
    assert counts[Category.HISTORY] >= 10
    assert counts[Category.EXAM] >= 20
    for category in (Category.LAB, Category.IMAGING, Category.PATHOLOGY, Category.GENETIC, Category.PROCEDURE):
        assert counts[category] >= 20, category


def test_no_name_belongs_to_two_tests() -> None:
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for entry in CATALOGUE.values():
        for name in entry.names:
            owners[normalise(name)].add(entry.key)
    assert not {name: keys for name, keys in owners.items() if len(keys) > 1}


def test_no_test_lists_a_name_twice() -> None:
    repeated = [
        entry.key for entry in CATALOGUE.values() if len({name.casefold() for name in entry.names}) < len(entry.names)
    ]
    assert not repeated


def test_every_name_leads_to_its_own_test() -> None:
    astray = [
        (entry.key, name) for entry in CATALOGUE.values() for name in entry.names if catalogue_key(name) != entry.key
    ]
    assert not astray


def test_no_name_is_so_generic_that_it_would_match_wrongly() -> None:
    generic = {normalise(word) for word in TOO_GENERIC.split(",")}
    assert not [(entry.key, name) for entry in CATALOGUE.values() for name in entry.names if normalise(name) in generic]


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.key)
def test_every_figure_is_given_and_marked_as_an_estimate(entry) -> None:
    assert entry.cost is not None
    assert 0 < entry.cost <= 20_000
    assert entry.turnaround_minutes is not None
    assert 0 < entry.turnaround_minutes <= 60 * 24 * 60
    assert entry.risk is not None
    assert {entry.cost_source, entry.turnaround_source, entry.risk_source} == {"estimate"}


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.key)
def test_every_test_can_be_ordered_in_more_than_one_way(entry) -> None:
    assert len(entry.aliases) >= 1
    assert entry.key == entry.key.lower()
    assert entry.key.replace("_", "").isalnum()


def test_asking_and_examining_do_no_harm() -> None:
    harmful = [
        entry.key
        for entry in CATALOGUE.values()
        if entry.category is Category.HISTORY and (entry.risk != "none" or entry.cost > 100)
    ]
    assert not harmful


def test_a_panel_holds_other_tests_and_never_itself() -> None:
    panels = {entry.key: entry.components for entry in CATALOGUE.values() if entry.components}
    assert {"cbc", "bmp", "cmp", "liver_panel", "coagulation_panel", "thyroid_panel"} <= panels.keys()
    for key, components in panels.items():
        assert key not in components
        assert len(set(components)) == len(components)
        assert not [part for part in components if key in CATALOGUE[part].components]


@pytest.mark.parametrize(
    ("order", "key"),
    [
        ("CBC", "cbc"),
        ("full blood count", "cbc"),
        ("Complete Blood Count", "cbc"),
        ("U&Es", "bmp"),
        ("Basic Metabolic Panel", "bmp"),
        ("haemoglobin", "hemoglobin"),
        ("hemoglobin", "hemoglobin"),
        ("LFTs", "liver_panel"),
        ("Hs-troponin", "troponin"),
        ("NT-proBNP", "bnp"),
        ("EKG", "ecg"),
        ("12-lead ECG", "ecg"),
        ("chest x-ray", "xray_chest"),
        ("CXR", "xray_chest"),
        ("CT chest", "ct_chest"),
        ("HRCT", "ct_hrct"),
        ("CT abdomen", "ct_abdomen"),
        ("CT abdomen and pelvis", "ct_abdomen_pelvis"),
        ("CTPA", "ct_pulmonary_angiogram"),
        ("CT pulmonary angiogram", "ct_pulmonary_angiogram"),
        ("transoesophageal echocardiogram", "echo_tee"),
        ("transesophageal echocardiogram", "echo_tee"),
        ("TTE", "echo_tte"),
        ("lumbar puncture", "csf_analysis"),
        ("urine dip", "urine_dipstick"),
        ("BM stick", "fingerstick_glucose"),
        ("short Synacthen test", "acth_stimulation"),
        ("cosyntropin stimulation test", "acth_stimulation"),
        ("coeliac serology", "celiac_serology"),
        ("oesophagogastroduodenoscopy", "egd"),
        ("Dix-Hallpike", "dix_hallpike"),
        ("lying and standing blood pressure", "orthostatic_vitals"),
        ("faecal calprotectin", "fecal_calprotectin"),
        ("Widal test", "typhoid_serology"),
        ("German measles serology", "rubella_serology"),
        ("hydatid serology", "echinococcus_serology"),
        ("rK39 dipstick", "leishmania_serology"),
        ("tularaemia serology", "francisella_serology"),
        ("anti-PF4 antibody", "hit_antibody"),
        ("faecal leucocytes", "stool_white_cells"),
        ("oestrogen receptor status", "her2_test"),
        ("Prader-Willi methylation test", "methylation_15q"),
        ("antithrombin III", "antithrombin"),
    ],
)
def test_names_on_both_sides_of_the_atlantic(order: str, key: str) -> None:
    assert catalogue_key(order) == key


SPECIAL = """
    rubella_serology measles_igm mumps_serology protein_c antithrombin csf_lactate coxiella_serology bile_acids
    igg_subclasses urine_stone_profile echinococcus_serology shbg vitamin_b6 cold_agglutinins methylation_15q
    factor_assays zika_test
"""
SPECIAL_MENU = OrderMatcher(
    [MenuItem(key, CATALOGUE[key].name, category=CATALOGUE[key].category, result="x") for key in SPECIAL.split()]
)


@pytest.mark.parametrize(
    ("order", "key"),
    [
        ("Rubella IgM", "rubella_serology"),
        ("mumps PCR", "mumps_serology"),
        ("measles antibodies", "measles_igm"),
        ("protein C level", "protein_c"),
        ("Q fever antibodies", "coxiella_serology"),
        ("serum IgG4", "igg_subclasses"),
        ("total bile acids", "bile_acids"),
        ("hydatid ELISA", "echinococcus_serology"),
        ("factor XI level", "factor_assays"),
        ("lactate in CSF", "csf_lactate"),
        ("Zika PCR", "zika_test"),
        ("protein S activity", None),
        ("total protein", None),
        ("serum lactate", None),
        ("CSF protein", None),
        ("dengue serology", None),
        ("rickettsia serology", None),
        ("IgE level", None),
        ("vitamin B12", None),
        ("urine protein", None),
        ("factor V Leiden", None),
        ("sex history", None),
        ("hepatitis B serology", None),
        ("toxoplasma IgM", None),
        ("direct Coombs test", None),
    ],
)
def test_orders_among_special_tests(order: str, key: str | None) -> None:
    assert SPECIAL_MENU.match(order).key == key
