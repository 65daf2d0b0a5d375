"""What decides a dataset version, apart from the runs it is built from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from medaction.formats.training import FORMATS

from .errors import CorpusError
from .reviewed.policy import ReviewPolicy

PLAIN, ASSISTED = "plain", "assisted"
PROMPTS = (PLAIN, ASSISTED)
DEFAULT_SPLITS = {"train": 0.9, "validation": 0.05, "test": 0.05}


@dataclass(frozen=True, slots=True)
class Recipe:
    """``splits``: shares of case groups, in order; they sum to 1. ``policies``: names to take; empty: all.

    ``prompt``: how the conversations are put, one of ``PROMPTS``. ``review``: which judgements count, where the version
    is made of some. ``near``: the likeness of texts (Jaccard index of
    five-word runs) from which two cases count as one.
    Raises :class:`CorpusError` for values that make no version.
    """

    format: str = "sft"
    splits: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_SPLITS))
    seed: int = 0
    policies: tuple[str, ...] = ()
    near: float = 0.8
    prompt: str = PLAIN
    review: ReviewPolicy | None = None

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            raise CorpusError(f"there is no format {self.format!r}; use one of {', '.join(FORMATS)}")
        if self.prompt not in PROMPTS:
            raise CorpusError(f"there is no prompt {self.prompt!r}; use one of {', '.join(PROMPTS)}")
        if not self.splits or any(not 0 < share <= 1 for share in self.splits.values()):
            raise CorpusError("each split needs a share above 0 and at most 1, as in train=0.9,validation=0.1")
        if abs(sum(self.splits.values()) - 1) > 1e-6:
            raise CorpusError(f"the splits' shares sum to {sum(self.splits.values()):g}; they must sum to 1")
        if any(not name.isidentifier() for name in self.splits):
            raise CorpusError("a split's name is made of letters, digits and underscores")
        if not 0 < self.near <= 1:
            raise CorpusError("the likeness of near duplicates must be above 0 and at most 1")

    def to_dict(self) -> dict[str, Any]:
        return {
            "format": self.format,
            "splits": dict(self.splits),
            "seed": self.seed,
            "policies": list(self.policies),
            "near": self.near,
            # A version in the ordinary prompt keeps the hash that it had before there was another.
            **({} if self.prompt == PLAIN else {"prompt": self.prompt}),
            **({} if self.review is None else {"review": self.review.to_dict()}),
        }


def read_splits(text: str) -> dict[str, float]:
    """``train=0.9,validation=0.1`` as shares. Raises :class:`CorpusError`."""
    splits: dict[str, float] = {}
    for part in text.split(","):
        name, _, share = part.partition("=")
        try:
            splits[name.strip()] = float(share)
        except ValueError:
            raise CorpusError(f"{part.strip()!r} is no split; write it as train=0.9,validation=0.1") from None
    return splits
