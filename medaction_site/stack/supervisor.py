"""One part, kept running: start, pass its lines on, wait until it answers, restart it when it ends or hangs."""

import asyncio
import contextlib
import pwd
import signal
import time
from collections import deque
from collections.abc import Callable, Mapping

from medaction_site import env

from .console import Console
from .errors import StackError, Unhealthy
from .part import Part
from .processes import ProcessId, die_with_parent

MAX_STARTS_A_MINUTE = 5
MAX_FIRST_STARTS = 3
POLL_SECONDS = 0.15
WATCH_SECONDS = 5.0
MAX_MISSED_CHECKS = 6
LINE_LIMIT = 1 << 20


class Supervisor:
    """``on_change`` is called whenever the process or its readiness changes."""

    def __init__(
        self, part: Part, *, environment: Mapping[str, str], console: Console, on_change: Callable[[], None]
    ) -> None:
        self.part = part
        self.ready = asyncio.Event()
        self.process: ProcessId | None = None
        self.others: Mapping[str, Supervisor] = {}
        self._environment = environment
        self._console = console
        self._on_change = on_change
        self._ended = asyncio.Event()
        self._stopping = False
        self._was_ready = False
        self._starts: deque[float] = deque()

    async def run(self) -> None:
        """Keep the part running until `stop`. Raises `StackError` when it cannot run and the stack needs it."""
        while not self._stopping:
            await self._wait_for_turn()
            code = await self._run_once()
            if self._stopping:
                return
            self._console.say(f"{self.part.name} ended ({describe(code)}): {self._console.last_line(self.part.name)}")

    async def run_to_end(self, stdin: bytes) -> None:
        """Run a part that is a step, not a server. Raises `StackError` when it fails."""
        code = await self._run_once(stdin)
        if code != 0 and not self._stopping:
            raise StackError(f"{self.part.name} failed ({describe(code)}): {self._console.last_line(self.part.name)}")

    async def stop(self) -> None:
        """End the part: ask, wait, then kill."""
        self._stopping = True
        process = self.process
        if process is None:
            return
        process.send(self.part.stop_signal)
        if not await self._has_ended(self.part.stop_seconds):
            self._console.say(f"{self.part.name} does not stop; ending it.")
            process.send(signal.SIGKILL)
            await self._has_ended(1)

    async def _has_ended(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), seconds)
        return self._ended.is_set()

    async def _wait_for_turn(self) -> None:
        """Back off between restarts: 0.5 s, 1 s, 2 s …, and never more than five starts a minute."""
        now = time.monotonic()
        while self._starts and self._starts[0] < now - 60:
            self._starts.popleft()
        tries = len(self._starts)
        if self._cannot_run(tries):
            name = self.part.name
            raise StackError(f"{name} cannot run: {self._console.last_line(name)} (see logs/{name}.log)")
        if tries >= MAX_STARTS_A_MINUTE:
            self._console.say(f"{self.part.name} keeps ending; trying again in a minute.")
            await asyncio.sleep(self._starts[0] + 60 - now)
        elif tries:
            await asyncio.sleep(min(0.5 * 2 ** (tries - 1), 8))
        self._starts.append(time.monotonic())

    def _cannot_run(self, tries: int) -> bool:
        if self.part.vital and tries >= MAX_STARTS_A_MINUTE:
            return True
        needed = self.part.vital or self.part.required
        return needed and not self._was_ready and tries >= MAX_FIRST_STARTS

    async def _run_once(self, stdin: bytes | None = None) -> int:
        part = self.part
        account = pwd.getpwnam(part.user) if part.user else None
        try:
            child = await asyncio.create_subprocess_exec(
                *part.command,
                cwd=env.BASE_DIR if account is None else "/",
                env=env.inherited(self._environment),
                stdin=asyncio.subprocess.DEVNULL if stdin is None else asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                limit=LINE_LIMIT,
                # A group of its own: Ctrl-C reaches the runner only, which stops the parts in order.
                start_new_session=True,
                preexec_fn=die_with_parent(part.orphan_signal),
                user=account.pw_uid if account else None,
                group=account.pw_gid if account else None,
                extra_groups=[] if account else None,
            )
        except OSError as error:
            raise StackError(f"{part.name} cannot be started: {error}") from None
        with contextlib.suppress(Exception):
            self.process = ProcessId.of(child.pid)
        self._ended.clear()
        self._on_change()
        watch = asyncio.create_task(self._watch())
        lines = asyncio.create_task(self._pass_lines_on(child.stdout))
        try:
            if stdin is not None:
                child.stdin.write(stdin)
                child.stdin.close()
            code = await child.wait()
            # What it said last; a helper of its own that outlives it must not hold us up.
            await asyncio.wait({lines}, timeout=1)
            return code
        finally:
            watch.cancel()
            lines.cancel()
            if child.returncode is None and self.process is not None:
                self.process.send(signal.SIGKILL)
            self.process = None
            self._ended.set()
            self.ready.clear()
            self._on_change()

    async def _pass_lines_on(self, output: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await output.readline()
            except ValueError:  # a line beyond the limit; the reader has dropped what it held
                continue
            if not line:
                return
            self._console.line(self.part.name, line)

    async def _watch(self) -> None:
        """Wait for the first answer, then keep asking; a part that does not answer is killed, so that it restarts."""
        part = self.part
        if part.ready is not None:
            reason = await self._poll_until_ready()
            if reason:
                self._console.say(f"{part.name} does not get ready ({reason}); restarting it.")
                self._kill()
                return
        self._was_ready = True
        self.ready.set()
        self._on_change()
        missed = 0
        while part.alive is not None:
            await asyncio.sleep(WATCH_SECONDS)
            if not all(self.others[name].ready.is_set() for name in part.relies_on if name in self.others):
                continue
            try:
                await asyncio.to_thread(part.alive)
                missed = 0
            except Unhealthy as state:
                missed += 1
                if missed >= MAX_MISSED_CHECKS:
                    self._console.say(f"{part.name} hangs ({state}); restarting it.")
                    self._kill()
                    return

    async def _poll_until_ready(self) -> str:
        until = time.monotonic() + self.part.start_seconds
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await asyncio.to_thread(self.part.ready)
                return ""
            except Unhealthy as state:
                if time.monotonic() > until:
                    return str(state)

    def _kill(self) -> None:
        if self.process is not None:
            self.process.send(signal.SIGKILL)


def describe(code: int) -> str:
    """Return a process's end in words."""
    if code < 0:
        return signal.Signals(-code).name
    return f"exit code {code}"
