"""What a command shows as one line."""


class CorpusError(ValueError):
    """A version that cannot be built or read. The message says what to do."""


class NoRowsError(CorpusError):
    """There is nothing in the source that the format could say."""
