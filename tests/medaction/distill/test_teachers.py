"""Mixed policies: who grows which case, what a manifest tells of them, and what each may see."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from medaction.distill.policies.assisted_prompt import assisted_prompt_hash
from medaction.distill.policies.kg import KgPolicy
from medaction.distill.policies.policy import View
from medaction.distill.policies.teachers import OpenTeachers, Teachers, read_teachers
from medaction.domain.environment import Environment
from medaction.formats.teaching import load_teaching_cases
from medaction.knowledge import KnowledgeGraph, find_relation
from medaction.knowledge.dropout import drop_edges
from tests.medaction.distill.small_cases import make_case

MIX = "kg:0.6,random:0.2,scripted:walk:0.2"


def test_shares_are_read_and_sum_to_one() -> None:
    assert read_teachers("kg").shares == (("kg", 1.0),)
    assert read_teachers("scripted:walk").shares == (("scripted:walk", 1.0),)
    assert read_teachers(" kg:3, random:1 ").shares == (("kg", 0.75), ("random", 0.25))
    assert read_teachers(MIX).name == MIX


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is not a policy"),
        ("oracle", "no policy 'oracle'"),
        ("kg,random", "'kg' has none"),
        ("kg:0.5,kg:0.5", "twice"),
        ("kg:0,random:1", "above 0"),
        ("kg:-1,random:1", "above 0"),
        ("kg:nan,random:1", "above 0"),
        ("kg:inf,random:1", "above 0"),
        ("chat", "--base-url"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_teachers(text)


def test_a_case_keeps_its_policy_whatever_else_the_run_has() -> None:
    cases = [replace(make_case(), id=f"case-{number}") for number in range(2000)]
    teachers = read_teachers(MIX, seed=4)
    chosen = {case.id: teachers.choose(case) for case in cases}
    assert all(teachers.choose(case) == chosen[case.id] for case in cases[::97])
    counts = Counter(chosen.values())
    assert counts["kg"] == pytest.approx(1200, abs=80)
    assert counts["random"] == pytest.approx(400, abs=80)
    other = read_teachers(MIX, seed=5)
    assert sum(other.choose(case) != chosen[case.id] for case in cases) > 500


def test_a_manifest_tells_what_decides_and_no_key() -> None:
    told = read_teachers("chat:0.5,kg-dropout:0.5", base_url="http://h.example", model="m", api_key="s3cret", seed=9)
    described = str(told.describe())
    assert "s3cret" not in described + repr(told)
    assert "h.example" not in described
    assert told.describe()["settings"]["kg-dropout"]["graph_dropout"] == 0.3
    assert told.describe()["settings"]["kg-dropout"]["dropout_seed"] == 9
    assert told.describe()["settings"]["chat"]["model"] == "m"


def test_each_policy_is_opened_once_and_only_when_it_is_needed(graph: KnowledgeGraph) -> None:
    teachers = OpenTeachers(Teachers((("random", 0.5), ("anchored", 0.5))), graph)
    policies = {id(policy): policy.name for policy in (teachers.of(case) for case in load_teaching_cases())}
    assert sorted(policies.values()) == ["anchored", "random"]


def test_dropout_takes_out_pairs_and_nothing_else(graph: KnowledgeGraph) -> None:
    part = drop_edges(graph, 0.3, seed=1)
    assert part.hash != graph.hash
    statements = np.isin(graph.arrays["edge_aspect"], (0, 1)).sum()
    kept = np.isin(part.arrays["edge_aspect"], (0, 1)).sum()
    assert kept / statements == pytest.approx(0.7, abs=0.02)
    other = (graph.arrays["edge_aspect"] > 1).sum()
    assert (part.arrays["edge_aspect"] > 1).sum() == other
    assert part.list_authored() == graph.list_authored()
    disease = graph.get("MA:pulmonary_embolism")
    before, after = ({edge.finding.id for edge in one.edges_of(disease)} for one in (graph, part))
    assert after < before
    gone = graph.get(sorted(before - after)[0])
    assert find_relation(part, gone, disease) != find_relation(graph, gone, disease)
    assert gone not in {edge.finding for edge in part.tests_of(disease)}
    # Rows still hold together: every edge is found by its finding.
    for finding in sorted(after)[:20]:
        assert any(edge.disease == disease for edge in part.edges_with(finding)) or len(part.equivalents(disease)) > 1


def test_dropout_is_seeded_and_of_everything_or_nothing_it_is_plain(graph: KnowledgeGraph) -> None:
    def edges(share: float, seed: int) -> bytes:
        part = drop_edges(graph, share, seed)
        return part.arrays["edge_disease"].tobytes() + part.arrays["edge_finding"].tobytes()

    assert edges(0.3, 1) == edges(0.3, 1) != edges(0.3, 2)
    assert len(drop_edges(graph, 0.0, 1).arrays["edge_disease"]) == len(graph.arrays["edge_disease"])
    assert not np.isin(drop_edges(graph, 1.0, 1).arrays["edge_aspect"], (0, 1)).any()
    with pytest.raises(ValueError, match="between 0 and 1"):
        drop_edges(graph, 1.1, 1)


def test_a_teacher_with_less_graph_thinks_otherwise(graph: KnowledgeGraph, policy: KgPolicy) -> None:
    teachers = OpenTeachers(read_teachers("kg-dropout", seed=1), graph)
    views = [View(Environment(case).reset()) for case in load_teaching_cases()[:8]]
    student = teachers.of(make_case())
    assert isinstance(student, KgPolicy)
    assert (student.name, policy.name) == ("kg-dropout", "kg")
    differ = [student.decide(view).turn.differential != policy.decide(view).turn.differential for view in views]
    assert sum(differ) >= 7


def test_a_helped_model_needs_a_server_and_tells_its_prompt() -> None:
    with pytest.raises(ValueError, match="assisted needs the address"):
        read_teachers("assisted")
    teachers = read_teachers("assisted", model="m", base_url="http://127.0.0.1:9", adapter="a", constrained=False)
    told = teachers.describe()["settings"]["assisted"]
    assert told["prompt"] == assisted_prompt_hash()
    assert (told["adapter"], told["constrained"]) == ("a", False)
    assert "base_url" not in str(told)


def test_a_limit_of_answers_decides_what_is_said_and_patience_does_not() -> None:
    at = {"model": "m", "base_url": "http://127.0.0.1:9"}
    plain, short = read_teachers("chat", **at), read_teachers("chat", max_tokens=99, patience=400.0, **at)
    assert short.describe()["settings"]["chat"]["max_tokens"] == 99 != plain.settings_of("chat").max_tokens
    assert plain.timeouts is None
    assert (short.timeouts.first_token, short.timeouts.idle, short.timeouts.total) == (400, 400, 1600)
    assert replace(short, patience=None).describe() == short.describe()
    with pytest.raises(ValueError, match="positive"):
        OpenTeachers(replace(short, patience=-1.0), KnowledgeGraph.__new__(KnowledgeGraph)).of(make_case())
