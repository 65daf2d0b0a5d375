"""Bring every part up in order, say where to look, wait, and take everything down again."""

import asyncio
import contextlib
import os
import secrets
import signal
import time
from collections.abc import Coroutine, Iterable
from typing import Any

from medaction.distill import KG_LABEL
from medaction.inference.weights import label_for

from .console import Console
from .errors import StackError
from .home import Home
from .part import Part
from .plan import USER, Plan
from .processes import ProcessId
from .record import Record
from .supervisor import Supervisor

# No letters or digits that look alike.
PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105
# One Ctrl-C may arrive twice: from the terminal, and from what started us.
SAME_KEY_PRESS_SECONDS = 1.0


class Stack:
    def __init__(self, home: Home, plan: Plan) -> None:
        self._home = home
        self._plan = plan
        self._console = Console(home.logs, plan.names())
        self._record = Record(ProcessId.of(os.getpid()), plan.address, environment=plan.environment)
        self._parts: dict[str, Supervisor] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._end: asyncio.Future[None]
        self._asked_at = 0.0

    async def run(self) -> None:
        """Return after Ctrl-C or SIGTERM. Raises `StackError` when a part that everything needs cannot run."""
        loop = asyncio.get_running_loop()
        self._end = loop.create_future()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # `nohup make demo` wants to outlive its terminal.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                loop.add_signal_handler(number, self._asked_to_stop)
        self._keep(self._bring_up())
        try:
            await self._end
        finally:
            await self._take_down()

    async def _bring_up(self) -> None:
        plan = self._plan
        services = [self._start(part) for part in plan.services]
        await _all_ready(part for part in services if part.part.vital)
        password = "-".join("".join(secrets.choice(PASSWORD_LETTERS) for _ in range(4)) for _ in range(3))
        # Through a pipe: it must show neither in a log nor in ``ps``.
        await self._make(plan.step).run_to_end(f"{password}\n".encode())
        await _all_ready([self._start(part) for part in plan.site])
        for part in plan.late:
            self._start(part)
        self._console.box(self._summary(password))

    def _summary(self, password: str) -> list[str]:
        assisted = self._plan.environment.get("ASSISTED_MODEL", "")
        lines = [
            "MedAction is ready.",
            "",
            f"Open       {self._plan.address}",
            f"User       {USER}",
            f"Password   {password}   (new at every start)",
        ]
        if self._plan.admin:
            lines.append(f"Admin      {self._plan.address}admin/   user {self._plan.admin}, same password")
        return [
            *lines,
            f"Models     {' · '.join(filter(None, (KG_LABEL, label_for(assisted), self._plan.model)))}",
            "",
            "For education and research on published or synthetic cases. Not for patient care.",
            f"Stop with Ctrl-C. Logs are in {self._home.logs}.",
        ]

    def _start(self, part: Part) -> Supervisor:
        supervisor = self._make(part)
        self._keep(supervisor.run())
        return supervisor

    def _make(self, part: Part) -> Supervisor:
        supervisor = Supervisor(
            part, environment=self._plan.environment, console=self._console, on_change=self._write_record
        )
        supervisor.others = self._parts
        self._parts[part.name] = supervisor
        return supervisor

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) and not self._end.done():
            self._end.set_exception(error)

    def _asked_to_stop(self) -> None:
        now = time.monotonic()
        if not self._end.done():
            self._console.say("Stopping.")
            self._end.set_result(None)
            self._asked_at = now
        elif now - self._asked_at > SAME_KEY_PRESS_SECONDS:  # asked again: no more patience
            for part in self._parts.values():
                if part.process is not None:
                    part.process.send(signal.SIGKILL)

    async def _take_down(self) -> None:
        """What uses the services ends first; whatever happens, no process is left."""
        try:
            names = {part.name for part in self._plan.services if part.vital}
            await self._stop(part for name, part in self._parts.items() if name not in names)
            await self._stop(part for name, part in self._parts.items() if name in names)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        self._record = Record()
        self._write_record()

    async def _stop(self, parts: Iterable[Supervisor]) -> None:
        await asyncio.gather(*(part.stop() for part in parts))

    def _write_record(self) -> None:
        self._record.parts = {name: part.process for name, part in self._parts.items() if part.process is not None}
        self._record.ready = [name for name, part in self._parts.items() if part.ready.is_set()]
        with contextlib.suppress(OSError):  # a full disk must not end what still runs
            self._record.write(self._home.record)


async def _all_ready(parts: Iterable[Supervisor]) -> None:
    await asyncio.gather(*(part.ready.wait() for part in parts))


def run_stack(home: Home, plan: Plan) -> None:
    """Raises `StackError`."""
    try:
        asyncio.run(Stack(home, plan).run())
    except OSError as error:
        raise StackError(f"The stack cannot go on: {error}") from None
