"""Rows on disk. Each is checked before it is written; each file knows its rows and its hash."""

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from medaction.formats.training import RowFaultError, RowFormat

from .errors import CorpusError

_BATCH = 1000


class SplitFile:
    """One split being written. ``about`` gives its entry in the manifest once it is closed."""

    def __init__(self, folder: Path, split: str, row_format: RowFormat) -> None:
        self.path = folder / f"{split}.{row_format.suffix}"
        self._format = row_format
        self._rows = self._turns = 0
        self._cases: set[str] = set()
        self._groups: set[str] = set()
        self._verdicts: Counter[str] = Counter()
        self._sink = _open_sink(self.path, row_format.suffix)

    def write(self, row: dict[str, Any]) -> None:
        """Raises :class:`CorpusError` for a row that its format refuses: the version is not written."""
        try:
            self._format.check(row)
        except RowFaultError as error:
            raise CorpusError(f"row {row.get('id')!r} cannot be written as {self._format.name}: {error}") from error
        self._sink.write(row)
        self._rows += 1
        self._turns += self._format.count_turns(row)
        self._cases.add(row["case"])
        self._groups.add(row["group"])
        self._verdicts[row["verdict"]] += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._sink.close()

    def about(self) -> dict[str, Any]:
        return {
            "file": self.path.name,
            "rows": self._rows,
            "turns": self._turns,
            "cases": len(self._cases),
            "groups": len(self._groups),
            "verdicts": dict(sorted(self._verdicts.items())),
            "sha256": hash_file(self.path),
        }


class _JsonLines:
    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("wb")

    def write(self, row: dict[str, Any]) -> None:
        self._file.write(orjson.dumps(row) + b"\n")

    def close(self) -> None:
        self._file.close()


class _Parquet:
    """The schema is that of the first rows; every format's rows have the same columns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: list[dict[str, Any]] = []
        self._writer: pq.ParquetWriter | None = None

    def write(self, row: dict[str, Any]) -> None:
        self._rows.append(row)
        if len(self._rows) >= _BATCH:
            self._flush()

    def close(self) -> None:
        self._flush()
        if self._writer is not None:
            self._writer.close()

    def _flush(self) -> None:
        table = pa.Table.from_pylist(self._rows, schema=None if self._writer is None else self._writer.schema)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema, compression="zstd")
        self._writer.write_table(table)
        self._rows = []


def _open_sink(path: Path, suffix: str) -> _JsonLines | _Parquet:
    return _Parquet(path) if suffix == "parquet" else _JsonLines(path)


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a split's file. Raises :class:`CorpusError` for a file that is not what its name says."""
    if path.suffix == ".parquet":
        try:
            for batch in pq.ParquetFile(path).iter_batches(_BATCH):
                yield from batch.to_pylist()
        except pa.ArrowInvalid as error:
            raise CorpusError(f"{path.name} is no Parquet file: {error}") from error
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise CorpusError(f"{path.name}, line {number}: is not JSON ({error.msg})") from error


def hash_file(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
