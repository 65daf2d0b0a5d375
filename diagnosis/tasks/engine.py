"""The one event loop of a worker process, in a thread of its own.

A task's thread waits here without a database connection, so one process holds hundreds of answers in flight with a
handful of connections.
"""

import asyncio
import os
import signal
import threading
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import cache
from uuid import UUID

import structlog
import uvloop
from django.conf import settings

from diagnosis.services import Answer, Claim, TurnPlan
from diagnosis.streaming.client import open_async_client
from diagnosis.streaming.log import StreamWriter
from diagnosis.tasks.heartbeat import Heartbeat
from diagnosis.tasks.running import Ending, RunningTurn
from diagnosis.tasks.turn import ask
from medaction.inference.errors import ModelError
from medaction.inference.port import ChatModel
from medaction.inference.registry import ModelSpec, open_model
from medaction.inference.timeouts import Timeouts

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """The model gave no usable answer. ``text`` is what it had said."""

    code: str
    message: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """The attempt was ended from outside."""

    reason: Ending
    text: str = ""


Outcome = Answer | Failure | Ended


class Engine:
    """Start it once per process. Every method may be called from any thread."""

    def __init__(self, worker: str) -> None:
        self.worker = worker
        self.closing = False
        self._running: dict[UUID, RunningTurn] = {}
        self._models: dict[ModelSpec, ChatModel] = {}
        self._loop = uvloop.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="engine", daemon=True)
        self._thread.start()
        self._ready.wait()

    def run(self, claim: Claim, plan: TurnPlan, spec: ModelSpec) -> Outcome:
        """Ask the model and wait for what comes of it."""
        try:
            return asyncio.run_coroutine_threadsafe(self._run(claim, plan, spec), self._loop).result()
        except CancelledError:
            return Ended(Ending.RELEASED)

    def release(self) -> None:
        """The process is about to stop: end every turn, so that another worker can take it at once."""
        self.closing = True
        self._loop.call_soon_threadsafe(self._end_all)

    def _end_all(self) -> None:
        for turn in list(self._running.values()):
            turn.end(Ending.RELEASED)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        client = open_async_client(settings.REDIS_URL)
        options = settings.DIAGNOSIS
        self._writer = StreamWriter(
            client,
            interval=options["COALESCE_SECONDS"],
            maxlen=options["STREAM_MAXLEN"],
            ttl_seconds=options["STREAM_TTL_SECONDS"],
        )
        heartbeat = Heartbeat(client, self.worker, self._running)
        # Kept, so that they are not collected; neither ever ends.
        self._tasks = [self._loop.create_task(self._writer.run()), self._loop.create_task(heartbeat.run())]
        for task in self._tasks:
            task.add_done_callback(_give_up)
        self._loop.call_soon(self._ready.set)
        self._loop.run_forever()

    async def _run(self, claim: Claim, plan: TurnPlan, spec: ModelSpec) -> Outcome:
        if self.closing:
            return Ended(Ending.RELEASED)
        job_id = claim.job.pk
        answer = self._writer.open(job_id, claim.attempt, must_diagnose=plan.must_diagnose)
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a turn runs in a task")
        running = self._running[job_id] = RunningTurn(job_id, claim.attempt, answer, task)
        try:
            return await ask(self._open(spec), plan, running)
        except asyncio.CancelledError:
            return Ended(running.ending or Ending.RELEASED, answer.text)
        except ModelError as error:
            log.info("model_failed", code=error.code.value, message=error.message)
            return Failure(error.code.value, error.message, answer.text)
        finally:
            self._writer.forget(answer)
            if self._running.get(job_id) is running:
                del self._running[job_id]

    def _open(self, spec: ModelSpec) -> ChatModel:
        model = self._models.get(spec)
        if model is None:
            model = self._models[spec] = open_model(spec, timeouts=Timeouts(**settings.MODEL_TIMEOUTS))
        return model


def _give_up(task: asyncio.Task[None]) -> None:
    """Without its pulse or its writer this process only loses leases: end it, and let the supervisor start another."""
    log.critical("engine_died", error=repr(task.exception()))
    os.kill(os.getpid(), signal.SIGTERM)


@cache
def get_engine(worker: str) -> Engine:
    """The process's one engine, started when first asked for."""
    return Engine(worker)
