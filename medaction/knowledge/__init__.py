"""The knowledge graph of diseases, findings and tests."""
