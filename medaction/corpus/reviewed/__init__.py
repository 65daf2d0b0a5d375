"""Judgements of people as a source of dataset versions.

policy       which judgement counts: authoritative, majority, all, weights; first or second pass
records      a judged tree, as it is stored: judgements, adjudications, votes, a correction
review_set   the folder that holds them, with one rubric version and pseudonyms
deciding     judged trees to decisions about their branches
reliability  how far a rater is to be trusted, and how far raters agree
materials    decisions as what every training format is written from
pairs        comparisons as pairs, the better first      mending   corrections, to learn from and as pairs
source       a review set as what a version is built from, with the figures of its card
demo         judgements that no person gave, to try it all
"""

from .policy import LabelPolicy, Pass, Reliability, ReviewPolicy
from .records import Choice, Comparison, Correction, JudgedTree, Judgement, Step, Vote
from .review_set import Gold, Nature, ReviewSet, Rubric, SetError, make_pseudonym, open_review_set, write_review_set
from .source import ReviewSource

__all__ = [
    "Choice",
    "Comparison",
    "Correction",
    "Gold",
    "JudgedTree",
    "Judgement",
    "LabelPolicy",
    "Nature",
    "Pass",
    "Reliability",
    "ReviewPolicy",
    "ReviewSet",
    "ReviewSource",
    "Rubric",
    "SetError",
    "Step",
    "Vote",
    "make_pseudonym",
    "open_review_set",
    "write_review_set",
]
