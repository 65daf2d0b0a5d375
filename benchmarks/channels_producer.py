"""The reference's worker: reads N answers from the upstream, as our worker does, and sends each token to its group.

`python -m benchmarks.channels_producer UPSTREAM N` in the environment of `channels_server`.
"""

import asyncio
import sys

from channels.layers import get_channel_layer

from benchmarks.channels_server import configure
from benchmarks.direct import MESSAGES
from medaction.inference.openai_compatible import OpenAICompatibleModel
from medaction.inference.port import ChatRequest


async def produce(url: str, streams: int) -> None:
    layer = get_channel_layer()
    model = OpenAICompatibleModel(base_url=url, name="fake")

    async def one(number: int) -> None:
        async for delta in model.stream(ChatRequest(MESSAGES)):
            if delta.text:
                await layer.group_send(f"stream-{number}", {"type": "token", "text": delta.text})

    await asyncio.gather(*(one(number) for number in range(streams)))
    await model.aclose()


if __name__ == "__main__":
    if not hasattr(sys.modules["benchmarks.channels_server"], "application"):
        configure()
    asyncio.run(produce(sys.argv[1], int(sys.argv[2])))
