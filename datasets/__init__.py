"""What is made of cases: distillation runs with their trees, scores and verdicts; imports; dataset versions; exports.

``models`` the truth in PostgreSQL · ``selectors`` reads · ``dispatch`` starts tasks by name after commit · ``services``
the verbs · ``tasks`` Celery, in a worker of their own (queue ``growth``) · ``web`` pages · ``admin`` lists for those
who administrate · ``management`` commands. The algorithms are in ``medaction``; nothing is computed here that the
command line would compute otherwise.
"""
