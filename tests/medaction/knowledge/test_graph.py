"""The compiled miniature: every fact of the inputs can be asked for, and nothing else."""

import numpy as np
import pytest

from medaction.knowledge import Kind, KnowledgeGraph, UnknownConceptError
from medaction.knowledge.compiling.assemble import build_graph
from medaction.knowledge.store import StoreError, content_hash_of
from tests.medaction.knowledge.small import write_small


def ids(concepts) -> list[str]:
    return sorted(concept.id for concept in concepts)


def test_concepts_by_any_id(small_graph):
    assert small_graph.get("MA:malaria").name == "Falciparum malaria"
    assert small_graph.get("MA:malaria").must_not_miss is True
    assert small_graph.get("OMIM:1").must_not_miss is None
    assert small_graph.get("HP:0001303").id == "HP:0001250"
    assert small_graph.get("HP:0009999").id == "HP:0001324"
    assert small_graph.get("MF:fever").id == "HP:0001945"
    assert small_graph.get("MF:rigors").vocabulary == "MF"
    with pytest.raises(UnknownConceptError):
        small_graph.get("MA:plague")


def test_kinds(small_graph):
    assert small_graph.get("TEST:sodium").kind == Kind.TEST
    assert small_graph.get("HP:0001250").kind == Kind.FINDING
    assert small_graph.get("HP:0003593").kind == Kind.MODIFIER
    assert small_graph.get("ICD10CM:A00").kind == Kind.DISEASE


def test_hierarchy_joins_the_vocabularies(small_graph):
    assert small_graph.is_a("MA:cholera", "ICD10CM:A00-A09")
    assert small_graph.is_a("MF:rigors", "HP:0000118")
    assert not small_graph.is_a("MA:malaria", "ICD10CM:A00")
    assert ids(small_graph.parents("OMIM:1")) == ["GROUP:shaking_disease"]
    assert ids(small_graph.children("GROUP:shaking_disease")) == ["OMIM:1", "OMIM:2"]


def test_one_disease_in_two_vocabularies(small_graph):
    assert ids(small_graph.equivalents("MA:cholera")) == ["ICD10CM:A00", "MA:cholera"]
    assert small_graph.is_same("MA:cholera", "ICD10CM:A00")
    assert not small_graph.is_same("MA:cholera", "MA:malaria")


def test_annotations_keep_frequency_reference_onset_and_exclusion(small_graph):
    edges = {(e.finding.id, e.reference): e for e in small_graph.edges_of("OMIM:1")}
    tonic = edges["HP:0002069", "PMID:1"]
    assert tonic.p == pytest.approx(2 / 7), "2 of 3 and 0 of 4 patients of one paper"
    assert (tonic.n, tonic.source, tonic.onset) == (7, "hpo_omim", "Infantile onset")
    assert edges["HP:0001945", "PMID:2"].p == pytest.approx(0.17)
    absent = [e for e in small_graph.edges_of("ORPHA:7") if e.polarity == "absent"]
    assert ids(e.finding for e in absent) == ["HP:0001324"]


def test_authored_edges_say_estimate_and_tests_add_what_no_band_states(small_graph):
    edges = {e.finding.id: e for e in small_graph.edges_of("MA:malaria")}
    assert edges["HP:0001945"].p == pytest.approx(0.95)
    assert edges["HP:0001945"].reference == "estimate"
    assert edges["MF:parasites"].p == pytest.approx(0.95)
    assert edges["MF:travel"].aspect == "H"
    cholera = {e.finding.id: e for e in small_graph.edges_of("MA:cholera")}
    assert cholera["MF:parasites"].p == pytest.approx(0.01)


def test_tests_and_findings(small_graph):
    assert ids(e.test for e in small_graph.tests_for("MF:parasites") if not e.disease) == ["TEST:blood_smear"]
    inherited = small_graph.tests_for("HP:0002069")
    assert ids(e.test for e in inherited) == ["TEST:vital_signs"]
    assert inherited[0].inherited_from == small_graph.get("HP:0000118")
    assert ids(e.finding for e in small_graph.findings_of("sodium") if not e.disease) == ["MF:high_na", "MF:low_na"]
    malaria = small_graph.tests_of("MA:malaria")
    assert {(e.test.id, e.polarity, e.sensitivity) for e in malaria} == {
        ("TEST:blood_smear", "present", 0.95),
        ("TEST:vital_signs", "present", 0.9),
        ("TEST:sodium", "low", 0.4),
    }


def test_card_competitors_opposites_backgrounds(small_graph):
    assert small_graph.card("MA:malaria")["prior"]["band"] == "uncommon"
    assert small_graph.card("ICD10CM:A00")["prior"]["source"] == "PMID:99"
    assert small_graph.card("OMIM:1") is None
    assert ids(c.disease for c in small_graph.competitors("MA:malaria")) == ["MA:cholera", "ORPHA:7"]
    assert small_graph.opposite("MF:low_na").id == "MF:high_na"
    assert small_graph.opposite("MF:high_na").id == "MF:low_na"
    assert small_graph.opposite("MF:dry") is None
    assert small_graph.background("MF:fever") == pytest.approx(0.1)
    assert small_graph.background("HP:0000118") >= 0.1


def test_references_can_be_left_out(small_graph):
    numbers = small_graph.reference_numbers(["PMID:3"])
    cited = [e for e in small_graph.edges_of("OMIM:2") if e.reference == "PMID:1;PMID:3"]
    assert len(numbers) == len(cited) == 1
    assert not small_graph.reference_numbers(["PMID:404"])


def test_same_inputs_same_bytes(small_graph, tmp_path):
    first = build_graph(write_small(tmp_path / "a").places, tmp_path / "a.kg")
    second = build_graph(write_small(tmp_path / "b").places, tmp_path / "b.kg")
    assert first == second == small_graph.hash
    assert (tmp_path / "a.kg").read_bytes() == (tmp_path / "b.kg").read_bytes()
    assert content_hash_of(small_graph.arrays) == small_graph.hash


def test_arrays_are_mapped_not_copied(small_graph):
    assert all(not array.flags.owndata and not array.flags.writeable for array in small_graph.arrays.values())


@pytest.mark.parametrize("cut", [0, 5, 40, 4000])
def test_a_cut_file_is_refused(tmp_path, cut):
    path = tmp_path / "graph.kg"
    build_graph(write_small(tmp_path / "inputs").places, path)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(StoreError):
        KnowledgeGraph.load(path)


def test_sources_carry_their_licence(small_graph):
    assert {source.key for source in small_graph.sources} >= {"authored", "hpo", "hpo_omim", "hpo_orphanet", "icd10cm"}
    assert all(source.licence and source.version for source in small_graph.sources)
    counts = small_graph.meta["counts"]
    assert counts["authored_diseases"] == 2
    assert counts["authored_tests"] == 7
    assert counts["disease_finding_edges"] == len(np.asarray(small_graph.arrays["edge_disease"]))
