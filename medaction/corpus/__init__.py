"""Dataset versions: runs of grown, scored and pruned trees become files to train on.

recipe      what decides a version: format, splits, seed, which policies
splitting   a case's group to one split, so that no patient stands in two
leaks       cases that a benchmark holds too: by group, by content, by likeness of text
materials   a run's trees as the messages of their branches, with what the verdicts keep
files       the rows on disk, checked one by one, hashed
build       a version from a source: the same source and recipe give the same bytes
sources     runs as a source      reviewed   people's judgements as one
manifest    what stands beside the rows
check       whether a version is still what its manifest says
diff        what changed from one version to the next
card        the manifest as a page to read
"""

from .build import build_version, write_version
from .card import render_card
from .check import check_version
from .diff import compare_manifests, compare_versions
from .errors import CorpusError, NoRowsError
from .leaks import KnownLeaks, Leak, LeakFinder
from .recipe import Recipe

__all__ = [
    "CorpusError",
    "KnownLeaks",
    "Leak",
    "LeakFinder",
    "NoRowsError",
    "Recipe",
    "build_version",
    "check_version",
    "compare_manifests",
    "compare_versions",
    "render_card",
    "write_version",
]
