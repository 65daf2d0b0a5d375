"""The same load through Channels: server and producer on the app's core, the app's Valkey, a WebSocket a stream."""

import asyncio
import os
import socket
import sys
import time

import aiohttp

from benchmarks.account import cpu_seconds, difference
from benchmarks.app import App
from benchmarks.load import SETTLE_SECONDS, WINDOW_SECONDS, Level, level
from benchmarks.processes import process, wait_until
from benchmarks.stream import Stream

OVERTIME_SECONDS = 4.0
START_SECONDS = 20.0


async def measure_channels(app: App, upstream: str, *, layer: str, streams: int, tokens: int, tps: float) -> Level:
    """One run. What has not arrived some seconds after the upstream's last token counts as lost."""
    environment = {**os.environ, "REDIS_URL": app.environment["REDIS_URL"], "CHANNEL_LAYER": layer}
    port = _free_port()
    server = [sys.executable, "-m", "uvicorn", "benchmarks.channels_server:application", "--log-level", "warning"]
    with process([*server, "--port", str(port)], environment) as web:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
            if not await wait_until(lambda: _answers(port), seconds=START_SECONDS, every=0.1):
                raise RuntimeError("the Channels server did not start")
            found = [Stream() for _ in range(streams)]
            sockets = [await http.ws_connect(f"ws://127.0.0.1:{port}/{number}/") for number in range(streams)]
            readers = [
                asyncio.create_task(_read(websocket, stream)) for websocket, stream in zip(sockets, found, strict=True)
            ]
            producer = [sys.executable, "-m", "benchmarks.channels_producer", upstream, str(streams)]
            with process(producer, environment) as worker:
                pids = {"channels server": web.pid, "producer": worker.pid, "valkey": app.pids["valkey"]}
                if not await wait_until(lambda: any(stream.first_at for stream in found), seconds=START_SECONDS):
                    raise RuntimeError("the Channels producer sent nothing")
                begun = time.monotonic()
                await asyncio.sleep(SETTLE_SECONDS)
                start, before = time.monotonic(), cpu_seconds(pids)
                await asyncio.sleep(WINDOW_SECONDS)
                stop, used = time.monotonic(), difference(cpu_seconds(pids), before)
                await wait_until(
                    lambda: all(len(stream.arrivals) >= tokens for stream in found),
                    seconds=begun + tokens / tps + OVERTIME_SECONDS - time.monotonic(),
                    every=0.1,
                )
            for reader in readers:
                reader.cancel()
            await asyncio.gather(*readers, return_exceptions=True)
    return level(found, start, stop, used, tokens=tokens)


async def _read(websocket: aiohttp.ClientWebSocketResponse, stream: Stream) -> None:
    async for message in websocket:
        stream.take_parts([["reasoning", message.data]])


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
