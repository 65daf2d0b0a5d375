"""Expert annotation of trajectories. May import ``diagnosis``; ``diagnosis`` never imports it (import-linter).

``rules`` what a rubric and labels are, without a database · ``models`` the truth in PostgreSQL · ``selectors`` reads ·
``services`` the verbs · ``tasks`` the sweeper · ``web`` the queue and the page on which one judges · ``admin`` rubrics,
items and reviewers for those who administrate.
"""
