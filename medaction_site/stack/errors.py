"""What stops the stack, said in one line to the person who started it."""


class StackError(Exception):
    """The stack cannot start or go on. The message is one line and says what to do."""


class Unhealthy(Exception):  # noqa: N818 - a state, not a fault of the program
    """A part does not answer as it should (yet)."""
