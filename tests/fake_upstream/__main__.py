"""`python -m tests.fake_upstream --port 0`: prints one JSON line with the address, serves until SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys

from tests.fake_upstream.modes import ALIASES, MODES
from tests.fake_upstream.server import FakeUpstream, answer_from


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fake_upstream", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--mode", default="normal", choices=[*MODES, *ALIASES])
    parser.add_argument("--tokens", type=int, default=120, help="words in an answer")
    parser.add_argument("--tps", type=float, default=50.0, help="tokens a second and stream; 0: at once")
    parser.add_argument("--shape", default="turn", choices=["turn", "lorem", "stamps", "empty"])
    parser.add_argument("--after", type=int, default=10, help="tokens before a fault")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before the first byte")
    parser.add_argument("--api-key", default="", help="answer 401 to any other key")
    parser.add_argument("--model", action="append", default=[], help="a name to list beside “fake”")
    parser.add_argument("--with-parent", action="store_true", help="end when the parent process does")
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    fields = {key: getattr(arguments, key) for key in ("tokens", "tps", "shape", "after", "delay")}
    fake = FakeUpstream(host=arguments.host, port=arguments.port, api_key=arguments.api_key, models=arguments.model)
    fake.default = answer_from(fields | {"mode": arguments.mode}, fake.default)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with fake as upstream:
        sys.stdout.write(json.dumps({"url": upstream.url, "port": upstream.port, "pid": os.getpid()}) + "\n")
        sys.stdout.flush()
        parent = os.getppid()
        while not stop.is_set() and (not arguments.with_parent or os.getppid() == parent):
            try:
                await asyncio.wait_for(stop.wait(), timeout=1)
            except TimeoutError:
                continue


asyncio.run(_serve(_arguments()))
