"""What a rubric asks and what an answer to it may be. Pure: no Django, no database.

content   a rubric's questions, with their JSON Schema      labels    one reviewer's answers, with theirs
checking  what is still missing, as sentences               scoring   how near labels are to a reference
shipped   the rubric that the project brings            points    what of a rubric a turn can illustrate
turns     what is wrong with a corrected turn           pairing   what is said about a pair
"""

from .checking import Gap, find_trajectory_gaps, find_turn_gaps
from .content import Question, RubricContent, RubricError, read_content
from .labels import COMMENT_LIMIT, Labels, LabelsError, TrajectoryLabel, TurnLabel, read_labels
from .pairing import PairAnswer, find_misfits, find_pair_gaps
from .points import PARTS, Point, list_points, points_of
from .scoring import Agreement, compare_labels
from .shipped import load_shipped
from .turns import find_correction_gaps

__all__ = [
    "COMMENT_LIMIT",
    "PARTS",
    "Agreement",
    "Gap",
    "Labels",
    "LabelsError",
    "PairAnswer",
    "Point",
    "Question",
    "RubricContent",
    "RubricError",
    "TrajectoryLabel",
    "TurnLabel",
    "compare_labels",
    "find_correction_gaps",
    "find_misfits",
    "find_pair_gaps",
    "find_trajectory_gaps",
    "find_turn_gaps",
    "list_points",
    "load_shipped",
    "points_of",
    "read_content",
    "read_labels",
]
