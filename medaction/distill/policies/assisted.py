"""A language model to which the knowledge graph offers candidates and tests: retrieval, and a model that chooses."""

from collections.abc import Sequence
from dataclasses import replace

from medaction.domain.prompt import Message
from medaction.inference.port import ChatModel

from .advice import Advice
from .assisted_prompt import CANDIDATES, TESTS, demand_diagnosis, render_assisted
from .chat import ChatPolicy, ChatSettings
from .kg import KgPolicy
from .policy import View

NAME = "assisted"
NOTE = "candidates and tests given by the knowledge graph"


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


class AssistedPolicy(ChatPolicy):
    """``model`` reads the short form; its turns are parsed, and repaired once, like any model's."""

    def __init__(self, model: ChatModel, prompt: AssistedPrompt, settings: ChatSettings | None = None) -> None:
        super().__init__(model, settings, render=prompt.render)

    @property
    def label(self) -> str:
        return f"{super().label} ({NOTE})"
