"""``stack.json``: what runs now, for the next start, ``status``, ``down`` and ``exec``."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .home import write_private
from .processes import ProcessId


@dataclass(slots=True)
class Record:
    """``environment`` is what a child process gets on top of ours; ``ready`` names the parts that answer."""

    runner: ProcessId | None = None
    address: str = ""
    ready: list[str] = field(default_factory=list)
    parts: dict[str, ProcessId] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Record":
        """Return what the file says; an empty record when there is none or it cannot be read."""
        try:
            stored: dict[str, Any] = json.loads(path.read_text())
            return cls(
                runner=ProcessId(**stored["runner"]) if stored["runner"] else None,
                address=stored["address"],
                ready=stored["ready"],
                parts={name: ProcessId(**part) for name, part in stored["parts"].items()},
                environment=stored["environment"],
            )
        except (OSError, ValueError, KeyError, TypeError):
            return cls()

    def write(self, path: Path) -> None:
        write_private(path, json.dumps(asdict(self), indent=1))

    def is_running(self) -> bool:
        return self.runner is not None and self.runner.is_alive()
