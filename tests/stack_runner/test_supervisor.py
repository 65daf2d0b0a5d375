"""One part under supervision: small programs that crash, hang, flood or refuse to stop."""

import asyncio
import sys
from pathlib import Path

import pytest

from medaction_site.stack import supervisor as module
from medaction_site.stack.console import Console
from medaction_site.stack.errors import StackError, Unhealthy
from medaction_site.stack.part import Part
from medaction_site.stack.supervisor import Supervisor


@pytest.fixture
def console(tmp_path: Path) -> Console:
    return Console(tmp_path, ["part"])


def supervise(console: Console, program: str, **options) -> Supervisor:
    part = Part("part", (sys.executable, "-u", "-c", program), **options)
    return Supervisor(part, environment={}, console=console, on_change=lambda: None)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Back-off without the waiting; the rules about counts stay."""
    sleep = asyncio.sleep
    monkeypatch.setattr(module.asyncio, "sleep", lambda seconds: sleep(min(seconds, 0.01)))


@pytest.mark.usefixtures("quick")
async def test_part_that_never_gets_ready_gives_up_after_three_starts(console: Console, tmp_path: Path) -> None:
    def never() -> None:
        raise Unhealthy("not yet")

    crashing = supervise(console, "print('disk is full'); raise SystemExit(3)", ready=never)
    with pytest.raises(StackError, match="part cannot run: disk is full"):
        await crashing.run()
    assert (tmp_path / "part.log").read_text().count("disk is full") == 3
    assert "exit code 3" in (tmp_path / "stack.log").read_text()


@pytest.mark.usefixtures("quick")
async def test_vital_part_gives_up_after_five_starts_a_minute(console: Console, tmp_path: Path) -> None:
    crashing = supervise(console, "import time; print('up'); time.sleep(.2)", vital=True)
    with pytest.raises(StackError, match="part cannot run"):
        await crashing.run()
    assert (tmp_path / "part.log").read_text().count("up") == 5


async def test_missing_program_is_said_in_one_line(console: Console) -> None:
    part = Supervisor(Part("part", ("no-such-program",)), environment={}, console=console, on_change=lambda: None)
    with pytest.raises(StackError, match="part cannot be started"):
        await part.run()


async def has_said(console: Console, text: str) -> None:
    while console.last_line("part") != text:  # noqa: ASYNC110 - another process says it
        await asyncio.sleep(0.02)


async def test_part_that_ignores_the_request_to_stop_is_killed(console: Console) -> None:
    stubborn = supervise(
        console,
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up'); time.sleep(60)",
        stop_seconds=0.3,
    )
    task = asyncio.create_task(stubborn.run())
    async with asyncio.timeout(10):
        await has_said(console, "up")
        process = stubborn.process
        await stubborn.stop()
        await task
    assert process is not None
    assert not process.is_alive()


async def test_part_that_stops_answering_is_restarted(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WATCH_SECONDS", 0.02)
    answers = iter([True] * 3 + [False] * module.MAX_MISSED_CHECKS + [True] * 10_000)

    def alive() -> None:
        if not next(answers):
            raise Unhealthy("no answer")

    hanging = supervise(console, "import time; time.sleep(60)", alive=alive)
    task = asyncio.create_task(hanging.run())
    seen = set()
    async with asyncio.timeout(20):
        while len(seen) < 2:
            await asyncio.sleep(0.02)
            if hanging.process is not None:
                seen.add(hanging.process.pid)
        await hanging.stop()
        await task


async def test_a_line_longer_than_the_buffer_does_not_stop_the_reading(console: Console, tmp_path: Path) -> None:
    flood = supervise(console, "print('x' * 3_000_000); print('after')")
    await flood.run_to_end(b"")
    assert console.last_line("part") == "after"
    assert (tmp_path / "part.log").stat().st_size < 3_000_000


async def test_step_reads_its_input_and_its_failure_is_said(console: Console) -> None:
    step = supervise(console, "import sys; print(sys.stdin.read() == 'secret'); sys.exit(2)")
    with pytest.raises(StackError, match=r"part failed \(exit code 2\): True"):
        await step.run_to_end(b"secret")
