"""Live walkthroughs: a clinician watches a served model work up a case, turn by turn.

``models`` the truth in PostgreSQL · ``streaming`` the replaceable Redis cache of tokens in flight · ``selectors``
reads · ``dispatch`` starts tasks by name after commit · ``services`` the verbs · ``tasks`` Celery · ``web`` pages, SSE,
doorbell · ``management`` commands. Each layer imports only those before it.
"""
