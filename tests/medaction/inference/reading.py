"""Reading an answer to its end, as text and outcome."""

from __future__ import annotations

from medaction.inference.errors import ErrorCode, ModelError
from medaction.inference.port import ChatModel, ChatRequest, Message, Usage

MESSAGES: list[Message] = [
    {"role": "system", "content": "Answer with a turn."},
    {
        "role": "user",
        "content": "[o1.1] A 35-year-old woman has double vision.\n[o1.2] It is better after rest.\nTurn 2.",
    },
]


class Reading:
    """What came: `text`, `finish_reason`, `usage`, and `error` if the answer failed."""

    def __init__(self) -> None:
        self.text = ""
        self.finish_reason: str | None = None
        self.usage: Usage | None = None
        self.error: ModelError | None = None

    @property
    def code(self) -> ErrorCode | None:
        return self.error.code if self.error else None


async def read(model: ChatModel, request: ChatRequest | None = None) -> Reading:
    reading = Reading()
    try:
        async for delta in model.stream(request or ChatRequest(messages=MESSAGES)):
            reading.text += delta.text
            reading.finish_reason = delta.finish_reason or reading.finish_reason
            reading.usage = delta.usage or reading.usage
    except ModelError as error:
        reading.error = error
    return reading
