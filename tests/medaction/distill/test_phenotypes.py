"""Patients told in HPO terms: read word for word, ranked, worked up."""

from dataclasses import replace

import pytest

from medaction.bench import BenchSettings, run_bench
from medaction.bench.sampling import count_rows_left, keep_told_elsewhere, sample_per_disease
from medaction.distill.episode import run_episode, run_static, tell_everything
from medaction.distill.policies.evidence import EvidenceReader
from medaction.distill.policies.kg import KgPolicy
from medaction.distill.policies.phenotypes import PhenotypeReader
from medaction.domain.case import Case, Category, Demographics, Diagnosis, Finding, MenuItem, Polarity
from medaction.domain.transcript import DX_LENGTH
from medaction.knowledge import KnowledgeGraph, open_graph
from medaction.knowledge.extraction import Extractor
from medaction.metrics.judge import Verdict, judge


@pytest.fixture(scope="module")
def graph(request: pytest.FixtureRequest) -> KnowledgeGraph:
    return open_graph(request.config.cache.mkdir("knowledge"))


@pytest.fixture(scope="module")
def policy(graph: KnowledgeGraph) -> KgPolicy:
    return KgPolicy(graph)


def item(key: str, name: str, result: str, category: Category = Category.EXAM) -> MenuItem:
    return MenuItem(key, name, category=category, result=result, findings=(Finding("HP:0001166", Polarity.PRESENT),))


def marfan(**changes) -> Case:
    menu = (
        item(
            "limb_digit_exam",
            "Limb and digit examination",
            "Present: Arachnodactyly (Severe, onset: at 2 years); Disproportionate tall stature.",
        ),
        item("eye_exam", "Eye examination", "Present: Ectopia lentis; Myopia.\nExcluded: Cataract."),
        item("growth_parameters", "Growth measurements", "Present: Tall stature."),
        item("echo_tte", "Echocardiography", "Present: Aortic root aneurysm; Mitral valve prolapse.", Category.IMAGING),
        item("back_exam", "Back examination", "Present: Scoliosis; Pectus excavatum; Striae distensae."),
        item("mri_spine", "MRI of the spine", "Present: Dural ectasia; Protrusio acetabuli.", Category.IMAGING),
    )
    case = Case(
        "p1",
        "A tall man",
        "authored",
        "CC0",
        "p1",
        Demographics(30, "male"),
        "A 30-year-old man is referred for assessment.",
        menu,
        Diagnosis("Marfan syndrome", concept_ids=("OMIM:154700",)),
    )
    return replace(case, **changes)


def test_lists_are_read_word_for_word(graph: KnowledgeGraph) -> None:
    reader = PhenotypeReader(graph, EvidenceReader(graph, Extractor(graph)))
    evidence = reader.read(tell_everything(marfan()))
    assert evidence is not None
    told = {graph.at(fact.number).id: (fact.present, fact.cited) for fact in evidence.findings.values()}
    assert told["HP:0001166"] == (True, "r2.1"), "severity and onset are set aside"
    assert told["HP:0000518"] == (False, "r2.2"), "excluded"
    assert len(told) == 13
    assert (evidence.patient.age, evidence.patient.sex) == (30, "male")


def test_several_items_in_one_answer(graph: KnowledgeGraph) -> None:
    reader = PhenotypeReader(graph, EvidenceReader(graph, Extractor(graph)))
    together = item("exam", "Physical examination", "Eye examination: Present: Myopia.\nGrowth: Present: Tall stature.")
    evidence = reader.read(tell_everything(marfan(menu=(together,))))
    assert evidence is not None
    assert {graph.at(n).id for n in evidence.findings} == {"HP:0000545", "HP:0000098"}


def test_other_words_are_no_list(graph: KnowledgeGraph) -> None:
    reader = PhenotypeReader(graph, EvidenceReader(graph, Extractor(graph)))
    prose = marfan(menu=(item("eye_exam", "Eye examination", "Both lenses are dislocated upwards."),))
    assert reader.read(tell_everything(prose)) is None
    one_list = (*prose.menu, item("growth", "Growth measurements", "Present: Tall stature."))
    assert reader.read(tell_everything(marfan(menu=one_list))) is None, "one list among prose makes no such patient"
    mixed = item("measured_ck", "Creatine kinase", "CK 5000 U/L (reference 30-200)", Category.LAB)
    evidence = reader.read(tell_everything(marfan(menu=(*marfan().menu, mixed))))
    assert evidence is not None
    assert any("creatine kinase" in graph.at(n).name.lower() for n in evidence.findings), "values are read beside lists"


