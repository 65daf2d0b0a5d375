"""Prompts only ever grow, and ask for exactly what the schema enforces."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medaction.domain.actions import TestOrder
from medaction.domain.environment import Environment, EnvironmentSettings
from medaction.domain.parser import parse_turn
from medaction.domain.prompt import EXAMPLE, LAST_TURN, list_dialogue, prompt_hash, render_messages, repair_message
from medaction.domain.transcript import TURN_SCHEMA, render_turn, turn_schema
from medaction.formats.teaching import load_teaching_cases
from tests.medaction.domain.strategies import MODEL_TEXTS, STEPS, TURNS, cases


def serialise(messages) -> str:
    """The bytes that a prefix cache sees, without the mark that ends the conversation."""
    return json.dumps(messages)[:-3]


@settings(max_examples=150, deadline=None)
@given(cases(), STEPS, st.data())
def test_a_later_prompt_begins_with_every_earlier_one(case, actions, data):
    env = Environment(case, EnvironmentSettings(horizon=9))
    menu = env.case.menu and [item.name for item in env.case.menu]
    first, history, earlier = env.reset(), [], ""
    for action in actions:
        now = serialise(render_messages(first, history, must_diagnose=env.must_diagnose, menu=menu))
        assert now.startswith(earlier)
        earlier = now
        history.append((data.draw(MODEL_TEXTS), env.step(action).observation))
    assert serialise(render_messages(first, history, must_diagnose=True, menu=menu)).startswith(earlier)


def test_the_prompt_in_full():
    case = load_teaching_cases()[0]
    env = Environment(case, EnvironmentSettings(horizon=3))
    first = env.reset()
    step = env.step(TestOrder((case.menu[0].name, "Zorbital index")))
    again = env.step(TestOrder((case.menu[0].name,)))
    messages = render_messages(
        first, [("one", step.observation), ("two", again.observation)], must_diagnose=env.must_diagnose
    )
    assert messages[1:3] == list(EXAMPLE)
    assert messages[0]["role"] == "system"
    messages = ["system", *list_dialogue(messages)]
    assert [message["role"] for message in messages[1:]] == ["user", "assistant", "user", "assistant", "user"]
    assert messages[1]["content"].startswith("[o1.1] ")
    assert messages[1]["content"].endswith("Turn 1.")
    name, text = case.menu[0].name, case.menu[0].result
    assert messages[3]["content"] == f"[r2.1] {name}: RESULT\n{text}\n[r2.2] Zorbital index: UNAVAILABLE\nTurn 2."
    assert messages[5]["content"] == f"[r3.1] {name}: DUPLICATE\n{text}\nTurn 3.\n{LAST_TURN}"


def test_the_prompt_says_what_was_not_done():
    case = load_teaching_cases()[0]
    env = Environment(case)
    first = env.reset()
    dropped = env.step(TestOrder(("CBC, BMP, CRP and ESR",))).observation
    unread = env.step(None).observation
    messages = render_messages(first, [("a", dropped), ("b", unread)], must_diagnose=False)
    contents = [message["content"] for message in list_dialogue(messages)]
    assert "Not done, over the limit of a turn: ESR." in contents[2]
    assert contents[4].startswith("No test was carried out")


def test_the_system_message_is_short():
    assert (
        len(render_messages(Environment(load_teaching_cases()[0]).reset(), [], must_diagnose=False)[0]["content"]) < 900
    )


def test_the_prompt_hash_is_stable():
    assert prompt_hash() == prompt_hash()
    assert len(prompt_hash()) == 64


def test_repair_names_what_was_wrong():
    assert "no JSON object" in repair_message(["NOT_JSON"])["content"]
    assert repair_message(["MALFORMED"])["content"].startswith("Your last answer could not be used. ")


@settings(max_examples=100)
@given(TURNS)
def test_a_written_turn_keeps_the_order_of_the_schema(turn):
    assert (
        list(json.loads(render_turn(turn)))
        == list(TURN_SCHEMA["properties"])
        == ["reasoning", "differential", "action"]
    )


def test_the_last_turn_can_only_be_a_diagnosis():
    assert turn_schema(must_diagnose=True)["properties"]["action"]["properties"]["type"] == {"const": "diagnose"}
    assert len(TURN_SCHEMA["properties"]["action"]["anyOf"]) == 2


def test_every_text_in_the_schema_is_bounded():
    def strings(node):
        if isinstance(node, dict):
            if node.get("type") == "string":
                yield node
            if node.get("type") == "array":
                assert node["maxItems"] <= 5
            for child in node.values():
                yield from strings(child)
        elif isinstance(node, list):
            for child in node:
                yield from strings(child)

    assert all(node["maxLength"] <= 320 for node in strings([TURN_SCHEMA, turn_schema(must_diagnose=True)]))


def test_the_example_is_a_turn_that_can_be_read():
    turn = parse_turn(EXAMPLE[1]["content"])
    assert turn.valid
    assert turn.problems == ()
    assert {cited for row in turn.differential for cited in (*row.supporting, *row.contradicting)} == {"o1.1", "o1.2"}


def test_only_what_was_shown_can_be_cited():
    item = turn_schema(False, ["o1.1", "r2.1"])["properties"]["differential"]["items"]["properties"]
    assert item["for"]["items"] == item["against"]["items"] == {"enum": ["o1.1", "r2.1"]}


def test_a_turn_without_an_action_cannot_be_written():
    with pytest.raises(ValueError, match="without an action"):
        render_turn(parse_turn("no JSON"))
