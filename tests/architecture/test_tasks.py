"""No bare Celery task: each is declared with the project's decorator, and whatever is sent by name exists."""

import ast
import re

from datasets.dispatch import TASKS
from diagnosis import dispatch
from medaction_site.celery import app
from review.dispatch import ADD_EXAMPLES, REPORT_AGREEMENT, TRACE_EDGES

from .repository import files, name, tree
from .test_code import APPLICATION

DECLARES = "diagnosis/tasks/decorators.py"


def test_tasks_are_declared_in_one_way() -> None:
    """``shared_task`` and ``app.task`` appear only where the project's decorator is made."""
    bare = []
    for path in files(*APPLICATION):
        if name(path) == DECLARES:
            continue
        for node in ast.walk(tree(path)):
            imported = isinstance(node, ast.ImportFrom) and any(alias.name == "shared_task" for alias in node.names)
            decorated = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
                ast.unparse(decorator).split("(")[0].endswith((".task", "shared_task"))
                for decorator in node.decorator_list
            )
            if imported or decorated:
                bare.append(f"{name(path)}:{node.lineno}")
    assert not bare


def test_whatever_is_sent_by_name_exists() -> None:
    app.loader.import_default_modules()
    ours = {task for task in app.tasks if not task.startswith("celery.")}
    sent = {dispatch.RUN_TURN, dispatch.COMPARE, ADD_EXAMPLES, REPORT_AGREEMENT, TRACE_EDGES} | {
        entry["task"] for entry in app.conf.beat_schedule.values()
    }
    assert sent | set(TASKS.values()) == ours


def test_the_web_process_loads_no_worker_code() -> None:
    """Pages start tasks by name; importing a task would bring the engine and its loop into every web process."""
    importers = [
        f"{name(path)}:{node.lineno}"
        for app in ("diagnosis", "datasets", "review")
        for path in files(f"{app}/web/*.py", f"{app}/services/*.py", f"{app}/selectors/*.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Import | ast.ImportFrom) and f"{app}.tasks" in ast.unparse(node)
    ]
    assert not importers


def test_the_pages_of_a_walkthrough_open_no_graph() -> None:
    """Working a case up takes seconds of computation and a hundred megabytes: a worker's business."""
    graph = re.compile(r"medaction\.(knowledge|bench|distill\.(policies|episode))\b")
    importers = [
        f"{name(path)}:{node.lineno}"
        for path in files("diagnosis/web/*.py", "diagnosis/services/*.py", "diagnosis/selectors/*.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Import | ast.ImportFrom) and graph.search(ast.unparse(node))
    ]
    assert not importers
