"""A review set as what a version is built from, with the figures of its card."""

from collections.abc import Iterator, Sequence
from typing import Any

from medaction.corpus.errors import CorpusError
from medaction.distill.runs import Run
from medaction.formats.training import RowFormat, TreeMaterial

from .materials import Reader
from .policy import LabelPolicy, ReviewPolicy
from .reliability import Labels, weigh_raters
from .review_set import ReviewSet
from .telling import Teller


class ReviewSource:
    """``runs`` is empty: the judgements' trees need not come from a run."""

    runs: Sequence[Run] = ()
    nothing = "no judgement of the set says under this policy what is good"

    def __init__(self, reviews: ReviewSet, policy: ReviewPolicy) -> None:
        """Reads all labels once. Raises :class:`CorpusError` for a set without judgements, and for weights that
        nothing can be made of."""
        self._reviews = reviews
        self._labels = Labels(reviews.trees(), policy.stage)
        self.size = self._labels.trees
        weights: dict[str, float] = {}
        if policy.labels is LabelPolicy.WEIGHTS:
            weights = weigh_raters(self._labels, reviews.gold, policy.reliability)
        self._reader = Reader(Teller(reviews.nature.value, policy, reviews.rubric.name, weights))

    def trees(self, row_format: RowFormat) -> Iterator[tuple[TreeMaterial, bool]]:
        """The graph offers nothing from a case's own publication: nobody has said that it may."""
        cases = self._reviews.cases()
        for tree in self._reviews.trees():
            if tree.case_hash not in cases:
                raise CorpusError(f"the review set has a judged tree of {tree.case!r}, and no such case")
            for material in self._reader.read(tree, cases[tree.case_hash]):
                yield material, False

    def tell(self) -> dict[str, Any]:
        """``reviews``: everything that a data card says of the judgements."""
        manifest = self._reviews.manifest
        raters = self._labels.raters | self._reader.pairs.raters
        return {
            "reviews": {
                "fingerprint": self._reviews.fingerprint,
                "nature": manifest["nature"],
                "rubric": manifest["rubric"],
                "raters": len(raters),
                **self._reader.branches.to_dict(),
                **self._reader.pairs.to_dict(),
                "weights": dict(self._reader.teller.weights),
                "agreement": self._labels.agreement(),
                "left_out": manifest["left_out"],
            }
        }
