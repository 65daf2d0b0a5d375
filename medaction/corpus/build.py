"""A version from runs, or from what people judged."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from medaction.distill.policies.assisted import AssistedPrompt
from medaction.distill.runs import Run
from medaction.formats.training import FORMATS, TreeMaterial

from .assisting import assist_material
from .card import render_card
from .counting import Counts
from .errors import CorpusError, NoRowsError
from .files import SplitFile
from .leaks import KnownLeaks, Leak, LeakFinder
from .manifest import CARD, ROWS, make_manifest, write_manifest
from .recipe import ASSISTED, Recipe
from .sources import Source, order_runs
from .splitting import assign_split


def build_version(
    runs: Sequence[Run],
    out: Path,
    recipe: Recipe | None = None,
    *,
    benchmark: LeakFinder | KnownLeaks | None = None,
    on_tree: Callable[[], None] | None = None,
    assist: AssistedPrompt | None = None,
) -> dict[str, Any]:
    """Write the version into ``out``, which must not exist, and return its manifest.

    Cases that ``benchmark`` knows are left out and listed. ``assist``: for a recipe with the assisted prompt.
    The folder appears whole or not at all. Raises :class:`CorpusError`, ``RunError`` and ``OSError``.
    """
    recipe = recipe or Recipe()
    if recipe.review is not None:
        raise CorpusError("a version of runs has no policy for judgements")
    return write_version(order_runs(runs), out, recipe, benchmark=benchmark, on_tree=on_tree, assist=assist)


def write_version(
    source: Source,
    out: Path,
    recipe: Recipe,
    *,
    benchmark: LeakFinder | KnownLeaks | None = None,
    on_tree: Callable[[], None] | None = None,
    assist: AssistedPrompt | None = None,
) -> dict[str, Any]:
    """As :func:`build_version`, from any source."""
    if (recipe.prompt == ASSISTED) != (assist is not None):
        raise CorpusError("the assisted prompt needs the knowledge graph, and no other prompt does")
    if out.exists():
        raise CorpusError(f"{out} exists already; a version is never written over, name another folder with --out")
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        manifest = _write(source, temporary, recipe, benchmark, on_tree, assist)
        write_manifest(temporary, manifest)
        (temporary / CARD).write_text(render_card(manifest), encoding="utf-8")
        temporary.chmod(0o755)
        temporary.rename(out)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return manifest


def _write(
    source: Source,
    folder: Path,
    recipe: Recipe,
    benchmark: LeakFinder | KnownLeaks | None,
    on_tree: Callable[[], None] | None,
    assist: AssistedPrompt | None,
) -> dict[str, Any]:
    row_format = FORMATS[recipe.format]
    rows = folder / ROWS
    rows.mkdir()
    counts, leaks = Counts(), dict[str, Leak]()
    with ExitStack() as stack:
        files = {name: stack.enter_context(SplitFile(rows, name, row_format)) for name in recipe.splits}
        for tree in _trees(source, recipe, leaks, benchmark, assist):
            split = assign_split(tree.case.group_key or tree.case.id, recipe.splits, recipe.seed)
            written = 0
            for row in row_format.rows(tree):
                files[split].write(row)
                written += 1
            counts.add(tree, written)
            if on_tree:
                on_tree()
    if not counts.rows:
        raise NoRowsError(
            f"no row came out as {recipe.format}: {source.nothing}"
            + (", or their policies are not among those asked for" if recipe.policies else "")
        )
    about = {name: file.about() for name, file in files.items()}
    found = Counter(leak.kind.value for leak in leaks.values())
    told = {
        "benchmark_cases": None if benchmark is None else len(benchmark),
        "left_out": len(leaks),
        "by_kind": dict(sorted(found.items())),
        "cases": [leaks[name].to_dict() for name in sorted(leaks)],
    }
    return make_manifest(recipe, source.runs, about, {**counts.to_dict(), **source.tell()}, told)


def _trees(
    source: Source,
    recipe: Recipe,
    leaks: dict[str, Leak],
    benchmark: LeakFinder | KnownLeaks | None,
    assist: AssistedPrompt | None,
) -> Iterator[TreeMaterial]:
    """The trees that go in. What leaks is put into ``leaks``."""
    cleared: set[str] = set()
    for tree, own_paper in source.trees(FORMATS[recipe.format]):
        case = tree.case
        if recipe.policies and tree.policy not in recipe.policies:
            continue
        if benchmark is not None and case.id not in leaks and case.content_hash not in cleared:
            if (leak := benchmark.find(case)) is not None:
                leaks[case.id] = leak
            cleared.add(case.content_hash)
        if case.id not in leaks:
            yield tree if assist is None else assist_material(tree, assist, own_paper=own_paper)
