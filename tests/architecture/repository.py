"""The repository's own files, as git sees them: tracked, or new and not ignored."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def files(*patterns: str) -> tuple[Path, ...]:
    """Files that match any of git's pathspecs, e.g. ``"*.py"`` or ``"templates/**/*.html"``; never an empty answer."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split("\0")
    found = tuple(ROOT / name for name in sorted(set(listed) - {""}) if (ROOT / name).is_file())
    assert found, f"no file matches {patterns}: the rule would pass without looking at anything"
    return found


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=name(path))
