"""The formats a version can be had in, each with what there is of it."""

from dataclasses import dataclass

from datasets.models import DatasetVersion, Export
from medaction.formats.training import FORMATS

GIVEN_UP = (Export.State.FAILED, Export.State.CANCELLED)


@dataclass(frozen=True, slots=True)
class FormatSheet:
    """``export`` is the newest; ``wanted`` says that it can be asked for."""

    name: str
    about: str
    export: Export | None

    @property
    def wanted(self) -> bool:
        return self.export is None or self.export.state in GIVEN_UP


def list_formats(version: DatasetVersion) -> list[FormatSheet]:
    """``version`` with its exports, newest first."""
    newest: dict[str, Export] = {}
    for export in version.exports.all():
        newest.setdefault(export.format, export)
    return [FormatSheet(name, row_format.about, newest.get(name)) for name, row_format in FORMATS.items()]
