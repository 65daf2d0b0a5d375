"""Which diseases findings point to: worked by hand on the small graph, and as rules on the real one."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medaction.knowledge import rank_diseases, rank_phenotypes
from medaction.knowledge.ranking.ranker import Ranker
from medaction.knowledge.ranking.settings import RankingSettings

# Pooled by hand, with 0.3 of one patient added to each: (seen + 0.3) / (n + 1); a class or a band counts as 5 patients.
TONIC_IN_1 = (2 + 0.3) / (7 + 1)
FEVER_IN_1 = (5 * 0.17 + 0.3) / 6
SEIZURE_IN_2 = (5 * 0.5 + 0.3) / 6
SEIZURE = {
    "OMIM:1": TONIC_IN_1,
    "OMIM:2": SEIZURE_IN_2,
    "MA:malaria": (5 * 0.1 + 0.3) / 6,
    "MA:cholera": (5 * 0.03 + 0.3) / 6,
    "ORPHA:7": 0.0,
}
CANDIDATES = len(SEIZURE)


def place(graph, concept):
    return int(graph.ranker.profiles.place[graph.get(concept).index])


def test_annotations_are_pooled_and_carried_upwards(small_graph):
    seizure = graph_p(small_graph, "HP:0001250")
    assert seizure == pytest.approx(SEIZURE, rel=1e-5), "a tonic-clonic seizure is a seizure"
    assert graph_p(small_graph, "HP:0002069")["OMIM:1"] == pytest.approx(TONIC_IN_1)
    assert graph_p(small_graph, "HP:0002069")["OMIM:2"] == 0, "nothing is carried downwards"


def graph_p(graph, finding):
    p = graph.ranker.profiles.probability(graph.get(finding).index)
    return {disease: float(p[place(graph, disease)]) for disease in SEIZURE}


def test_a_present_finding_by_hand(small_graph):
    """Without kin and noise the ratio is Σ w·P/share over the finding and its broader ones, w ∝ share ratio."""
    ranker = Ranker(small_graph.arrays, RankingSettings(kin=0, noise=0, unmet=0))
    _, ratios, _ = ranker.shares([(small_graph.get("HP:0001250").index, True)])
    nervous = dict(SEIZURE)
    weak = {"MA:malaria": (5 * 0.2 + 0.3) / 6, "MA:cholera": (5 * 0.55 + 0.3) / 6, "ORPHA:7": 0.3 / 6}
    nervous.update({disease: max(SEIZURE[disease], p) for disease, p in weak.items()})
    fever = {"OMIM:1": FEVER_IN_1, "MA:malaria": (5 * 0.95 + 0.3) / 6, "ORPHA:7": (5 * 0.895 + 0.3) / 6}
    phenotype = {disease: max(nervous[disease], fever.get(disease, 0)) for disease in SEIZURE}
    levels = [SEIZURE, nervous, phenotype, phenotype]
    shares = [sum(level.values()) / CANDIDATES + 1e-5 for level in levels]
    nearness = [shares[0] / share for share in shares]
    for disease in ("OMIM:1", "OMIM:2", "MA:cholera"):
        parts = zip(nearness, levels, shares, strict=True)
        expected = sum(w / sum(nearness) * level[disease] / share for w, level, share in parts)
        assert math.exp(ratios[0][place(small_graph, disease)]) == pytest.approx(expected, rel=1e-4)


def test_kin_take_over_what_their_kin_show(small_graph):
    """OMIM:1 and OMIM:2 are one series; OMIM:1 and ORPHA:7 have one gene; malaria has no kin."""
    tonic = [(small_graph.get("HP:0002069").index, True)]
    alone = Ranker(small_graph.arrays, RankingSettings(kin=0)).shares(tonic)[1][0]
    shared = Ranker(small_graph.arrays, RankingSettings(kin=0.3)).shares(tonic)[1][0]
    assert shared[place(small_graph, "OMIM:2")] > alone[place(small_graph, "OMIM:2")]
    assert shared[place(small_graph, "ORPHA:7")] > alone[place(small_graph, "ORPHA:7")]
    assert shared[place(small_graph, "MA:malaria")] == alone[place(small_graph, "MA:malaria")]


def test_a_gene_of_many_diseases_makes_no_kin(small_graph):
    tonic = [(small_graph.get("HP:0002069").index, True)]
    few = Ranker(small_graph.arrays, RankingSettings(gene_most=1)).shares(tonic)[1][0]
    alone = Ranker(small_graph.arrays, RankingSettings(kin=0)).shares(tonic)[1][0]
    assert few[place(small_graph, "ORPHA:7")] == alone[place(small_graph, "ORPHA:7")]


def test_an_excluded_finding(small_graph):
    """Where it is usual it argues against; being looked for argues a little for a disease that may have it."""
    ranked = {r.disease.id: r.shares[0][1] for r in rank_diseases(small_graph, [("MF:parasites", False)], count=20)}
    assert ranked["MA:malaria"] < -1
    assert ranked["OMIM:2"] < 0
    ruled_out = {r.disease.id: r.shares[0][1] for r in rank_diseases(small_graph, [("HP:0001324", False)], count=20)}
    assert ruled_out["ORPHA:7"] > max(ruled_out["OMIM:1"], ruled_out["MA:cholera"]), "HPO excludes weakness for it"


def test_what_is_usual_and_was_not_told(small_graph):
    """n/(n + 4) · Σ ln(1 − P/2 · (1 − likeness)²): a fever explains nothing of a seizure."""
    _, _, unmet = small_graph.ranker.shares([(small_graph.get("HP:0001945").index, True)])
    information = small_graph.arrays["information"]
    seizure = small_graph.get("HP:0001250").index
    common = max(
        float(information[n])
        for n in np.intersect1d(
            small_graph.ancestors[seizure], small_graph.ancestors[small_graph.get("HP:0001945").index]
        )
    )
    likeness = common / float(information[seizure])
    expected = 1 / (1 + 4) * math.log(1 - 0.5 * SEIZURE_IN_2 * (1 - likeness) ** 2)
    assert unmet[place(small_graph, "OMIM:2")] == pytest.approx(expected, rel=1e-4)
    assert not small_graph.ranker.shares([])[2].any()


def test_leaving_a_paper_out(small_graph):
    """Left out for equivalents and kin alike, and only there: the same as a graph without these rows."""
    ranker = Ranker(small_graph.arrays, RankingSettings(kin=0, noise=1e-9))
    seizure = [(small_graph.get("HP:0001250").index, True)]
    cited = small_graph.reference_numbers(["PMID:1"])
    whole, cut = ranker.shares(seizure)[1][0], ranker.shares(seizure, cited)[1][0]
    assert np.exp(cut[place(small_graph, "OMIM:2")]) < 1e-8, "its only row cites PMID:1;PMID:3"
    assert 0 < np.exp(cut[place(small_graph, "OMIM:1")]) < np.exp(whole[place(small_graph, "OMIM:1")]), (
        "a fever is left"
    )
    for untouched in ("MA:malaria", "MA:cholera", "ORPHA:7"):
        at = place(small_graph, untouched)
        assert cut[at] == pytest.approx(whole[at], rel=1e-5)
    _, _, unmet = ranker.shares(seizure, cited)
    assert unmet[place(small_graph, "OMIM:2")] == 0, "nothing known, nothing missed"


def test_priors_and_candidates(small_graph):
    ranked = rank_diseases(small_graph, [("MF:parasites", True), ("MF:watery_stool", False)], count=50)
    assert ranked[0].disease.id == "MA:malaria"
    assert [row.score for row in ranked] == sorted((row.score for row in ranked), reverse=True)
    assert len(ranked) == len({row.disease.id for row in ranked}) == CANDIDATES
    adult, child = (rank_diseases(small_graph, [("HP:0001945", True)], age=age)[0].score for age in (40, 3))
    assert child - adult == pytest.approx(math.log(2), abs=1e-3)
    coded = rank_phenotypes(small_graph, [("HP:0001250", True)], count=50)
    assert {row.disease.id for row in coded} == {"OMIM:1", "OMIM:2", "ORPHA:7"}, "the authored ones are not HPO's"


def test_ranking_among(small_graph):
    findings = [("HP:0001250", True)]
    assert [r.disease.id for r in rank_diseases(small_graph, findings, among=["OMIM:2"])] == ["OMIM:2"]
    assert rank_diseases(small_graph, findings, among=["TEST:sodium"]) == []


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_order_and_repetition_do_not_matter(small_graph, data):
    names = ["HP:0001250", "HP:0002069", "HP:0001945", "HP:0001324", "MF:parasites", "MF:jaundice"]
    findings = data.draw(st.lists(st.tuples(st.sampled_from(names), st.booleans()), unique_by=lambda pair: pair[0]))
    mixed = data.draw(st.permutations([*findings, *findings[:2]]))
    assert rank_diseases(small_graph, findings) == rank_diseases(small_graph, mixed)


def test_told_both_ways_is_present(small_graph):
    both = [("HP:0001250", True), ("HP:0001250", False)]
    assert rank_diseases(small_graph, both) == rank_diseases(small_graph, [("HP:0001250", True)])


def test_rules_on_the_real_graph(real_graph):
    """A finding that only this disease states never lowers its rank; one that is nearly always there, excluded, never
    raises its score; leaving out a paper that it does not cite changes nothing."""
    profiles, ranker = real_graph.ranker.profiles, real_graph.ranker
    rows, pick = profiles.rows, random.Random(3)
    alone = np.flatnonzero(np.bincount(rows.finding, minlength=len(profiles.place))[rows.finding] == 1)
    for row in pick.sample(alone.tolist(), 15):
        disease, finding = int(rows.disease[row]), int(rows.finding[row])
        own = rows.finding[rows.disease == disease].tolist()
        told = [(number, True) for number in pick.sample(own, min(3, len(own))) if number != finding]
        before, after = rank_of(ranker, told, disease), rank_of(ranker, [*told, (finding, True)], disease)
        assert after <= before
    usual = np.flatnonzero(rows.p > 0.8)
    for row in pick.sample(usual.tolist(), 15):
        _, ratios, _ = ranker.shares([(int(rows.finding[row]), False)])
        assert ratios[0][rows.disease[row]] <= 0


def rank_of(ranker, told, disease):
    _, ratios, unmet = ranker.shares(told)
    scores = ratios.sum(0) + unmet
    return int((scores > scores[disease]).sum())


def test_real_textbook_presentations(real_graph):
    def first(*names: str) -> str:
        findings = [(real_graph.concept(name, "finding").concept, True) for name in names]
        return rank_diseases(real_graph, findings)[0].disease.id

    assert first("migratory right lower quadrant pain", "rebound tenderness", "leukocytosis") == "MA:acute_appendicitis"
    assert first("fatigable weakness", "ptosis", "diplopia") == "MA:myasthenia_gravis"
    assert first("kussmaul breathing", "hyperglycemia", "ketonuria") == "MA:diabetic_ketoacidosis"


def test_every_hpo_disease_is_a_candidate(real_graph):
    profiles = real_graph.ranker.profiles
    annotated = real_graph.arrays["edge_disease"][
        (real_graph.arrays["edge_source"] > 0) & (real_graph.arrays["edge_aspect"] <= 1)
    ]
    assert profiles.coded[profiles.place[np.unique(annotated)]].all()
    assert profiles.coded.sum() > 12_000
