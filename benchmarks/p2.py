"""P2: how many streams one core holds without loss, and how late a word is. P3: what 1,000 words cost.

A word's delay is from the upstream's send to the load's receipt. The app does everything it does in earnest: claims,
checkpoints and commits in PostgreSQL, the parser, the log in Valkey, the event stream.
"""

from benchmarks.channels import measure_channels
from benchmarks.context import TPS, Context
from benchmarks.direct import Direct
from benchmarks.load import SETTLE_SECONDS, WINDOW_SECONDS, Level, TooShortError, measure, start_gently
from benchmarks.numbers import Figure
from benchmarks.report import Row
from benchmarks.stream import Stream

LOOK = SETTLE_SECONDS + WINDOW_SECONDS + 1.5
Runs = dict[tuple[str, int], list[Level]]
OURS, DIRECT = "app", "direct"
CHANNELS = {"core": "Channels, group_send", "pubsub": "Channels, group_send, pub/sub layer"}


async def measure_p2(context: Context) -> Runs:
    """Levels by path and number of streams; P3 reads the same runs."""
    runs: Runs = {}
    plan = _quick_plan() if context.quick else _plan()
    for path, streams, times in plan:
        for _ in range(times):
            found = await _one(context, path, streams)
            runs.setdefault((path, streams), []).append(found)
        context.say(f"P2 {path}, {streams} streams: p99 {found.p99:.0f} ms, lost {found.lost} of {found.expected}")
    return runs


def p2_rows(runs: Runs) -> list[Row]:
    rows = []
    for (path, streams), levels in runs.items():
        aimed = path == OURS and streams == 100
        what = f"{_label(path)}, {streams} streams"
        late = Figure.of([level.p99 for level in levels])
        rows += [
            Row("P2", f"{what}: words lost", _percent(levels), "%", 0 if path == OURS and streams <= 100 else None),
            Row("P2", f"{what}: delay p50", Figure.of([level.p50 for level in levels]), "ms"),
            Row("P2", f"{what}: delay p99", late, "ms", 250 if aimed else None),
        ]
    return rows


def p3_rows(runs: Runs) -> list[Row]:
    """At the largest number of streams that every path was given and ours and Channels both carried in full."""
    rows = []
    streams = max(count for path, count in runs if path == OURS and ("pubsub", count) in runs and count <= 50)
    ours = runs[OURS, streams]
    total = Figure.of([level.cpu_total for level in ours])
    rows.append(Row("P3", f"CPU for 1,000 words, {streams} streams, all processes", total, "ms", 200))
    for part in ours[0].cpu:
        rows.append(Row("P3", f"  {part}", Figure.of([level.cpu[part] for level in ours]), "ms"))
    for layer, label in CHANNELS.items():
        if (layer, streams) not in runs:
            continue
        theirs = Figure.of([level.cpu_total for level in runs[layer, streams]])
        rows.append(Row("P3", f"  {label}, all processes", theirs, "ms"))
        aim = 15 if layer == "core" else None
        share = Figure(theirs.median / total.median, theirs.median / total.worst, total.runs)
        rows.append(Row("P3", f"  {label}: times our CPU", share, "×", aim, more_is_better=True))
    return rows


def _plan() -> list[tuple[str, int, int]]:
    ours = [(OURS, 10, 3), (OURS, 50, 5), (OURS, 100, 5), (OURS, 150, 3)]
    return [*ours, (DIRECT, 100, 3), ("core", 10, 3), ("core", 50, 5), ("pubsub", 50, 5)]


def _quick_plan() -> list[tuple[str, int, int]]:
    return [(OURS, 50, 1), (OURS, 100, 1), (DIRECT, 100, 1), ("core", 50, 1), ("pubsub", 50, 1)]


async def _one(context: Context, path: str, streams: int) -> Level:
    tokens = int(LOOK * TPS)
    if path in CHANNELS:
        context.answer(shape="stamps", tokens=tokens, tps=TPS)
        return await measure_channels(
            context.app, context.upstream.url, layer=path, streams=streams, tokens=tokens, tps=TPS
        )
    found = [Stream() for _ in range(streams)]
    if path == DIRECT:
        context.answer(shape="stamps", tokens=tokens, tps=TPS)
        async with Direct(context.upstream.url) as reader:
            return await measure(found, await start_gently(found, reader.watch), dict, tokens=tokens)
    while True:
        tokens = int((LOOK + streams * context.seconds_per_start) * TPS)
        context.answer(shape="stamps", tokens=tokens, tps=TPS)
        tasks = await context.start(found)
        try:
            return await measure(found, tasks, context.cpu, tokens=tokens)
        except TooShortError:
            context.seconds_per_start *= 1.5
            found = [Stream() for _ in range(streams)]


def _percent(levels: list[Level]) -> Figure:
    return Figure.of([level.loss * 100 for level in levels])


def _label(path: str) -> str:
    return {OURS: "the app", DIRECT: "the upstream directly", **CHANNELS}[path]
