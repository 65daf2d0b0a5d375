"""Why a service refused. Each is a conflict that a page answers with 409 and a sentence."""


class ServiceError(Exception):
    """Refused; nothing was changed."""


class IdempotencyConflict(ServiceError):  # noqa: N818 - a conflict, not a fault
    """The key was already used for another request."""


class SessionBusy(ServiceError):  # noqa: N818
    """The walkthrough already has a turn in the making."""


class SessionEnded(ServiceError):  # noqa: N818
    """The walkthrough has ended; nothing follows."""


class NotYourTurn(ServiceError):  # noqa: N818
    """The turns of this walkthrough are taken by someone else: by the model in Watch, by the person in Drive."""


class StalePage(ServiceError):  # noqa: N818
    """The turn was written for a place that the walkthrough has left."""


class DiagnosisRequired(ServiceError):  # noqa: N818
    """The last turn can only be a diagnosis."""


class ModelSwitchedOff(ServiceError):  # noqa: N818
    """The release of this model is disabled. The text says why."""


class ReleaseRefused(ServiceError):  # noqa: N818
    """A release that cannot be registered or switched as it was asked for. The text is for the person who asked."""


class JobNotRetryable(ServiceError):  # noqa: N818
    """Only the newest turn can be retried, and only after it failed or was stopped."""
