"""The model by rote behind OpenAI's chat completions, in a thread of its own."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from .clinician import USAGE, reply


@contextmanager
def serving() -> Iterator[tuple[str, list[dict]]]:
    """The address, and every request's body as it comes."""
    bodies: list[dict] = []
    loop = asyncio.new_event_loop()
    address: list[str] = []
    ready = threading.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        body = await request.json()
        bodies.append(body)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        shape = {"id": "rote", "object": "chat.completion.chunk", "created": 1, "model": "rote"}
        for choices, more in (
            ([{"index": 0, "delta": {"role": "assistant", "content": reply(body["messages"])}}], {}),
            ([{"index": 0, "delta": {}, "finish_reason": "stop"}], {}),
            ([], {"usage": {**USAGE, "total_tokens": sum(USAGE.values())}}),
        ):
            event = json.dumps({**shape, "choices": choices, **more})
            await response.write(f"data: {event}\n\n".encode())
        await response.write(b"data: [DONE]\n\n")
        return response

    async def start() -> web.AppRunner:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        address.append(f"http://{host}:{port}/v1")
        return runner

    def work() -> None:
        asyncio.set_event_loop(loop)
        runner = loop.run_until_complete(start())
        ready.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield address[0], bodies
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
