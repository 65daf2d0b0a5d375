"""The short form: what the graph offers, that it only grows at the end, and that the model's choice is its own."""

import json
from dataclasses import replace
from itertools import pairwise

from medaction.distill.episode import run_episode
from medaction.distill.policies.advice import Advice, Candidate, Clue
from medaction.distill.policies.assisted import AssistedPolicy, AssistedPrompt
from medaction.distill.policies.assisted_prompt import (
    CANDIDATES,
    TESTS,
    UNCHANGED,
    assisted_prompt_hash,
    is_offered,
    render_assisted,
    shorten_turn,
)
from medaction.distill.policies.chat import ChatSettings, render_view
from medaction.distill.policies.dialogue import read_dialogue
from medaction.distill.policies.kg import KgPolicy
from medaction.distill.policies.policy import View
from medaction.domain.actions import FinalDiagnosis, Hypothesis, TestOrder, Turn
from medaction.domain.environment import Environment
from medaction.domain.observation import Observation, Outcome, Segment, TestResult
from medaction.domain.parser import parse_turn
from medaction.domain.prompt import LAST_TURN, prompt_hash
from medaction.inference.openai_compatible import OpenAICompatibleModel
from tests.fake_upstream import Answer, FakeUpstream
from tests.medaction.distill.small_cases import make_case

GOUT = Candidate("Gout", 0.6, (Clue("joint pain", "o1.1"),), (Clue("no fever", "o1.2"),))
SEPSIS = Candidate("Septic arthritis", 0.2, (), ())
ADVICE = Advice((GOUT, SEPSIS), ("Joint fluid analysis", "Uric acid"))
FIRST = Observation("o1", segments=(Segment("o1.1", "A man has a painful toe."), Segment("o1.2", "No fever.")))


async def test_the_messages_of_a_later_turn_begin_with_those_of_the_earlier_one(policy: KgPolicy) -> None:
    prompt = AssistedPrompt(policy)
    view = (await run_episode(make_case(), policy)).view
    parts = [replace(view, steps=view.steps[:count]) for count in range(len(view.steps))]
    rendered = [prompt.render(part) for part in parts]
    assert len(rendered) > 1
    for earlier, later in pairwise(rendered):
        assert later[: len(earlier)] == earlier
    last = prompt.render(replace(parts[-1], must_diagnose=True))
    assert [*last[:-1], {"role": "user", "content": last[-1]["content"].removesuffix(f"\n{LAST_TURN}")}] == rendered[-1]


async def test_what_is_offered_is_what_the_policy_holds(policy: KgPolicy) -> None:
    view = View(Environment(make_case()).reset())
    advice = policy.advise(view, CANDIDATES, TESTS)
    turn = policy.decide(view).turn
    assert [one.name for one in advice.candidates][:2] == [one.dx for one in turn.differential][:2]
    assert isinstance(turn.action, TestOrder)
    assert advice.tests[: len(turn.action.tests)] == turn.action.tests
    assert is_offered(turn, advice)
    shown = AssistedPrompt(policy).render(view)[-1]["content"]
    assert all(name in shown for name in (*advice.tests, *(one.name for one in advice.candidates)))


async def test_a_dialogue_of_the_app_is_put_like_the_view_behind_it(policy: KgPolicy) -> None:
    prompt = AssistedPrompt(policy)
    view = (await run_episode(make_case(), policy)).view
    view = replace(view, steps=view.steps[:1], must_diagnose=True)
    assert prompt.render(read_dialogue(render_view(view))) == prompt.render(view)


def test_an_observation_that_changes_nothing_says_so() -> None:
    second = Observation("r2", results=(TestResult("r2.1", "Uric acid", Outcome.UNAVAILABLE),))
    messages = render_assisted([(FIRST, ADVICE), (second, replace(ADVICE, tests=()))], ["{}"])
    first, last = messages[1]["content"], messages[-1]["content"]
    assert "Candidates: Gout 0.60 (+ joint pain [o1.1], - no fever [o1.2]); Septic arthritis 0.20" in first
    assert last == f"UNAVAILABLE: Uric acid\n{UNCHANGED}\nTests: none"


def test_a_long_passage_is_cut_and_says_so() -> None:
    told = Observation("o1", segments=(Segment("o1.1", "pain " * 100),))
    line = render_assisted([(told, ADVICE)], [])[1]["content"].split("\n")[0]
    assert line.endswith("pain …")
    assert len(line) < 200


def test_a_turn_keeps_its_own_choice_and_what_was_offered_for_it() -> None:
    turn = Turn(
        "Long.",
        (Hypothesis("Septic arthritis", 0.5), Hypothesis("Gout", 0.3), Hypothesis("Malaria", 0.1)),
        TestOrder(("Uric acid",)),
    )
    short = parse_turn(shorten_turn(turn, ADVICE))
    assert short.valid
    assert [(h.dx, h.p, h.supporting, h.contradicting) for h in short.differential] == [
        ("Septic arthritis", 0.5, (), ()),
        ("Gout", 0.3, ("o1.1",), ("o1.2",)),
    ]
    assert short.reasoning == "Septic arthritis leads. Uric acid next."
    assert is_offered(turn, ADVICE)


def test_what_was_not_offered_is_not_for_learning() -> None:
    pair = (Hypothesis("Gout", 0.5), Hypothesis("Septic arthritis", 0.3))
    assert not is_offered(Turn("", pair, TestOrder(("MRI foot",))), ADVICE)
    assert not is_offered(Turn("", pair, FinalDiagnosis("Plague")), ADVICE)
    assert not is_offered(Turn("", pair[:1], FinalDiagnosis("Gout")), ADVICE)
    assert not is_offered(Turn("", (Hypothesis("Plague", 0.5), *pair), FinalDiagnosis("Gout")), ADVICE)


async def test_a_model_is_asked_in_the_short_form_with_its_schema_or_without(policy: KgPolicy) -> None:
    view = View(Environment(make_case()).reset())
    prompt = AssistedPrompt(policy)
    async with FakeUpstream(Answer(tps=0, tokens=30)) as upstream:
        for constrained in (True, False):
            model = OpenAICompatibleModel(base_url=upstream.url, name="fake")
            assisted = AssistedPolicy(model, prompt, ChatSettings(constrained=constrained))
            assert (await assisted.answer(view)).turn.valid
            assert "given by the knowledge graph" in assisted.label
            await assisted.aclose()
    assert [json.loads(json.dumps(record.body["messages"])) for record in upstream.log] == [prompt.render(view)] * 2
    assert ["response_format" in record.body for record in upstream.log] == [True, False]


def test_the_prompt_has_a_hash_of_its_own() -> None:
    assert assisted_prompt_hash() != prompt_hash()
