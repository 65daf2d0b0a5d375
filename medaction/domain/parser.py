"""From a model's text to a turn: total, incremental, and the same for every way of cutting the text into chunks."""

from dataclasses import dataclass

from medaction.domain import actions
from medaction.domain.actions import MAX_HYPOTHESES, MAX_TESTS, Turn
from medaction.domain.lenient_json import LenientJson
from medaction.domain.turn_paths import HYPOTHESIS_KEYS, TOP_KEYS, Frame, Role, root_frame
from medaction.domain.turn_reading import MAX_CITATIONS, read_turn

_UNSTORABLE = {0: "\ufffd"} | dict.fromkeys(range(55296, 57344), "�")


@dataclass(frozen=True, slots=True)
class PartDelta:
    """Text to append to one part of a turn. Paths are those of the JSON dialect: ``differential.0.for.1``."""

    path: str
    text: str


class TurnParser:
    """Feed text as it arrives; read ``turn()`` at any time, and for good after ``finish()``.

    Nothing that was told is ever taken back: deltas only append, and of two values for one part the first one counts.
    A part that was cut off shows in the deltas, but an order or a diagnosis that was cut off is no action.
    """

    def __init__(self, *, must_diagnose: bool = False) -> None:
        self._must_diagnose = must_diagnose
        self._reader = LenientJson(self)
        self._parts: dict[str, list[str]] = {}
        self._complete: set[str] = set()
        self._problems: dict[str, None] = {}
        self._deltas: list[PartDelta] = []
        self._prose: list[str] = []
        self._frames: list[Frame] = []
        self._taken: set[str] = set()
        self._path: str | None = None
        self._recognised = False
        self._finished = False

    def feed(self, chunk: str) -> list[PartDelta]:
        """Read more text. Returns what it adds, joined where neighbouring deltas share a path."""
        if self._finished:
            return []
        if not chunk.isascii() or "\x00" in chunk:
            chunk = chunk.translate(_UNSTORABLE)
        if not self._recognised:
            self._prose.append(chunk)
        self._reader.feed(chunk)
        return self._drain()

    def finish(self) -> list[PartDelta]:
        """The text has ended. Text without any JSON object is kept, whole, as the reasoning."""
        if self._finished:
            return []
        self._finished = True
        if self._reader.found and not self._reader.done:
            self._problems[actions.UNTERMINATED] = None
        self._reader.finish()
        if not self._recognised:
            self._problems = {actions.NOT_JSON: None}
            prose = "".join(self._prose).strip()
            if prose:
                self._append("reasoning", prose)
                self._complete.add("reasoning")
        self._prose.clear()
        return self._drain()

    def parts(self) -> list[PartDelta]:
        """Everything so far, one delta a path, in the order in which the paths began."""
        return [PartDelta(path, "".join(texts)) for path, texts in self._parts.items()]

    def turn(self) -> Turn:
        """The turn as far as it has been read."""
        parts = {path: "".join(texts) for path, texts in self._parts.items()}
        return read_turn(parts, self._complete, self._problems, must_diagnose=self._must_diagnose)

    def _drain(self) -> list[PartDelta]:
        deltas, self._deltas = self._deltas, []
        joined: list[PartDelta] = []
        for delta in deltas:
            if joined and joined[-1].path == delta.path:
                joined[-1] = PartDelta(delta.path, joined[-1].text + delta.text)
            else:
                joined.append(delta)
        return joined

    def _append(self, path: str, text: str) -> None:
        self._parts.setdefault(path, []).append(text)
        self._deltas.append(PartDelta(path, text))

    # What the reader tells

    def key(self, name: str) -> None:
        frame = self._frames[-1]
        frame.key = name.strip().lower().replace(" ", "_").replace("-", "_")
        if frame.role is Role.RANKING and frame.key not in HYPOTHESIS_KEYS:
            # {"differential": {"Asthma": 0.6}}: the key is the diagnosis.
            frame.index += 1
            if self._within_limit(frame):
                path = f"differential.{frame.index}.dx"
                self._taken.add(path)
                self._append(path, name.strip().translate(_UNSTORABLE))
                self._complete.add(path)

    def opened(self, kind: str) -> None:
        if not self._frames:
            self._frames.append(root_frame())
            return
        parent = self._frames[-1]
        self._advance(parent)
        frame = parent.child(kind)
        if not self._within_limit(parent) or self._repeated(frame.claim):
            frame = Frame(Role.SKIP)
        self._frames.append(frame)

    def closed(self) -> bool:
        self._frames.pop()
        return self._recognised

    def scalar(self) -> None:
        frame = self._frames[-1]
        self._advance(frame)
        path = frame.scalar_path() if self._within_limit(frame) else None
        if path is not None and frame.role is Role.PARAGRAPHS:
            if path in self._parts:
                self._append(path, "\n")
        elif path is not None and self._repeated(path):
            path = None
        self._path = path
        self._note_recognised(frame)

    def text(self, text: str) -> None:
        if self._path is not None and text:
            self._append(self._path, text.translate(_UNSTORABLE) if "\x00" in text else text)

    def scalar_ended(self, complete: bool) -> None:
        if self._path is not None and complete:
            self._complete.add(self._path)
        self._path = None

    def malformed(self) -> None:
        self._problems[actions.MALFORMED] = None

    def _note_recognised(self, frame: Frame) -> None:
        if not self._recognised and frame.role is Role.ROOT and frame.key in TOP_KEYS:
            self._recognised = True
            self._prose.clear()

    def _advance(self, frame: Frame) -> None:
        if frame.counts:
            frame.index += 1
        self._note_recognised(frame)

    def _repeated(self, claim: str | None) -> bool:
        """Whether this part was given before; the first one counts."""
        if claim is None:
            return False
        if claim in self._taken:
            self._problems[actions.DUPLICATE_KEY] = None
            return True
        self._taken.add(claim)
        return False

    def _within_limit(self, frame: Frame) -> bool:
        if frame.role in (Role.HYPOTHESES, Role.RANKING) and frame.index >= MAX_HYPOTHESES:
            self._problems[actions.TOO_MANY_DIAGNOSES] = None
            return False
        if frame.role is Role.TESTS and frame.index >= MAX_TESTS:
            self._problems[actions.TOO_MANY_TESTS] = None
            return False
        return frame.role is not Role.CITATIONS or frame.index < MAX_CITATIONS


def parse_turn(text: str, *, must_diagnose: bool = False) -> Turn:
    """The turn in a whole text; never raises."""
    parser = TurnParser(must_diagnose=must_diagnose)
    parser.feed(text)
    parser.finish()
    return parser.turn()
