"""A table of orders, labelled by hand: what must match, and what must not."""

from pathlib import Path

import pytest
import yaml

from medaction.domain.case import Category, MenuItem
from medaction.domain.matching import Match, OrderMatcher, similarity, split_orders
from medaction.domain.naming import fill_from_catalogue
from medaction.domain.observation import MatchMethod
from medaction.domain.vocabulary import normalise, read_wording


def item(
    name: str, *aliases: str, result: str = "as written", category: Category = Category.LAB, key: str = ""
) -> MenuItem:
    return MenuItem(key or normalise(name).replace(" ", "_"), name, aliases=aliases, category=category, result=result)


MENU = OrderMatcher(
    [
        item("Complete Blood Count", result="WBC 12.1, Hb 9.8 g/dL, platelets 210"),
        item("C-reactive protein"),
        item("Sodium"),
        item("Potassium"),
        item("Creatinine"),
        item("Urinalysis"),
        item("Urine culture"),
        item("Antinuclear antibody"),
        item("Acetylcholine Receptor Antibodies"),
        item("TSH"),
        item("D-dimer"),
        item("Troponin I"),
        item("Hepatitis B surface antigen"),
        item("Lactate dehydrogenase"),
        item("Ferritin"),
        item("MRI brain", category=Category.IMAGING),
        item("CT abdomen and pelvis", category=Category.IMAGING),
        item("Chest X-ray", category=Category.IMAGING),
        item("X-ray left knee", category=Category.IMAGING),
        item("Abdominal ultrasound", category=Category.IMAGING),
        item("Electrocardiogram", category=Category.PROCEDURE),
        item("Transthoracic echocardiogram", category=Category.IMAGING),
        item("Lumbar puncture", "CSF analysis", category=Category.PROCEDURE),
        item("Skin biopsy", category=Category.PATHOLOGY),
        item("Cervical lymph node biopsy", category=Category.PATHOLOGY),
        item("Nerve conduction studies", category=Category.PROCEDURE),
        item("Abdominal examination", category=Category.EXAM),
        item("Neurological examination", category=Category.EXAM),
        item("Vital signs", category=Category.EXAM),
        item("Family history", category=Category.HISTORY),
    ]
)

TABLE = yaml.safe_load(Path(__file__).with_name("orders.yaml").read_text(encoding="utf-8"))
SAME: dict[str, list[str]] = TABLE["same"]
TRAPS = [*TABLE["traps"], "x" * 5000]


@pytest.mark.parametrize(("key", "order"), [(key, order) for key, orders in SAME.items() for order in orders])
def test_orders_that_mean_an_item(key, order):
    assert [match.key for _, match in MENU.resolve(order)] == [key]


@pytest.mark.parametrize("order", TRAPS, ids=lambda order: order[:40] or "blank")
def test_orders_that_must_miss(order):
    assert {match.key for _, match in MENU.resolve(order)} <= {None}


def test_the_table_is_large_enough():
    assert sum(map(len, SAME.values())) >= 100
    assert len(TRAPS) >= 100


@pytest.mark.parametrize(
    ("order", "method"),
    [
        ("complete blood count", MatchMethod.EXACT),
        ("CSF analysis", MatchMethod.ALIAS),
        ("FBC", MatchMethod.CATALOGUE),
        ("CT pelvis", MatchMethod.TOKENS),
        ("MRI spine", MatchMethod.NONE),
    ],
)
def test_the_method_is_told(order, method):
    assert MENU.match(order).method is method


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("CBC and CRP", ["CBC", "CRP"]),
        ("CBC, BMP; CRP", ["CBC", "BMP", "CRP"]),
        ("CBC, BMP, and CRP", ["CBC", "BMP", "CRP"]),
        ("CBC & CRP", ["CBC", "CRP"]),
        ("CBC + CRP", ["CBC", "CRP"]),
        ("CBC plus LFTs as well as TSH", ["CBC", "LFTs", "TSH"]),
        ("Labs: CBC, CRP", ["CBC", "CRP"]),
        ("- CBC\n- CRP\n", ["CBC", "CRP"]),
        ("1. CBC\n2. CRP", ["CBC", "CRP"]),
        ("CBC, CBC", ["CBC"]),
        ("AST/ALT", ["AST", "ALT"]),
        ("PT/INR", ["PT/INR"]),
        ("CT abdomen/pelvis", ["CT abdomen/pelvis"]),
        ("head and neck CT", ["head and neck CT"]),
        ("CT chest, abdomen and pelvis", ["CT chest, abdomen and pelvis"]),
        ("CT chest, abdomen, and pelvis, and CBC", ["CT chest, abdomen, pelvis", "CBC"]),
        ("CBC, head and neck CT", ["CBC", "head and neck CT"]),
        ("ultrasound of liver and spleen", ["ultrasound of liver and spleen"]),
        ("MRI brain with and without contrast", ["MRI brain with contrast"]),
        ("MRI brain and spinal cord", ["MRI brain and spinal cord"]),
        ("CT chest and MRI brain", ["CT chest", "MRI brain"]),
        ("blood and urine cultures", ["blood cultures", "urine cultures"]),
        ("serum and urine electrophoresis", ["serum electrophoresis", "urine electrophoresis"]),
        ("Toxoplasma IgG and IgM", ["Toxoplasma IgG", "Toxoplasma IgM"]),
        ("hepatitis B and C serology", ["hepatitis B serology", "hepatitis C serology"]),
        ("BMP (Na, K, Cl), CRP", ["BMP (Na, K, Cl)", "CRP"]),
        ("TSH and free T4 to rule out hypothyroidism and goitre", ["TSH and free T4"]),
        ("ferritin and vitamin B12", ["ferritin", "vitamin B12"]),
        ("", []),
        ("; ,", []),
    ],
)
def test_splitting(text, orders):
    assert split_orders(text) == orders


