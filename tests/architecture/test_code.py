"""Rules about Python files."""

import ast

from .repository import files, name, tree

LARGE = 20_000
APPLICATION = ("medaction/*.py", "medaction_site/*.py", "diagnosis/*.py", "review/*.py", "datasets/*.py", "manage.py")
READERS_OF_THE_ENVIRONMENT = ("medaction_site/env.py", "medaction/cli/", "medaction/engines/")
READERS_OF_TRAINING = ("medaction/training/", "medaction/cli/", "tests/")


def test_large_files_say_why() -> None:
    silent = [
        f"{name(path)}: {path.stat().st_size} bytes"
        for path in files("*.py")
        if path.stat().st_size > LARGE and "size" not in (ast.get_docstring(tree(path)) or "").lower()
    ]
    assert not silent, f"over {LARGE} bytes: split by noun, or let the docstring say why that size: {silent}"


def test_most_files_are_small() -> None:
    sizes = sorted(path.stat().st_size for path in files(*APPLICATION) if path.stat().st_size)
    assert sizes[len(sizes) // 2] <= 4_000
    assert sizes[len(sizes) * 9 // 10] <= 12_000


def test_only_one_module_reads_the_environment() -> None:
    """The site through ``medaction_site.env``; the command line through typer, and to hand it to its children;
    engines as the command line does."""
    reads = []
    for path in files(*APPLICATION):
        if name(path).startswith(READERS_OF_THE_ENVIRONMENT):
            continue
        for node in ast.walk(tree(path)):
            attribute = isinstance(node, ast.Attribute) and ast.unparse(node) in {
                "os.environ",
                "os.getenv",
                "os.putenv",
            }
            imported = isinstance(node, ast.ImportFrom) and node.module == "os" and "env" in ast.unparse(node)
            if attribute or imported:
                reads.append(f"{name(path)}:{node.lineno}")
    assert not reads, f"read it through medaction_site.env: {reads}"


def test_the_web_never_imports_training() -> None:
    """Training loads torch; a web process or a worker must stay free of it."""
    importers = [
        f"{name(path)}:{node.lineno}"
        for path in files("*.py")
        if not name(path).startswith(READERS_OF_TRAINING)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Import | ast.ImportFrom) and "medaction.training" in ast.unparse(node)
    ]
    assert not importers


def test_no_unfinished_work() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "X" * 3, "NotImplemented" + "Error")
    found = [
        f"{name(path)}:{number}"
        for path in files(*APPLICATION, "static/*.js", "static/*.css", "templates/*.html")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if any(mark in line.replace("-", " ").split() for mark in marks)
    ]
    assert not found


def test_no_path_of_one_machine() -> None:
    places = [f"/{top}/" for top in ("work", "root", "home", "tmp")]
    allowed = ("tests/architecture/", "docker/")
    found = [
        f"{name(path)}:{number}"
        for path in files("*.py", "*.md", "*.toml", "*.yaml", "*.html", "*.js", "Makefile", ".ci/run")
        if not name(path).startswith(allowed)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if any(line.partition(place)[1] and not line.partition(place)[0][-1:].isalnum() for place in places)
    ]
    assert not found
