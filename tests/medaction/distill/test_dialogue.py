"""A view out of messages is the view that was rendered."""

import pytest

from medaction.distill.episode import run_episode
from medaction.distill.policies import open_policy
from medaction.distill.policies.dialogue import NotADialogueError, read_dialogue
from medaction.distill.policies.kg import KgPolicy
from medaction.domain.environment import Environment
from medaction.domain.prompt import render_messages
from tests.medaction.distill.small_cases import make_case


async def test_a_served_policy_says_what_it_says_in_place(policy: KgPolicy) -> None:
    case = make_case()
    episode = await run_episode(case, policy)
    first = Environment(case).reset()
    history: list[tuple[str, object]] = []
    for number, step in enumerate(episode.view.steps):
        messages = render_messages(first, history, must_diagnose=number == 4)  # type: ignore[arg-type]
        view = read_dialogue(messages)
        assert view.must_diagnose == (number == 4)
        assert policy.decide(view).text == step.reply.text
        history.append((step.reply.text, step.observation))


def test_plain_text_is_a_case(policy: KgPolicy) -> None:
    view = read_dialogue([{"role": "user", "content": "A 30-year-old man has fever and cough."}])
    assert policy.decide(view).turn.valid


@pytest.mark.parametrize("messages", [[], [{"role": "system", "content": "x"}], [{"role": "user", "content": " "}]])
def test_no_case_is_an_error(messages: list[dict[str, str]]) -> None:
    with pytest.raises(NotADialogueError):
        read_dialogue(messages)  # type: ignore[arg-type]


async def test_a_script_goes_through_the_same_port() -> None:
    episode = await run_episode(make_case(), open_policy("scripted:walk@0", lambda: pytest.fail("no graph is needed")))
    assert episode.turns >= 1
    assert episode.diagnosis or episode.format_failures


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match="no policy 'oracle'"):
        open_policy("oracle", lambda: pytest.fail("no graph is needed"))
