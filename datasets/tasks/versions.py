"""Dataset versions and their files: translate, one domain call, translate."""

from collections.abc import Callable
from typing import TypeVar

import structlog

from datasets.models import Work
from datasets.services import building, exports
from datasets.services.errors import ServiceError
from datasets.tasks.definitions import BROKEN, WORKER
from datasets.tasks.lease import Lease, LeaseLost, WorkerClosing
from diagnosis.tasks.decorators import project_task
from medaction.corpus import CorpusError
from medaction.distill.runs import RunError

log = structlog.get_logger(__name__)
Piece = TypeVar("Piece", bound=Work)
UNWRITABLE = "It cannot be written here: {reason}. Make room, or correct the folder's rights, and try again."


@project_task("datasets.build_version")
def build_version(version_id: str) -> None:
    """Build a dataset version from the runs of its selections, and freeze it.

    Pre: the version is QUEUED; in any other state this does nothing.
    Post: SUCCEEDED and frozen, FAILED with a sentence, or QUEUED again when this worker is stopping. If this process
    dies, nothing of it is stored and the sweeper sees to it.
    """
    version = building.claim_version(version_id=version_id, worker=WORKER)
    if version is not None:
        _work(version, building.build_version, building.fail_version, building.release_version)


@project_task("datasets.write_export")
def write_export(export_id: str) -> None:
    """Write the file of an export.

    Pre: the export is QUEUED and its version frozen; else this does nothing.
    Post: SUCCEEDED with its file and checksum, FAILED with a sentence, or QUEUED again when this worker is stopping. If
    this process dies, no file is offered and the sweeper sees to it.
    """
    export = exports.claim_export(export_id=export_id, worker=WORKER)
    if export is not None:
        _work(export, exports.write_export, exports.fail_export, exports.release_export)


def _work(
    work: Piece,
    do: Callable[[Piece, Callable[[], None]], bool],
    fail: Callable[[Piece, str], bool],
    release: Callable[[Piece], None],
) -> None:
    with Lease(work) as lease, structlog.contextvars.bound_contextvars(work=str(work.pk), attempt=work.attempt):
        try:
            do(work, lease.go_on)
        except LeaseLost:
            log.warning("lease_lost")
        except WorkerClosing:
            release(work)
        except (ServiceError, CorpusError, RunError) as refusal:
            fail(work, str(refusal))
        except OSError as error:
            log.exception("work_not_written")
            fail(work, UNWRITABLE.format(reason=error.strerror or "the disk refuses"))
        except Exception:
            log.exception("work_broke")
            fail(work, BROKEN)
