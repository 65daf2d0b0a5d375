"""Pictures of every page into ``screenshots/``: desktop, phone, light, dark, and what an error looks like.

``python -m tests.e2e.screenshots``, or ``make screenshots``. Runs ``pictures`` through pytest, for its fixtures.
"""

import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    names = ("pictures.py", "pictures_data.py", "pictures_datasets.py", "pictures_models.py", "pictures_benchmarks.py")
    albums = [str(Path(__file__).with_name(name)) for name in names]
    sys.exit(pytest.main([*albums, "-q", "-p", "no:cacheprovider"]))
