"""What ends a training command."""

CANNOT_START, STOPPED_EARLY, INTERRUPTED = 1, 3, 130


class TrainingError(Exception):
    """One line that says what to do. ``code``: the command's exit code; ``STOPPED_EARLY`` once steps were taken."""

    def __init__(self, message: str, *, code: int = CANNOT_START) -> None:
        super().__init__(message)
        self.code = code
