"""Reads. ``graph`` (the knowledge graph as this process sees it) and one module a page."""
