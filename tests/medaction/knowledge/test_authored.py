"""The authored layer as it stands: every rule holds, the graph builds from it, and it is of the promised size."""

import json

import numpy as np
import pytest

from medaction.knowledge import Method
from medaction.knowledge.check import check_graph, check_inputs
from medaction.knowledge.lint import main
from medaction.knowledge.sources.places import find_places
from tests.medaction.shared_data import shared_file


def test_no_rule_is_broken(real_graph):
    places = find_places()
    assert check_inputs(places).errors == ()
    assert check_graph(real_graph, places).errors == ()


def test_size(real_graph):
    counts = real_graph.meta["counts"]
    assert counts["authored_diseases"] >= 300
    assert counts["authored_tests"] >= 800
    assert counts["tests_with_loinc"] >= 200
    assert counts["tests_with_ranges"] >= 170
    assert counts["authored_findings"] >= 350
    assert counts["annotated_diseases"] >= 12_600


def test_every_authored_disease_names_its_urgency_tests_and_rivals(real_graph):
    for disease in real_graph.list_authored():
        assert disease.must_not_miss in (True, False)
        assert len({edge.test.id for edge in real_graph.tests_of(disease)}) >= 3, disease.id
        assert 2 <= len(real_graph.competitors(disease)) <= 5, disease.id


def test_every_test_of_the_catalogue_reveals_a_finding(real_graph):
    kinds, revealing = real_graph.arrays["concept_kinds"], set(real_graph.arrays["reveal_test"].tolist())
    silent = [real_graph.at(n).id for n in np.flatnonzero(kinds == 2).tolist() if n not in revealing]
    assert silent == []


def test_every_edge_has_a_source(real_graph):
    assert all(real_graph.edge(i).reference for i in range(0, len(real_graph.arrays["edge_disease"]), 997))


def test_linter_runs_on_one_file(capsys):
    file = find_places().authored / "diseases" / "neurological" / "myasthenia_gravis.yaml"
    assert main([str(file)]) == 0
    assert "0 errors" in capsys.readouterr().out
    assert main(["--find", "swollen", "calf"]) == 0
    assert "Unilateral leg swelling" in capsys.readouterr().out


@pytest.mark.parametrize("share", [0.95])
def test_shared_diagnoses_are_linked(real_graph, share):
    file = shared_file("agentclinic/cases.jsonl")
    texts = [json.loads(line)["OSCE_Examination"]["Correct_Diagnosis"] for line in file.read_text().splitlines()]
    links = (real_graph.concept(text, "disease") for text in texts)
    linked = [link for link in links if link and link.method is not Method.CONTAINED]
    assert len(linked) / len(texts) >= share
