"""Celery's part of review: what the beat asks for, and the examples of a first look."""

from .definitions import add_examples, read_graph, sweep, trace_edges
from .reporting import report_agreement

__all__ = ["add_examples", "read_graph", "report_agreement", "sweep", "trace_edges"]
