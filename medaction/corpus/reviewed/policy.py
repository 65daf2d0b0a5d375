"""Which of several judgements counts."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from medaction.corpus.errors import CorpusError

Word = TypeVar("Word", bound=StrEnum)


class LabelPolicy(StrEnum):
    """AUTHORITATIVE: the adjudicated revision; without one, a single judgement, or several that agree in every label.

    MAJORITY: for each turn the label that more reviewers gave than any other. ALL: each judgement by itself. WEIGHTS:
    as ALL, each row with the weight of its rater.
    """

    AUTHORITATIVE = "authoritative"
    MAJORITY = "majority"
    ALL = "all"
    WEIGHTS = "weights"


class Pass(StrEnum):
    """FIRST: judged with the future hidden. SECOND: with the truth shown, the last word of the reviewer."""

    FIRST = "first"
    SECOND = "second"


class Reliability(StrEnum):
    """What a rater's weight is made from: the answers to gold items, or the labels of others on the same turns."""

    GOLD = "gold"
    AGREEMENT = "agreement"


@dataclass(frozen=True, slots=True)
class ReviewPolicy:
    """``reliability`` is read by WEIGHTS alone."""

    labels: LabelPolicy = LabelPolicy.AUTHORITATIVE
    stage: Pass = Pass.SECOND
    reliability: Reliability = Reliability.AGREEMENT

    @property
    def by_rater(self) -> bool:
        """Whether each judgement stands by itself."""
        return self.labels in (LabelPolicy.ALL, LabelPolicy.WEIGHTS)

    def to_dict(self) -> dict[str, Any]:
        weighted = {"reliability": self.reliability.value} if self.labels is LabelPolicy.WEIGHTS else {}
        return {"labels": self.labels.value, "pass": self.stage.value, **weighted}


def read_policy(labels: str, stage: str = Pass.SECOND, reliability: str = Reliability.AGREEMENT) -> ReviewPolicy:
    """Raises :class:`CorpusError` with the words that there are."""
    return ReviewPolicy(
        _read(LabelPolicy, labels, "policy"),
        _read(Pass, stage, "pass"),
        _read(Reliability, reliability, "reliability"),
    )


def _read(words: type[Word], value: str, what: str) -> Word:
    try:
        return words(value)
    except ValueError:
        raise CorpusError(f"there is no {what} {value!r}; use one of {', '.join(words)}") from None
