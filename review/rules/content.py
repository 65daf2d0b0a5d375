"""The questions of a rubric. ``RubricContent.model_json_schema()`` is their JSON Schema."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Meaning = Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]?$")]
# The page listens to these: go, next, previous, first error, inherited, harm, level of confidence, note, unmarked.
PAGE_KEYS = frozenset("gjkeihlnu")


class RubricError(ValueError):
    """A rubric that cannot be used. ``sentences`` say where and why."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__(" ".join(self.sentences))


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(Part):
    """How a turn may be labelled: +1, 0 or −1. Unmarked is always possible and is no label."""

    value: Literal[1, 0, -1]
    word: Word
    meaning: Meaning = ""


class Choice(Part):
    """Something to tick. ``key`` ticks it by keyboard."""

    id: Id
    word: Word
    meaning: Meaning = ""
    key: Key = ""


class Reason(Choice):
    """Why a turn was hard to judge. ``ticket``: it is the case that should be mended."""

    ticket: bool = False


class Level(Part):
    """A place on a scale, for harm or confidence."""

    value: Annotated[int, Field(ge=0, le=9)]
    word: Word
    meaning: Meaning = ""


class Option(Part):
    value: Id
    word: Word
    key: Key = ""


class Question(Part):
    """Something else that is asked. ``choice`` has options, ``text`` has none."""

    id: Id
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
    kind: Literal["choice", "text"]
    options: tuple[Option, ...] = ()
    required: bool = False

    @model_validator(mode="after")
    def _options_fit(self) -> Self:
        if (self.kind == "choice") != bool(self.options):
            raise ValueError(f"question {self.id}: a choice has options, a text has none")
        _once((option.value for option in self.options), f"options of question {self.id}")
        _keys(self.options, f"question {self.id}")
        return self


class RubricContent(Part):
    """``mode``: ``every_step``, each turn is judged; ``first_error``, judging may stop at the first wrong turn."""

    title: Word
    guidance: Annotated[str, StringConstraints(max_length=20_000)] = ""
    mode: Literal["every_step", "first_error"] = "every_step"
    steps: Annotated[tuple[Step, ...], Field(min_length=2)]
    errors: tuple[Choice, ...] = ()
    errors_required: bool = True
    harms: tuple[Level, ...] = ()
    harm_required: bool = True
    confidence: tuple[Level, ...] = ()
    confidence_required: bool = False
    hard: tuple[Reason, ...] = ()
    turn_questions: tuple[Question, ...] = ()
    trajectory_questions: tuple[Question, ...] = ()

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        _once((step.value for step in self.steps), "step labels")
        _once((level.value for level in self.harms), "levels of harm")
        _once((level.value for level in self.confidence), "levels of confidence")
        for what in ("errors", "hard", "turn_questions", "trajectory_questions"):
            _once((part.id for part in getattr(self, what)), what.replace("_", " "))
        _keys(self.errors, "errors")
        return self


def read_content(value: Any) -> RubricContent:
    """Raises :class:`RubricError` with a sentence for each fault."""
    try:
        return RubricContent.model_validate(value)
    except ValidationError as error:
        raise RubricError(sentence(each) for each in error.errors()) from None


def sentence(fault: Any) -> str:
    """One fault that pydantic found, as a person reads it."""
    place = " → ".join(str(part) for part in fault["loc"]) or "the whole"
    return f"{place}: {fault['msg'].removeprefix('Value error, ')}."


def _once(values: Iterable[Any], what: str) -> None:
    found = list(values)
    if len(set(found)) < len(found):
        raise ValueError(f"{what}: each may stand there once")


def _keys(parts: Iterable[Choice | Option], what: str) -> None:
    keys = [part.key for part in parts if part.key]
    _once(keys, f"keys of {what}")
    if taken := PAGE_KEYS.intersection(keys):
        raise ValueError(f"{what}: the page itself uses the keys {', '.join(sorted(taken))}")
