"""Administration of review: lists with search, filters and actions. What was judged can only be looked at.

rubrics (editor with preview, new versions) · items (found, added in bulk, retired) · pairs (and what was preferred) ·
people (reviewers) · adjudications (and exemplars) · records (annotations, skips and the audit log) · forms
"""

from . import adjudications, items, pairs, people, records, rubrics

__all__ = ["adjudications", "items", "pairs", "people", "records", "rubrics"]
