"""How far raters agree, and which of two answers they prefer. Pure numbers in, numbers out; numpy alone.

ratings      who said what of which item; what can be missing; why a figure is not defined
alpha        Krippendorff's alpha: nominal, ordinal, interval
kappa        percent agreement, Cohen's and Fleiss' kappa
first_error  how far apart reviewers see the first error of a path
matrices     rater × rater, and rater × gold
ranking      Bradley-Terry with ties (Davidson) and covariates such as length
resampling   jackknife and bootstrap

A figure that is not defined is None with the reason, never 0 or 1.
"""

from .alpha import Level, alpha_of_counts, krippendorff_alpha
from .first_error import find_first_error, first_error_distance
from .kappa import cohen_kappa, fleiss_kappa, percent_agreement, percent_of_counts
from .matrices import Measure, compare_raters, compare_with_gold
from .ranking import Comparison, Outcome, Ranking, length_difference, rank_pairs
from .ratings import Agreement, Ratings, Undefined
from .resampling import leave_out_means, number_groups, spread

__all__ = [
    "Agreement",
    "Comparison",
    "Level",
    "Measure",
    "Outcome",
    "Ranking",
    "Ratings",
    "Undefined",
    "alpha_of_counts",
    "cohen_kappa",
    "compare_raters",
    "compare_with_gold",
    "find_first_error",
    "first_error_distance",
    "fleiss_kappa",
    "krippendorff_alpha",
    "leave_out_means",
    "length_difference",
    "number_groups",
    "percent_agreement",
    "percent_of_counts",
    "rank_pairs",
    "spread",
]
