"""The tasks themselves: translate, one domain call, translate."""

import os
import socket
import time
from collections.abc import Callable
from typing import Any

import structlog
from celery.signals import worker_init, worker_shutting_down
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from psycopg_pool import PoolTimeout

from diagnosis import services
from diagnosis.models import GenerationJob
from diagnosis.selectors.chat_models import ModelSwitchedOffError, UnknownChatModelError, get_chat_model
from diagnosis.services import Answer, Claim
from diagnosis.tasks.decorators import project_task
from diagnosis.tasks.engine import Engine, Failure, Outcome, get_engine
from diagnosis.tasks.running import Ending
from medaction.domain.catalogue import load_catalogue
from medaction.inference.errors import ErrorCode

log = structlog.get_logger(__name__)
WORKER = f"{socket.gethostname()}:{os.getpid()}"
SWITCHED_OFF = "MODEL_SWITCHED_OFF"
INTERNAL = Failure("INTERNAL", "Something went wrong on this server while it worked on the answer.")
COMMIT_TRIES = 5


@project_task("diagnosis.run_turn")
def run_turn(job_id: str) -> None:
    """Work on one turn.

    Pre: the job is QUEUED; in any other state this does nothing.
    Post: SUCCEEDED with its turn, FAILED, CANCELLED, or QUEUED again when this worker is stopping. If this process
    dies, or another attempt took over, nothing is written and the sweeper sees to the job.
    """
    engine = _engine()
    if engine.closing:
        return
    claim = services.claim_job(job_id=job_id, worker=engine.worker)
    if claim is None:
        return
    with structlog.contextvars.bound_contextvars(job=job_id, attempt=claim.attempt):
        log.info("turn_started", turn=claim.job.turn)
        outcome = _work(engine, claim)
        job = _persist(lambda: _commit(claim, outcome))
        log.info("turn_ended", state=job.state if job else "not ours any more")


@project_task("diagnosis.sweep")
def sweep() -> None:
    """See to what was left behind.

    Pre: any. Post: no lease has run out unnoticed; no job or comparison waits without having been put before the
    workers; no model that is switched off is being asked.
    """
    stopped = services.stop_switched_off()
    if stopped:
        log.info("swept_switched_off", count=stopped)
    comparisons = services.sweep_comparisons()
    if comparisons:
        log.info("swept_comparisons", count=comparisons)
    report = services.sweep_jobs()
    if report != services.SweepReport():
        log.info(
            "swept",
            requeued=report.requeued,
            failed=report.failed,
            cancelled=report.cancelled,
            redispatched=report.redispatched,
        )


@worker_init.connect
def start_engine(sender: Any, **_: object) -> None:
    """In workers that take turns; one of another queue must not count among them."""
    if settings.CELERY_TASK_DEFAULT_QUEUE not in sender.app.amqp.queues.consume_from:
        return
    # Read before the first turns come, or each of their threads would read it for itself.
    load_catalogue()
    engine = _engine()
    worker_shutting_down.connect(lambda **_: engine.release(), weak=False)


def _engine() -> Engine:
    return get_engine(WORKER)


def _work(engine: Engine, claim: Claim) -> Outcome:
    try:
        plan = services.plan_turn(claim.job)
        spec = get_chat_model(claim.job.session.model_key).spec
        # The thread now waits, perhaps for minutes: its connection serves others meanwhile.
        connection.close()
        return engine.run(claim, plan, spec)
    except ModelSwitchedOffError as error:
        return Failure(SWITCHED_OFF, str(error))
    except UnknownChatModelError as error:
        return Failure(ErrorCode.UNKNOWN_MODEL.value, str(error.args[0]))
    except Exception:
        log.exception("turn_broke")
        return INTERNAL


def _commit(claim: Claim, outcome: Outcome) -> GenerationJob | None:
    held = {"job_id": claim.job.pk, "attempt": claim.attempt}
    if isinstance(outcome, Answer):
        return services.finish_job(**held, answer=outcome)
    if isinstance(outcome, Failure):
        return services.fail_job(**held, code=outcome.code, message=outcome.message, partial_text=outcome.text)
    if outcome.reason is Ending.STOPPED:
        return services.stop_job(**held, partial_text=outcome.text)
    if outcome.reason is Ending.RELEASED:
        return services.release_job(**held)
    return None


def _persist(commit: Callable[[], GenerationJob | None]) -> GenerationJob | None:
    """A database that restarts must not cost the turn: try again for some seconds, within the lease."""
    for attempt in range(COMMIT_TRIES):
        try:
            return commit()
        except (OperationalError, InterfaceError, PoolTimeout):
            connection.close()
            if attempt == COMMIT_TRIES - 1:
                raise
            time.sleep(1)
    return None
