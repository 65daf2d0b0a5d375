"""The verbs. Keyword-only; one transaction each; what the world hears comes after commit.

storing   trees, scores and verdicts into their tables, by COPY
"""
