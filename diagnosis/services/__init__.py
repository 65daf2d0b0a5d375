"""The verbs. Keyword-only; one transaction each, under the lock of the session row; what the world hears comes after
commit.

    starting    start_session, start_drive         submitting  submit_turn, retry_turn
    driving     take_turn (a person's own)         cancelling  cancel_job
    claiming    claim_job, checkpoint_jobs, release_job (workers)          planning    what the model is asked
    finishing   finish_job, fail_job, stop_job                             sweeping    sweep_jobs
    appending   one turn and its answer, whoever took it                   importing   import_cases
    continuing  start_continuation, from a corrected turn
    comparing   a policy's own path beside a person's                      announcing  streams, doorbells, dispatch
    releasing   models: registered, checked, switched off and on          offering    the settings' models as releases
"""

from diagnosis.services.cancelling import cancel_job
from diagnosis.services.claiming import Claim, Held, Progress, checkpoint_jobs, claim_job, release_job
from diagnosis.services.comparing import (
    ReferencePath,
    claim_comparison,
    fail_comparison,
    find_reference,
    finish_comparison,
    keep_reference,
    retry_comparison,
    sweep_comparisons,
)
from diagnosis.services.continuing import start_continuation
from diagnosis.services.driving import take_turn
from diagnosis.services.errors import (
    DiagnosisRequired,
    IdempotencyConflict,
    JobNotRetryable,
    ModelSwitchedOff,
    NotYourTurn,
    ReleaseRefused,
    ServiceError,
    SessionBusy,
    SessionEnded,
    StalePage,
)
from diagnosis.services.finishing import Answer, fail_job, finish_job, stop_job
from diagnosis.services.importing import ImportReport, import_cases
from diagnosis.services.offering import register_configured
from diagnosis.services.planning import TurnPlan, plan_turn
from diagnosis.services.releasing import (
    ReleaseFacts,
    check_health,
    disable_release,
    enable_release,
    record_health,
    register_release,
    stop_switched_off,
)
from diagnosis.services.starting import start_drive, start_session
from diagnosis.services.submitting import retry_turn, submit_turn
from diagnosis.services.sweeping import SweepReport, sweep_jobs

__all__ = [
    "Answer",
    "Claim",
    "DiagnosisRequired",
    "Held",
    "IdempotencyConflict",
    "ImportReport",
    "JobNotRetryable",
    "ModelSwitchedOff",
    "NotYourTurn",
    "Progress",
    "ReferencePath",
    "ReleaseFacts",
    "ReleaseRefused",
    "ServiceError",
    "SessionBusy",
    "SessionEnded",
    "StalePage",
    "SweepReport",
    "TurnPlan",
    "cancel_job",
    "check_health",
    "checkpoint_jobs",
    "claim_comparison",
    "claim_job",
    "disable_release",
    "enable_release",
    "fail_comparison",
    "fail_job",
    "find_reference",
    "finish_comparison",
    "finish_job",
    "import_cases",
    "keep_reference",
    "plan_turn",
    "record_health",
    "register_configured",
    "register_release",
    "release_job",
    "retry_comparison",
    "retry_turn",
    "start_continuation",
    "start_drive",
    "start_session",
    "stop_job",
    "stop_switched_off",
    "submit_turn",
    "sweep_comparisons",
    "sweep_jobs",
    "take_turn",
]
