"""The verbs. Keyword-only; one transaction each, under the lock of the session row; what the world hears comes after
commit.

    starting    start_session      submitting  submit_turn, retry_turn     cancelling  cancel_job
    claiming    claim_job, checkpoint_jobs, release_job (workers)          planning    what the model is asked
    finishing   finish_job, fail_job, stop_job                             sweeping    sweep_jobs
    importing   import_cases       announcing  streams, doorbells, dispatch      locking, errors
"""

from diagnosis.services.cancelling import cancel_job
from diagnosis.services.claiming import Claim, Held, Progress, checkpoint_jobs, claim_job, release_job
from diagnosis.services.errors import (
    IdempotencyConflict,
    JobNotRetryable,
    ServiceError,
    SessionBusy,
    SessionEnded,
)
from diagnosis.services.finishing import Answer, fail_job, finish_job, stop_job
from diagnosis.services.importing import ImportReport, import_cases
from diagnosis.services.planning import TurnPlan, plan_turn
from diagnosis.services.starting import start_session
from diagnosis.services.submitting import retry_turn, submit_turn
from diagnosis.services.sweeping import SweepReport, sweep_jobs

__all__ = [
    "Answer",
    "Claim",
    "Held",
    "IdempotencyConflict",
    "ImportReport",
    "JobNotRetryable",
    "Progress",
    "ServiceError",
    "SessionBusy",
    "SessionEnded",
    "SweepReport",
    "TurnPlan",
    "cancel_job",
    "checkpoint_jobs",
    "claim_job",
    "fail_job",
    "finish_job",
    "import_cases",
    "plan_turn",
    "release_job",
    "retry_turn",
    "start_session",
    "stop_job",
    "submit_turn",
    "sweep_jobs",
]
