"""Pictures of every page into ``screenshots/``: desktop, phone, light, dark, and what an error looks like.

``python -m tests.e2e.screenshots``, or ``make screenshots``. Runs ``pictures`` through pytest, for its fixtures.
"""

import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    albums = sorted(Path(__file__).parent.glob("pictures*.py"))
    sys.exit(pytest.main([*map(str, albums), "-q", "-p", "no:cacheprovider"]))
