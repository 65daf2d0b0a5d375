"""What can go wrong between us and a model, as a closed list of codes with one readable sentence each."""

from __future__ import annotations

from enum import StrEnum


class ErrorCode(StrEnum):
    """Why a model gave no usable answer. The value is stored and shown, so it never changes."""

    UNREACHABLE = "UNREACHABLE"
    CONNECT_TIMEOUT = "CONNECT_TIMEOUT"
    FIRST_TOKEN_TIMEOUT = "FIRST_TOKEN_TIMEOUT"  # noqa: S105 - a model token, not a secret
    IDLE_TIMEOUT = "IDLE_TIMEOUT"
    TOTAL_TIMEOUT = "TOTAL_TIMEOUT"
    HTTP_STATUS = "HTTP_STATUS"
    BAD_STREAM = "BAD_STREAM"
    UPSTREAM_ERROR = "UPSTREAM_ERROR"
    TRUNCATED_STREAM = "TRUNCATED_STREAM"
    UNKNOWN_MODEL = "UNKNOWN_MODEL"


class ModelError(Exception):
    """A model call failed.

    `code` is an `ErrorCode`; `message` is one plain sentence for a reader who does not run servers;
    `retryable` says whether the same request may succeed later without anyone changing anything.
    """

    def __init__(self, code: ErrorCode, message: str, *, retryable: bool = True) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.retryable = retryable

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


_TIMEOUT_SENTENCES = {
    ErrorCode.CONNECT_TIMEOUT: "The model server did not accept a connection in time.",
    ErrorCode.FIRST_TOKEN_TIMEOUT: "The model server did not begin its answer in time.",
    ErrorCode.IDLE_TIMEOUT: "The model server stopped in the middle of its answer.",
    ErrorCode.TOTAL_TIMEOUT: "The answer took longer than is allowed.",
}


def timeout_error(code: ErrorCode) -> ModelError:
    """Return the error for one of the four timeouts."""
    return ModelError(code, _TIMEOUT_SENTENCES[code])


def first_of(errors: BaseExceptionGroup[Exception]) -> Exception:
    """One of several requests that failed together; they are of one server.

    For ``except ExceptionGroup``: what is raised in ``except*`` comes wrapped once more before Python 3.11.4.
    """
    first = errors.exceptions[0]
    return first_of(first) if isinstance(first, BaseExceptionGroup) else first
