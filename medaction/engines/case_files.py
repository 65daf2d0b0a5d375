"""Cases and graph, as every engine needs them."""

import os
from functools import cache
from pathlib import Path

from medaction.domain.case import Case
from medaction.domain.environment import Environment
from medaction.domain.prompt import Message, render_messages
from medaction.formats.readers import read_cases
from medaction.knowledge import KnowledgeGraph, open_graph


class CaseFileError(ValueError):
    """A case file that cannot be used; the message says which file and why."""


def read_case_file(path: str | Path, limit: int | None = None) -> list[Case]:
    """The cases of a file or folder of any format that can be read, at most ``limit``.

    A row that is no case stops everything: an engine would score fewer cases than the file has and not say so.
    Raises :class:`CaseFileError`.
    """
    cases: list[Case] = []
    for row in read_cases(Path(path)):
        if row.case is None:
            raise CaseFileError(f"{Path(path).name}: {row.errors[0]}; mend or remove it")
        cases.append(row.case)
        if limit is not None and len(cases) >= limit:
            break
    if not cases:
        raise CaseFileError(f"{Path(path).name} holds no case")
    return cases


def open_dialogue(case: Case) -> list[Message]:
    """What the model is first asked, for an engine to show; the episode renders its own messages."""
    return render_messages(Environment(case).reset(), (), must_diagnose=False)


@cache
def load_graph() -> KnowledgeGraph:
    """The compiled graph, from the folder that ``MEDACTION_CACHE`` names as for the commands; once a process."""
    folder = os.environ.get("MEDACTION_CACHE")
    return open_graph(Path(folder) if folder else None)
