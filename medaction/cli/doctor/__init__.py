"""`medaction doctor`: look at everything the demo, the tests and the library need, and say what to do.

`check` is one answer; `machine`, `packages`, `services` and `site` hold the checks; `command` runs and prints them.
"""

from medaction.cli.doctor.command import doctor

__all__ = ["doctor"]
