"""Commands as in the tests of the command line."""

from tests.medaction.cli.conftest import cache, case_file, invoke

__all__ = ["cache", "case_file", "invoke"]
