"""Rulings in a file of JSON lines: what was asked once is not asked again, and asking that was stopped can go on."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson

from medaction.distill.lines import LineWriter, read_json_lines
from medaction.domain.canonical import content_hash
from medaction.inference.errors import first_of

from .asking import LanguageJudge, Pair, judge_hash
from .ruling import Ruling

RULINGS = "rulings.jsonl"


class RulingBook:
    """The rulings of one judge under one wording. Without a path they are kept for as long as the book is open."""

    def __init__(self, path: Path | None, judge: str) -> None:
        self._judge = judge
        self._known: dict[str, Ruling] = {}
        if path is not None:
            self._known = {record["key"]: Ruling(record["ruling"]) for record in read_json_lines(path)}
        self._lines = None if path is None else LineWriter(path)

    def find(self, pair: Pair) -> Ruling | None:
        return self._known.get(self._key(pair))

    def keep(self, pair: Pair, ruling: Ruling, text: str) -> None:
        key = self._key(pair)
        self._known[key] = ruling
        if self._lines is not None:
            record = {"key": key, "truth": pair.truth, "given": pair.given, "judge": self._judge}
            self._lines.append(orjson.dumps({**record, "prompt": judge_hash(), "ruling": ruling, "text": text}))

    def _key(self, pair: Pair) -> str:
        return content_hash([pair.truth, list(pair.aliases), pair.given, self._judge, judge_hash()])

    def __enter__(self) -> "RulingBook":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lines is not None:
            self._lines.close()


async def ask_all(
    pairs: Iterable[Pair],
    judge: LanguageJudge,
    book: RulingBook,
    *,
    parallel: int = 4,
    on_done: Callable[[], None] | None = None,
) -> Mapping[Pair, Ruling]:
    """A ruling for each pair, from the book or asked now. Raises ``ModelError``; what was ruled before stays kept."""
    limit = asyncio.Semaphore(parallel)

    async def rule(pair: Pair) -> Ruling:
        async with limit:
            ruling = book.find(pair)
            if ruling is None:
                ruling, text = await judge.rule(pair)
                book.keep(pair, ruling, text)
        if on_done:
            on_done()
        return ruling

    unique = list(dict.fromkeys(pairs))
    tasks: list[asyncio.Task[Any]] = []
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(rule(pair)) for pair in unique]
    except ExceptionGroup as errors:
        raise first_of(errors) from None
    return {pair: task.result() for pair, task in zip(unique, tasks, strict=True)}
