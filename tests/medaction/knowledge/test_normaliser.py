"""Names to concepts: the method, the grade, the note; and what must never be linked."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medaction.knowledge import Grade, Kind, Method


@pytest.mark.parametrize(
    ("text", "concept", "method", "grade"),
    [
        ("Falciparum malaria", "MA:malaria", Method.AUTHORED, Grade.SAME),
        ("JUNGLE FEVER", "MA:malaria", Method.AUTHORED, Grade.SAME),
        ("pyrexia", "HP:0001945", Method.EXACT, Grade.SAME),
        ("Epileptic seizures", "HP:0001250", Method.EXACT, Grade.SAME),
        ("thick film", "TEST:blood_smear", Method.AUTHORED, Grade.SAME),
        ("Malaria, falciparum", "MA:malaria", Method.VARIANT, Grade.SAME),
        ("Falciparum malaria (MAL)", "MA:malaria", Method.VARIANT, Grade.SAME),
        ("Relapsed unknown thing (malaria)", "MA:malaria", Method.VARIANT, Grade.SAME),
        ("severe falciparum malaria", "MA:malaria", Method.VARIANT, Grade.SAME),
        ("suspected cholera", "MA:cholera", Method.VARIANT, Grade.SAME),
        ("falciparum malaria infection", "MA:malaria", Method.VARIANT, Grade.SAME),
        ("recurrent chronic cholera", "MA:cholera", Method.VARIANT, Grade.BROADER),
        ("recurrent cholera", "MA:cholera", Method.VARIANT, Grade.BROADER),
        ("cholera due to dirty water", "MA:cholera", Method.CONTAINED, Grade.BROADER),
        ("imported falciparum malaria", "MA:malaria", Method.CONTAINED, Grade.BROADER),
        ("Cholera sicca", "MA:cholera", None, None),
    ],
)
def test_links(small_graph, text, concept, method, grade):
    link = small_graph.concept(text)
    if method is None:
        assert link is not None
        assert link.grade == Grade.BROADER or link.concept.id != concept
        return
    assert (link.concept.id, link.method, link.grade) == (concept, method, grade)
    assert bool(link.note) == (method in (Method.VARIANT, Method.CONTAINED))


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ("El Tor enteritis", Method.AUTHORED),
        ("EL TOR ENTERITIS", Method.AUTHORED),
        ("severe El Tor enteritis", Method.VARIANT),
        ("enteritis Tor El", Method.VARIANT),
    ],
)
def test_forms_are_narrower(small_graph, text, method):
    link = small_graph.concept(text)
    assert (link.concept.id, link.method, link.grade) == ("MA:cholera", method, Grade.BROADER)
    assert "narrower form" in link.note


@pytest.mark.parametrize("text", ["", "   ", "…", "plague", "no malaria", "malarai", "of the", "disease"])
def test_no_link(small_graph, text):
    assert small_graph.concept(text) is None


def test_a_tail_is_not_the_head(small_graph):
    assert small_graph.concept("complication of falciparum malaria") is None
    assert small_graph.concept("mother with cholera") is None


def test_kind_narrows(small_graph):
    assert small_graph.concept("fever", Kind.DISEASE) is None
    assert small_graph.concept("fever", Kind.FINDING).concept.id == "HP:0001945"
    assert small_graph.concept("Infantile onset") is None
    assert small_graph.concept("Infantile onset", Kind.MODIFIER).concept.id == "HP:0003593"


def test_fuzzy_only_suggests(small_graph):
    assert small_graph.concept("malarai") is None
    assert [s.concept.id for s in small_graph.suggest("malarai")][:1] == ["MA:malaria"]
    assert small_graph.suggest("zzzz") == ()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_answered(text):
    graph = test_any_text_is_answered.graph
    link = graph.concept(text)
    assert link is None or link.text == text
    graph.suggest(text)


@pytest.fixture(autouse=True)
def _graph_for_properties(small_graph):
    test_any_text_is_answered.graph = small_graph


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("STEMI", "MA:st_elevation_myocardial_infarction"),
        ("heart attack", "MA:st_elevation_myocardial_infarction"),
        ("DKA", "MA:diabetic_ketoacidosis"),
        ("PE", "MA:pulmonary_embolism"),
        ("pulmonary emboli", "MA:pulmonary_embolism"),
        ("embolism, pulmonary", "MA:pulmonary_embolism"),
        ("possible pulmonary embolism", "MA:pulmonary_embolism"),
        ("Generalised myasthenia gravis", "MA:myasthenia_gravis"),
        ("Myasthenia gravis (MG)", "MA:myasthenia_gravis"),
        ("appendicitis", "MA:acute_appendicitis"),
        ("Marfan's syndrome", "OMIM:154700"),
        ("Multiple endocrine neoplasia, type I", "OMIM:131100"),
        ("Glanzmann’s Thrombasthenia", "OMIM:273800"),
        ("Stevens-Johnson syndrome", "ORPHA:36426"),
        ("raised troponin", "MF:elevated_troponin"),
        ("Troponin elevated", "MF:elevated_troponin"),
        ("shortness of breath", "HP:0002094"),
        ("breathlessness", "HP:0002094"),
        ("haemoptysis", "HP:0002105"),
        ("low serum sodium", "HP:0002902"),
        ("FBC", "TEST:cbc"),
        ("chest x-ray", "TEST:xray_chest"),
    ],
)
def test_what_clinicians_write(real_graph, text, concept):
    link = real_graph.concept(text)
    assert link is not None
    assert real_graph.is_same(link.concept, concept)
    assert link.grade == Grade.SAME


@pytest.mark.parametrize(
    "text",
    [
        "Epidermoid cyst",
        "Lisdexamfetamine intoxication",
        "Membranous nephropathy",
        "Normal behavior",
        "anaemia of old age",
    ],
)
def test_residual_codes_never_pass_for_the_thing(real_graph, text):
    link = real_graph.concept(text, Kind.DISEASE)
    assert link is None or link.grade == Grade.BROADER or link.concept.vocabulary in ("MA", "OMIM", "ORPHA")


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("amphetamine overdose", "MA:amphetamine_intoxication"),
        ("Amphetamine poisoning", "MA:amphetamine_intoxication"),
        ("haemophilia B", "MA:hemophilia_b"),
        ("Christmas disease", "MA:hemophilia_b"),
        ("hemophilia", "MA:hemophilia_a"),
        ("Miller Fisher syndrome", "MA:miller_fisher_syndrome"),
        ("Hashimoto's thyroiditis", "MA:hashimoto_thyroiditis"),
        ("disseminated gonococcal infection", "MA:disseminated_gonococcal_infection"),
        ("Rotor syndrome", "ORPHA:3111"),
    ],
)
def test_a_name_means_the_disease_itself_not_its_neighbour(real_graph, text, concept):
    link = real_graph.concept(text, Kind.DISEASE)
    assert (link.concept.id, link.grade) == (concept, Grade.SAME)


def test_renal_colic_is_not_the_colic_of_infants(real_graph):
    link = real_graph.concept("renal colic", Kind.DISEASE)
    assert link is None or link.concept.id == "MA:nephrolithiasis"
