"""The kg policy: what it may see, what it says, when it stops."""

from dataclasses import replace

import numpy as np

from medaction.distill.episode import Episode, run_episode, run_static
from medaction.distill.policies.availability import Availability, load_fallbacks
from medaction.distill.policies.kg import KgPolicy
from medaction.distill.policies.policy import Reply, Step, View
from medaction.domain.actions import FinalDiagnosis, TestOrder, Turn
from medaction.domain.catalogue import load_catalogue
from medaction.domain.environment import Environment, EnvironmentSettings
from medaction.domain.observation import Observation, Outcome, TestResult
from medaction.domain.parser import parse_turn
from medaction.domain.transcript import REASONING_LENGTH
from tests.medaction.distill.small_cases import make_case


def texts(episode: Episode) -> list[str]:
    return [step.reply.text for step in episode.view.steps]


async def test_it_finds_an_embolism_and_orders_before_it_decides(policy: KgPolicy) -> None:
    episode = await run_episode(make_case(), policy)
    assert episode.diagnosis == "Pulmonary embolism"
    first = episode.view.steps[0].reply.turn
    assert isinstance(first.action, TestOrder)
    assert first.action.tests[0] == "Physical examination"
    assert episode.format_failures == 0


async def test_equal_views_give_equal_replies(policy: KgPolicy) -> None:
    assert texts(await run_episode(make_case(), policy)) == texts(await run_episode(make_case(), policy))


async def test_truth_and_hidden_notes_change_nothing(policy: KgPolicy) -> None:
    one = await run_episode(make_case(), policy)
    other = await run_episode(make_case(truth="Gout", hidden="It is gout."), policy)
    assert texts(one) == texts(other)


def test_the_menu_is_read_only_through_results(policy: KgPolicy) -> None:
    case = make_case()
    without = replace(case, menu=case.menu[:1])
    views = [View(Environment(one).reset()) for one in (case, without)]
    assert policy.decide(views[0]).text == policy.decide(views[1]).text


async def test_every_turn_keeps_the_dialect(policy: KgPolicy) -> None:
    episode = await run_episode(make_case(), policy)
    shown = {"o1.1", "o1.2", "o1.3"}
    for step in episode.view.steps:
        turn = step.reply.turn
        assert parse_turn(step.reply.text) == turn
        assert len(turn.reasoning) <= REASONING_LENGTH
        assert 2 <= len(turn.differential) <= 5
        cited = {c for h in turn.differential for c in (*h.supporting, *h.contradicting)}
        assert cited <= shown
        shown |= set(step.observation.citable_ids)


async def test_a_last_turn_is_a_diagnosis(policy: KgPolicy) -> None:
    episode = await run_episode(make_case(), policy, EnvironmentSettings(horizon=1))
    assert (episode.turns, episode.orders) == (1, 0)
    assert episode.diagnosis is not None


async def test_static_gives_everything_at_once(policy: KgPolicy) -> None:
    episode = await run_static(make_case(), policy)
    assert (episode.diagnosis, episode.turns, episode.cost) == ("Pulmonary embolism", 1, 0.0)


def test_two_turns_of_refusals_are_a_dry_menu(policy: KgPolicy) -> None:
    first = Environment(make_case()).reset()
    steps = tuple(
        Step(
            Reply(Turn("", (), TestOrder((f"Test {number}",))), ""),
            Observation(f"r{number}", results=(TestResult(f"r{number}.1", f"Test {number}", Outcome.UNAVAILABLE),)),
        )
        for number in (2, 3)
    )
    assert isinstance(policy.decide(View(first, steps[:1])).turn.action, TestOrder)
    assert isinstance(policy.decide(View(first, steps)).turn.action, FinalDiagnosis)


def test_refusals_change_no_belief(policy: KgPolicy) -> None:
    first = Environment(make_case()).reset()
    refused = Observation("r2", results=(TestResult("r2.1", "MRI brain", Outcome.UNAVAILABLE),))
    step = Step(Reply(Turn("", (), TestOrder(("MRI brain",))), ""), refused)
    before, after = policy.decide(View(first)), policy.decide(View(first, (step,)))
    assert before.turn.differential == after.turn.differential


def test_time_tells_twins_apart(policy: KgPolicy) -> None:
    story = (
        "A 24-year-old man hears voices and has delusions. His speech is disorganised and he is withdrawn. "
        "He has been like this for {}."
    )

    def leading(span: str) -> str:
        case = replace(make_case(), o1=story.format(span), menu=())
        return policy.decide(View(Environment(case).reset(), must_diagnose=True)).ranked[0]

    assert leading("2 years") == "Schizophrenia"
    assert leading("2 months") == "Schizophreniform disorder"


async def test_a_refused_panel_is_not_asked_for_by_its_parts(policy: KgPolicy) -> None:
    episode = await run_episode(replace(make_case(), menu=()), policy)
    orders = [result.order for observation in episode.view.observations for result in observation.results]
    if "Comprehensive metabolic panel" in orders:
        assert "Basic metabolic panel" not in orders[orders.index("Comprehensive metabolic panel") :]
    assert len(orders) == len(set(orders))


def test_refusals_rule_out_the_parts_of_a_panel() -> None:
    calls = {0: {"cmp", "sodium", "bmp", "xray_chest"}, 1: {"cmp", "alt"}}
    availability = Availability(calls, 2)
    posterior = np.array([0.9, 0.1])
    before = dict(zip(availability.keys, availability.chances(posterior, set()).tolist(), strict=True))
    after = dict(zip(availability.keys, availability.chances(posterior, {"cmp"}).tolist(), strict=True))
    assert all(before.values())
    assert [key for key, chance in after.items() if chance == 0] == ["alt", "bmp", "cmp", "sodium"]
    assert after["xray_chest"] == before["xray_chest"]


def test_fallbacks_are_of_tests_that_exist() -> None:
    assert set(load_fallbacks()) <= set(load_catalogue())
    assert [fallback.order for fallback in load_fallbacks()["mri_brain"]] == ["CT head"]


async def test_a_likely_diagnosis_that_stands_is_given_before_the_turns_run_out(policy: KgPolicy) -> None:
    """Where any diagnosis counts as likely and no change counts, the third turn that names the same one is the last."""
    hasty = KgPolicy(policy._graph, replace(policy._settings, likely=0.0, moved=1.0))
    episode = await run_episode(make_case(), hasty, EnvironmentSettings(horizon=20))
    firsts = [step.reply.turn.differential[0].dx for step in episode.view.steps]
    assert len(firsts) < 20
    assert all(len(set(firsts[place : place + 3])) > 1 for place in range(len(firsts) - 3))