async def test_all_evidence_at_once(graph: KnowledgeGraph, policy: KgPolicy) -> None:
    episode = await run_static(marfan(), policy)
    assert judge(graph, marfan().diagnosis, episode.ranked[0]) is Verdict.SAME
    assert len(episode.ranked) == 10
    turn = episode.view.steps[-1].reply.turn
    assert turn.differential[0].supporting
    assert sum(h.p or 0 for h in turn.differential) <= 1


async def test_an_episode(graph: KnowledgeGraph, policy: KgPolicy) -> None:
    """The examination first; then tests that tell the rivals apart, by names that the menu has."""
    episode = await run_episode(marfan(), policy)
    assert judge(graph, marfan().diagnosis, episode.ranked[0]) is Verdict.SAME
    assert episode.orders - episode.unavailable >= 2
    assert (await run_episode(marfan(), policy)).ranked == episode.ranked


async def test_without_the_own_paper(graph: KnowledgeGraph, policy: KgPolicy) -> None:
    marfan_edges = [e for e in graph.edges_of("OMIM:154700") if e.reference.startswith("PMID:")]
    own = tuple({e.reference for e in marfan_edges})
    assert own, "the release cites papers for it"
    whole, cut = await run_static(marfan(), policy), await run_static(marfan(), policy, without=own)
    p = [e.view.steps[-1].reply.turn.differential[0].p for e in (whole, cut)]
    assert p[0] != p[1]
    case = marfan(references=own)
    left = sum(
        1 for e in graph.edges_of("OMIM:154700") if e.aspect == "P" and not set(e.reference.split(";")) & set(own)
    )
    assert count_rows_left(graph, case) == left
    assert keep_told_elsewhere(graph, [case, marfan()]) == ([case] if left >= 5 else [])
    report = await run_bench([case, marfan()], policy, graph, BenchSettings(static=True, without_own_paper=True))
    assert (report["n"], report["cases_left_out"]) == ((1, 1) if left >= 5 else (0, 2))
    assert report["without_own_paper"]


async def test_the_report_says_among_what(graph: KnowledgeGraph, policy: KgPolicy) -> None:
    unknown = marfan(id="p2", diagnosis=Diagnosis("A disease of the year 2040", concept_ids=("OMIM:999999",)))
    report = await run_bench([marfan(), unknown], policy, graph, BenchSettings(static=True))
    assert (report["n"], report["top1"]) == (2, 0.5), "a disease that is no candidate counts as wrong"
    assert report["candidates"]["n"] == report["candidates"]["top1"] == 1
    assert report["candidates"]["diseases"] > 12_000
    plain = await run_bench([marfan(diagnosis=Diagnosis("Marfan syndrome"))], policy, graph, BenchSettings(static=True))
    assert plain["candidates"] is None


def test_a_series_is_not_its_member(graph: KnowledgeGraph) -> None:
    truth = Diagnosis("Retinitis pigmentosa 19", concept_ids=("OMIM:601718",))
    assert judge(graph, truth, "Retinitis pigmentosa") is not Verdict.SAME
    assert judge(graph, truth, "Retinitis pigmentosa 20") is not Verdict.SAME
    assert judge(graph, truth, "Anything at all (OMIM:601718)") is Verdict.SAME, "an identifier decides"


def test_titles_link_back(graph: KnowledgeGraph) -> None:
    profiles = graph.ranker.profiles
    for number in profiles.coded_heads[profiles.coded][::40].tolist():
        title = graph.title(graph.at(number), DX_LENGTH)
        assert len(title) <= DX_LENGTH
        link = graph.concept(title, "disease")
        assert link.grade == "same"
        assert graph.is_same(link.concept, graph.at(number))


def test_a_few_of_each_disease() -> None:
    cases = [marfan(id=f"p{n}") for n in range(5)] + [marfan(id="q", diagnosis=Diagnosis("Gout"))]
    kept = sample_per_disease(cases, 2)
    assert [case.diagnosis.text for case in kept] == ["Marfan syndrome", "Marfan syndrome", "Gout"]
    assert kept == sample_per_disease(list(reversed(cases)), 2)[::-1]
