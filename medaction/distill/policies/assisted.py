"""A language model to which the knowledge graph offers candidates and tests: retrieval, and a model that chooses."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from medaction.domain.prompt import REPAIR_BEGINS, Message, list_dialogue
from medaction.inference.port import ChatModel, ChatRequest, Delta

from .advice import Advice
from .assisted_prompt import CANDIDATES, TESTS, demand_diagnosis, render_assisted
from .chat import ChatPolicy, ChatSettings
from .dialogue import read_dialogue
from .kg import KgPolicy
from .policy import View

NAME = "assisted"
NOTE = "candidates and tests given by the knowledge graph"
MOST_TOKENS = 700
"""Of an answer to a request that sets no bound."""


class AssistedPrompt:
    """Views and dialogues in the short form. Deterministic; a few milliseconds for each observation."""

    def __init__(self, graph_policy: KgPolicy) -> None:
        self._graph_policy = graph_policy

    def advise(self, view: View) -> list[Advice]:
        """What is offered after each observation of the view; one depends only on what came before it."""
        before = (replace(view, steps=view.steps[:count], must_diagnose=False) for count in range(len(view.steps) + 1))
        return [self._graph_policy.advise(part, CANDIDATES, TESTS) for part in before]

    def render(self, view: View) -> list[Message]:
        return self.render_with(view, self.advise(view), [step.reply.text for step in view.steps])

    def render_with(self, view: View, advice: Sequence[Advice], answers: Sequence[str]) -> list[Message]:
        messages = render_assisted(list(zip(view.observations, advice, strict=True)), answers)
        if view.must_diagnose:
            messages[-1] = demand_diagnosis(messages[-1])
        return messages

    def rewrite(self, messages: Sequence[Message]) -> list[Message]:
        """A dialogue in the ordinary form as one in the short form; what asks for an answer again stays at its end.

        Raises :class:`NotADialogueError`.
        """
        view = read_dialogue(messages)
        return [*self.render(view), *_asked_again(list_dialogue(messages))]


async def relay_assisted(model: ChatModel, prompt: AssistedPrompt, request: ChatRequest) -> AsyncGenerator[Delta, None]:
    """The answer of the model, asked in the short form. Raises :class:`NotADialogueError` and ``ModelError``."""
    messages = prompt.rewrite(request.messages)
    asked = replace(request, messages=messages, model=None, max_tokens=request.max_tokens or MOST_TOKENS)
    async with aclosing(model.stream(asked)) as deltas:
        async for delta in deltas:
            yield delta


def _asked_again(said: Sequence[Message]) -> list[Message]:
    """An unreadable last answer and the request for another."""
    again = len(said) > 2 and said[-1]["role"] == "user" and said[-1]["content"].startswith(REPAIR_BEGINS)
    return [message.copy() for message in said[-2:]] if again else []


class AssistedPolicy(ChatPolicy):
    """``model`` reads the short form; its turns are parsed, and repaired once, like any model's."""

    def __init__(self, model: ChatModel, prompt: AssistedPrompt, settings: ChatSettings | None = None) -> None:
        super().__init__(model, settings, render=prompt.render)

    @property
    def label(self) -> str:
        return f"{super().label} ({NOTE})"
