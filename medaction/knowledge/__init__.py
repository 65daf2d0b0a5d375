"""The knowledge graph: diseases, findings and tests, and what joins them.

Three layers make one compiled file: HPO with its annotations (rare disease), ICD-10-CM (identity and hierarchy), and
the layer authored by this project under ``data/`` (common disease, findings clinicians use, the tests that show them).

    from medaction.knowledge import open_graph, find_relation, rank_diseases, explain
    graph = open_graph()
    link = graph.concept("STEMI")                  # Link(concept, method, grade, note) or None
    find_relation(graph, "HP:0002094", link.concept)

``sources`` read the inputs · ``build`` compiles them · ``cache`` finds or builds the file · ``graph`` answers ·
``normaliser`` links names · ``similarity``, ``paths``, ``relation``, ``explain`` compare · ``ranking`` ranks ·
``lint``, ``check`` refuse.
Every probability without a citation is an estimate, and says so.
"""

from .cache import open_graph
from .explain import explain
from .graph import KnowledgeGraph, UnknownConceptError
from .model import Concept, Edge, Grade, Kind, Link, Method, Ranked, Relation, Suggestion, TestEdge
from .problems import KnowledgeError, Problem
from .ranking.answers import prior_of, rank_diseases, rank_phenotypes
from .relation import find_relation

__all__ = [
    "Concept",
    "Edge",
    "Grade",
    "Kind",
    "KnowledgeError",
    "KnowledgeGraph",
    "Link",
    "Method",
    "Problem",
    "Ranked",
    "Relation",
    "Suggestion",
    "TestEdge",
    "UnknownConceptError",
    "explain",
    "find_relation",
    "open_graph",
    "prior_of",
    "rank_diseases",
    "rank_phenotypes",
]