def test_a_menu_name_with_and_is_not_split():
    matcher = OrderMatcher([item("Electromyography and Nerve Conduction Studies")])
    assert [order for order, _ in matcher.resolve("Electromyography and nerve conduction studies")] == [
        "Electromyography and nerve conduction studies"
    ]


def test_a_panel_is_answered_by_its_components():
    match = MENU.match("Basic metabolic panel")
    assert (match.key, match.keys) == ("bmp", ("sodium", "potassium", "creatinine"))


def test_a_smaller_panel_is_answered_by_a_larger_one():
    assert OrderMatcher([item("Comprehensive metabolic panel")]).match("BMP").key == "comprehensive_metabolic_panel"


def test_a_component_is_answered_by_a_panel_only_if_its_text_names_it():
    assert OrderMatcher([item("CBC", result="Hb 9.8")]).match("haemoglobin").key == "cbc"
    assert OrderMatcher([item("CBC", result="Leucocytes 12")]).match("haemoglobin").key is None


def test_scans_of_parts_answer_together():
    scans = OrderMatcher([item("CT chest"), item("CT abdomen and pelvis"), item("MRI pelvis")])
    assert scans.match("CT chest, abdomen and pelvis").keys == ("ct_chest", "ct_abdomen_and_pelvis")


def test_both_sides_answer_when_no_side_is_named():
    scans = OrderMatcher([item("X-ray left knee"), item("X-ray right knee")])
    assert scans.match("knee x-ray").keys == ("xray_left_knee", "xray_right_knee")
    assert scans.match("x-ray of the right knee").keys == ("xray_right_knee",)


def test_whole_physical_examination_gives_all_examinations():
    assert MENU.match("physical examination").keys == (
        "abdominal_examination",
        "neurological_examination",
        "vital_signs",
    )


def test_an_alias_that_two_items_share_means_neither():
    matcher = OrderMatcher([item("Alpha scan", "shared"), item("Beta scan", "shared")])
    assert matcher.match("shared") == Match()


def test_bracketed_words_do_not_change_the_specimen():
    assert OrderMatcher([item("Glucose")]).match("CSF studies (glucose)").key is None
    assert OrderMatcher([item("dsDNA antibody")]).match("Autoantibodies (anti-dsDNA)").key == "dsdna_antibody"


def test_missing_figures_come_from_the_catalogue_as_estimates():
    filled = fill_from_catalogue(item("FBC"))
    assert filled.cost is not None
    assert (filled.cost_source, filled.turnaround_source, filled.risk_source) == ("estimate",) * 3
    own = fill_from_catalogue(MenuItem("x", "FBC", cost=3.0, cost_source="tariff 2024"))
    assert (own.cost, own.cost_source) == (3.0, "tariff 2024")
    assert fill_from_catalogue(item("Zorbital index")) == item("Zorbital index")


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Haemoglobin", "hemoglobin"),
        ("Oesophageal X-Ray", "esophageal xray"),
        ("Wood's lamp", "wood lamp"),
        ("β-hCG", "beta hcg"),
        ("  U&E ", "u and e"),
        ("Lasègue", "lasegue"),
        ("CD4+ count", "cd4 count"),
    ],
)
def test_normalise(written, normal):
    assert normalise(written) == normal


def test_classes_of_antibody_never_stand_for_one_another():
    order, name = read_wording("hepatitis B core IgM antibody"), read_wording("hepatitis B core IgG antibody")
    assert similarity(order, name) == 0
