"""A language model as a policy: the dialogue is rendered, the answer parsed, and repaired once when unreadable."""

from dataclasses import dataclass

from medaction.domain.parser import parse_turn
from medaction.domain.prompt import Message, render_messages, repair_message
from medaction.domain.transcript import turn_schema
from medaction.inference.port import ChatModel, ChatRequest

from .policy import Reply, View


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """``constrained``: ask the server to hold its answer to the turn's JSON schema."""

    max_tokens: int = 700
    temperature: float = 0.0
    seed: int = 0
    constrained: bool = True


class ChatPolicy:
    """Any :class:`ChatModel`, a scripted one too."""

    def __init__(self, model: ChatModel, settings: ChatSettings | None = None) -> None:
        self._model = model
        self._settings = settings or ChatSettings()

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def label(self) -> str:
        return self._model.label

    async def answer(self, view: View) -> Reply:
        history = [(step.reply.text, step.observation) for step in view.steps]
        messages = render_messages(view.first, history, must_diagnose=view.must_diagnose, menu=view.menu)
        reply = await self._ask(messages, view)
        if reply.turn.valid:
            return reply
        again: list[Message] = [{"role": "assistant", "content": reply.text}, repair_message(reply.turn.problems)]
        repaired = await self._ask([*messages, *again], view)
        return repaired if repaired.turn.valid else reply

    async def _ask(self, messages: list[Message], view: View) -> Reply:
        citable = [cited for observation in view.observations for cited in observation.citable_ids]
        schema = turn_schema(view.must_diagnose, citable) if self._settings.constrained else None
        request = ChatRequest(
            messages=messages,
            max_tokens=self._settings.max_tokens,
            temperature=self._settings.temperature,
            seed=self._settings.seed,
            json_schema=schema,
        )
        pieces = [delta.text async for delta in self._model.stream(request)]
        text = "".join(pieces)
        return Reply(parse_turn(text, must_diagnose=view.must_diagnose), text)

    async def aclose(self) -> None:
        await self._model.aclose()
