"""P1: what the whole stack adds to the time to the first words, while 50 other answers are being written.

A probe presses Watch (POST, redirect, page, event stream), Stop at the first words, then Retry (POST, whose answer
holds the new live turn; Celery; Redis; event stream). The aims are for Retry, which is the path that quality.md names;
Watch, with its whole page, stands beside it. Another probe asks the upstream directly, with 50 direct streams live.
Each answer to Retry is compared with what the upstream said, part by part.
"""

import asyncio

from benchmarks.context import TPS, Context
from benchmarks.direct import Direct
from benchmarks.load import start_gently
from benchmarks.numbers import Figure, percentile
from benchmarks.report import Row
from benchmarks.stream import Stream
from medaction.domain.parser import TurnParser
from tests.fake_upstream import expected_text

BACKGROUND = 50
PROBES = 30
PROBE_TOKENS = 150
GAP_SECONDS = 0.2
BURST_TOKENS = 500
Delays = list[float]


async def measure_p1(context: Context) -> tuple[list[Row], list[str]]:
    retry: list[Delays] = []
    watch: list[Delays] = []
    direct: list[Delays] = []
    wrong = 0
    for run in range(context.runs):
        watched, retried = await _probe(context)
        wrong += _count_wrong(context, retried)
        watch.append(_delays(watched))
        retry.append(_delays(retried))
        direct.append(_delays(await _probe_directly(context)))
        context.say(f"P1 run {run + 1}: first words {percentile(retry[-1], 0.5):.0f} ms after Retry")

    def added(share: float) -> Figure:
        pairs = zip(retry, direct, strict=True)
        return Figure.of([percentile(ours, share) - percentile(theirs, share) for ours, theirs in pairs])

    def plain(runs: list[Delays], share: float) -> Figure:
        return Figure.of([percentile(run, share) for run in runs])

    rows = [
        Row("P1", f"added to the first words, {BACKGROUND} streams, p50", added(0.50), "ms", 40),
        Row("P1", f"added to the first words, {BACKGROUND} streams, p99", added(0.99), "ms", 150),
        Row("P1", "  Retry to first words, p50", plain(retry, 0.50), "ms"),
        Row("P1", "  Watch to first words, with its page, p50", plain(watch, 0.50), "ms"),
        Row("P1", "  the upstream read directly, p50", plain(direct, 0.50), "ms"),
        Row("P1", "answers unlike the upstream's text", Figure.of([wrong]), "answers", 0),
    ]
    if not context.quick:
        burst = await _burst(context)
        rows.append(
            Row("P1", f"  {BACKGROUND} people press Watch at once, p50", Figure.of([percentile(burst, 0.5)]), "ms")
        )
    return rows, []


async def _probe(context: Context) -> tuple[list[Stream], list[Stream]]:
    seconds = BACKGROUND * context.seconds_per_start + PROBES * GAP_SECONDS + 2
    context.answer(shape="stamps", tokens=int(seconds * TPS), tps=TPS)
    background = [Stream() for _ in range(BACKGROUND)]
    tasks = await context.start(background)
    context.answer(shape="turn", tokens=PROBE_TOKENS)
    watched = [Stream() for _ in range(PROBES)]
    retried = [Stream() for _ in range(PROBES)]
    for first, second in zip(watched, retried, strict=True):
        tasks.append(asyncio.create_task(_watch_stop_retry(context, first, second)))
        await asyncio.sleep(GAP_SECONDS)
    if early := sum(bool(stream.ended_at) for stream in background):
        context.say(f"P1: {early} of {BACKGROUND} streams had ended before the last probe")
    await asyncio.gather(*tasks)
    return watched, retried


async def _watch_stop_retry(context: Context, first: Stream, second: Stream) -> None:
    job = await context.visitor.watch(first, stop_at_first=True)
    if first.state != "CANCELLED":
        raise RuntimeError(f"Stop came too late: the answer was {first.state}")
    await context.visitor.retry(job, second)


async def _probe_directly(context: Context) -> list[Stream]:
    context.answer(shape="stamps", tokens=int((PROBES * GAP_SECONDS / 2 + 1) * TPS), tps=TPS)
    async with Direct(context.upstream.url) as reader:
        tasks = await start_gently([Stream() for _ in range(BACKGROUND)], reader.watch, BACKGROUND)
        context.answer(shape="turn", tokens=PROBE_TOKENS)
        probes = [Stream() for _ in range(PROBES)]
        for probe in probes:
            tasks.append(asyncio.create_task(reader.watch(probe)))
            await asyncio.sleep(GAP_SECONDS / 2)
        await asyncio.gather(*tasks)
    return probes


async def _burst(context: Context) -> Delays:
    context.answer(shape="turn", tokens=BURST_TOKENS)
    streams = [Stream() for _ in range(BACKGROUND)]
    await asyncio.gather(*(context.visitor.watch(stream) for stream in streams))
    return _delays(streams)


def _delays(streams: list[Stream]) -> Delays:
    return [(stream.first_at - stream.asked_at) * 1e3 for stream in streams]


def _count_wrong(context: Context, streams: list[Stream]) -> int:
    """Answers whose parts are not those of the text that the upstream sent for the app's own request."""
    messages = context.upstream.log()[-1]["body"]["messages"]
    parser = TurnParser(must_diagnose=True)
    parser.feed(expected_text(messages, tokens=PROBE_TOKENS, shape="turn"))
    parser.finish()
    expected = {part.path: part.text for part in parser.parts()}
    return sum(stream.parts != expected or stream.state != "SUCCEEDED" for stream in streams)
