"""The Django project: settings, URLs, ASGI and Celery applications, and the embedded stack.

``env`` is the only module that reads ``os.environ``; ``stack`` starts every process of the demo.
"""
