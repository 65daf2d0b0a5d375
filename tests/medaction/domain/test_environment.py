"""The contract of the environment: deterministic, total, and silent about what was not ordered."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from medaction.domain.actions import FinalDiagnosis, TestOrder
from medaction.domain.case import Case, Demographics, Diagnosis, MenuItem
from medaction.domain.environment import Environment, EnvironmentSettings, StepEvent
from medaction.domain.observation import Observation, Outcome
from medaction.domain.prompt import render_messages
from medaction.formats.teaching import load_teaching_cases
from tests.medaction.domain.strategies import STEPS, cases

CASE = Case(
    id="case",
    title="Case",
    source="test",
    licence="none",
    group_key="case",
    demographics=Demographics(),
    o1="A man of 40 is tired. His skin is pale.\nHe takes no drugs.",
    menu=(
        MenuItem("cbc", "Complete blood count", result="Hb 7.1 g/dL", cost=10.0, turnaround_minutes=60, risk="none"),
        MenuItem("na", "Sodium", result="131 mmol/L", cost=5.0, turnaround_minutes=30, risk="none"),
        MenuItem("k", "Potassium", result="5.9 mmol/L", cost=6.0, turnaround_minutes=45, risk="none"),
        MenuItem("egd", "Gastroscopy", result="Ulcer.", cost=900.0, turnaround_minutes=1440, risk="moderate"),
        MenuItem("odd", "Zorbital index", result="0.3"),
    ),
    diagnosis=Diagnosis("Bleeding ulcer"),
)


def order(*tests: str) -> TestOrder:
    return TestOrder(tests)


def run(case, actions):
    env = Environment(case)
    return [env.reset(), *(env.step(action) for action in actions)], env


@settings(max_examples=150, deadline=None)
@given(cases(), STEPS)
def test_same_actions_same_observations(case, actions):
    first, one = run(case, actions)
    second, two = run(case, actions)
    assert first == second
    assert one.tally == two.tally


@settings(max_examples=150, deadline=None)
@given(cases(), STEPS)
def test_replay_equals_stepping(case, actions):
    steps, stepped = run(case, actions)
    replayed = Environment(case)
    replayed.step(order("CBC"))
    last = replayed.replay(actions)
    assert last == (steps[-1].observation if actions else steps[0])
    assert (replayed.tally, replayed.turn, replayed.ended) == (stepped.tally, stepped.turn, stepped.ended)


@settings(max_examples=200, deadline=None)
@given(cases(), STEPS)
def test_nothing_is_shown_before_it_was_ordered(case, actions):
    assert_no_leak(case, actions)


@pytest.mark.parametrize("case", load_teaching_cases(), ids=lambda case: case.id)
def test_teaching_cases_show_nothing_before_it_was_ordered(case):
    # A mark on each result tells apart those that read alike, such as "Negative."
    case = replace(case, menu=tuple(replace(item, result=f"{item.result} <{item.key}>") for item in case.menu))
    names = [item.name for item in case.menu]
    assert_no_leak(case, [None, order(*names[:2]), order("Zorbital index"), order(names[-1], names[0])])


def assert_no_leak(case, actions):
    """After each step, the prompt holds the texts of the results given so far and of no other item."""
    env = Environment(case)
    first = env.reset()
    history: list[tuple[str, Observation]] = []
    given_keys: set[str] = set()
    for action in [*actions, None]:
        prompt = "\n".join(
            message["content"] for message in render_messages(first, history, must_diagnose=env.must_diagnose)
        )
        for item in case.menu:
            assert (item.result in prompt) <= (item.key in given_keys or item.result in case.o1), item.key
            assert (item.result in prompt) >= (item.key in given_keys)
        step = env.step(action)
        given_keys.update(key for result in step.observation.results for key in result.keys)
        history.append(("{}", step.observation))


@settings(max_examples=150, deadline=None)
@given(cases(), STEPS)
def test_results_are_the_cases_own_words(case, actions):
    texts = {item.key: item.result for item in case.menu}
    steps, _ = run(case, actions)
    seen: set[str] = set()
    for step in steps[1:]:
        for result in step.observation.results:
            if result.outcome is Outcome.UNAVAILABLE:
                assert (result.text, result.key, result.keys) == ("", None, ())
                continue
            assert (result.outcome is Outcome.DUPLICATE) == (set(result.keys) <= seen)
            seen.update(result.keys)
            assert [line.rpartition(": ")[2] for line in result.text.split("\n")] == [texts[key] for key in result.keys]


@settings(max_examples=150, deadline=None)
@given(cases(), STEPS)
def test_an_episode_ends_once(case, actions):
    steps, env = run(case, actions)
    flags = [(step.terminated, step.truncated) for step in steps[1:]]
    assert all(not (terminated and truncated) for terminated, truncated in flags)
    ended = [flag for flag in flags if any(flag)]
    assert flags[len(flags) - len(ended) :] == ended
    assert len(set(ended)) <= 1
    assert env.turn <= env.settings.horizon + 1


def test_turns_are_numbered_from_the_case_text():
    env = Environment(CASE)
    first = env.reset()
    assert first.id == "o1"
    assert [segment.id for segment in first.segments] == ["o1.1", "o1.2", "o1.3"]
    step = env.step(order("CBC", "MRI brain"))
    assert (step.observation.id, [result.id for result in step.observation.results]) == ("r2", ["r2.1", "r2.2"])
    assert [result.outcome for result in step.observation.results] == [Outcome.RESULT, Outcome.UNAVAILABLE]


def test_a_repeat_gives_the_same_text_and_costs_nothing():
    env = Environment(CASE)
    first = env.step(order("CBC")).observation.results[0]
    again = env.step(order("full blood count")).observation.results[0]
    assert (again.outcome, again.text, again.cost) == (Outcome.DUPLICATE, first.text, 0)
    assert env.cost == 10


def test_a_panel_joins_its_components_word_for_word():
    env = Environment(CASE)
    env.step(order("Sodium"))
    panel = env.step(order("BMP")).observation.results[0]
    assert panel.outcome is Outcome.RESULT
    assert panel.text == "Sodium: 131 mmol/L\nPotassium: 5.9 mmol/L"
    assert (panel.name, panel.keys, panel.cost) == ("Basic metabolic panel", ("na", "k"), 6.0)
    assert env.step(order("potassium")).observation.results[0].outcome is Outcome.DUPLICATE


def test_the_tally_adds_costs_waits_for_the_slowest_and_keeps_the_worst_risk():
    env = Environment(CASE)
    assert (env.cost, env.turnaround_minutes, env.risk) == (0, 0, None)
    env.step(order("CBC", "Sodium"))
    assert (env.cost, env.turnaround_minutes, env.risk) == (15, 60, "none")
    env.step(order("Gastroscopy", "Zorbital index"))
    assert (env.cost, env.turnaround_minutes, env.risk) == (915, 1500, "moderate")
    assert (env.tally.results, env.tally.unpriced) == (4, 1)


def test_a_composite_order_counts_each_test():
    step = Environment(CASE).step(order("CBC, sodium and potassium", "gastroscopy"))
    assert [result.order for result in step.observation.results] == ["CBC", "sodium", "potassium"]
    assert step.observation.dropped == ("gastroscopy",)


def test_the_last_turn_takes_a_diagnosis_or_truncates():
    env = Environment(CASE, EnvironmentSettings(horizon=2))
    assert not env.must_diagnose
    env.step(None)
    assert env.must_diagnose
    late = env.step(order("CBC"))
    assert (late.terminated, late.truncated, late.info.event) == (False, True, StepEvent.LATE)
    assert late.observation.results == ()
    assert env.cost == 0
    env.reset()
    env.step(order("CBC"))
    final = env.step(FinalDiagnosis("Ulcer"))
    assert (final.terminated, final.truncated, env.diagnosis) == (True, False, "Ulcer")


def test_a_step_after_the_end_changes_nothing():
    env = Environment(CASE)
    env.step(FinalDiagnosis("Ulcer"))
    after = env.step(order("CBC"))
    assert (after.terminated, after.info.event, after.observation.results) == (True, StepEvent.ENDED, ())
    assert (env.turn, env.cost) == (2, 0)


def test_a_turn_that_could_not_be_read_costs_a_turn():
    env = Environment(CASE)
    step = env.step(None)
    assert (env.turn, step.info.event, step.observation) == (2, StepEvent.FORMAT, Observation("r2"))


def test_the_menu_is_hidden_unless_the_setting_shows_it():
    assert Environment(CASE).menu_names is None
    assert Environment(CASE, EnvironmentSettings(menu_visible=True)).menu_names[0] == "Complete blood count"


@pytest.mark.parametrize("wrong", [{"horizon": 0}, {"max_tests": 0}])
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError):
        EnvironmentSettings(**wrong)
