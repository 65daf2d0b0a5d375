"""Benchmark runs: translate, one domain call, translate."""

import time

import structlog
from django.db import DataError

from datasets.models import BenchmarkChunk
from datasets.services import benching, chunks, standings
from datasets.tasks.bencher import Bencher, BencherRefusal, get_bencher
from datasets.tasks.definitions import BROKEN, WORKER
from datasets.tasks.lease import Lease, LeaseLost, WorkerClosing
from diagnosis.tasks.decorators import project_task
from medaction.inference.errors import ModelError
from medaction.knowledge import KnowledgeError
from review.selectors.graph import open_site_graph

log = structlog.get_logger(__name__)
CASE_BROKEN = "Something went wrong on this server while it worked this case up. Its log says more."


@project_task("datasets.bench_chunk")
def bench_chunk(chunk_id: str) -> None:
    """Work up and score the cases of a chunk.

    Pre: the chunk is QUEUED and its run neither paused nor over; else this does nothing.
    Post: SUCCEEDED; every case has its result or says why not, and with the last chunk the run has its report. Or
    QUEUED again, when the run was paused or this worker is stopping; CANCELLED, when the run was. If this process dies,
    the results committed so far stay and the sweeper sees to the rest.
    """
    chunk = benching.claim_chunk(chunk_id=chunk_id, worker=WORKER)
    if chunk is None:
        return
    with Lease(chunk) as lease, structlog.contextvars.bound_contextvars(chunk=chunk_id, attempt=chunk.attempt):
        try:
            bencher = get_bencher(chunk.run)
            if all(_bench_case(bencher, chunk, pending, lease) for pending in benching.list_pending(chunk=chunk)):
                _finish(bencher, chunk, lease)
            else:
                chunks.let_go(chunk=chunk)
        except LeaseLost:
            log.warning("lease_lost")
        except WorkerClosing:
            chunks.let_go(chunk=chunk)
        except (BencherRefusal, KnowledgeError) as refusal:
            chunks.fail_run(chunk=chunk, message=str(refusal))


@project_task("datasets.score_humans")
def score_humans(standing_id: str) -> None:
    """Score what people made of a benchmark's cases.

    Pre: the standing is QUEUED; else this does nothing.
    Post: SUCCEEDED with its report, FAILED with a sentence, or QUEUED again when this worker is stopping. If this
    process dies, nothing is written and the sweeper sees to it.
    """
    standing = standings.claim_standing(standing_id=standing_id, worker=WORKER)
    if standing is None:
        return
    with Lease(standing) as lease, structlog.contextvars.bound_contextvars(standing=standing_id):
        try:
            standings.write_standing(standing, open_site_graph(), lease.go_on)
        except LeaseLost:
            log.warning("lease_lost")
        except WorkerClosing:
            standings.release_standing(standing)
        except KnowledgeError as refusal:
            standings.fail_standing(standing, str(refusal))
        except Exception:
            log.exception("standing_broke")
            standings.fail_standing(standing, BROKEN)


def _finish(bencher: Bencher, chunk: BenchmarkChunk, lease: Lease) -> None:
    """Again until the report is of all there is: another worker may finish at the same moment."""
    while True:
        lease.go_on()
        report, records = bencher.report(chunk.run) if benching.needs_report(chunk=chunk) else (None, 0)
        if benching.finish_chunk(chunk=chunk, report=report, records=records):
            return


def _bench_case(bencher: Bencher, chunk: BenchmarkChunk, pending: benching.PendingResult, lease: Lease) -> bool:
    """Whether to go on with the chunk."""
    lease.go_on()
    started = time.monotonic()
    try:
        record = bencher.work_up(pending)
    except BencherRefusal:
        raise
    except ModelError as error:
        return _fail_case(chunk, pending, str(error), started)
    except Exception:
        log.exception("case_broke", case=pending.case.id)
        return _fail_case(chunk, pending, CASE_BROKEN, started)
    try:
        return benching.commit_result(chunk=chunk, row=pending.row, record=record, seconds=time.monotonic() - started)
    except DataError as error:
        return _fail_case(chunk, pending, f"The result cannot be stored: {error}", started)


def _fail_case(chunk: BenchmarkChunk, pending: benching.PendingResult, message: str, started: float) -> bool:
    return chunks.fail_piece(chunk=chunk, row=pending.row, message=message, seconds=time.monotonic() - started)
