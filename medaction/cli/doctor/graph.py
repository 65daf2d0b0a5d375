"""The knowledge graph: compiled for the inputs of this installation, and readable."""

from __future__ import annotations

from medaction.cli.doctor.check import Check, Status, Surroundings
from medaction.knowledge import KnowledgeGraph
from medaction.knowledge.cache import default_cache, graph_path
from medaction.knowledge.compiling.inputs import hash_inputs
from medaction.knowledge.problems import KnowledgeError
from medaction.knowledge.sources.places import find_places
from medaction.knowledge.store import StoreError


def check_graph(where: Surroundings) -> Check:
    cache = where.cache or default_cache()
    try:
        path = graph_path(cache, hash_inputs(find_places()))
        counts = KnowledgeGraph.load(path).meta["counts"]
    except FileNotFoundError:
        advice = "It is built at first use, in about ten seconds; `medaction kg build` does it now."
        return Check("graph", Status.WARN, f"not built yet for this version ({cache})", advice)
    except (StoreError, KnowledgeError, OSError) as error:
        return Check("graph", Status.FAIL, f"{error}".splitlines()[0], "Run `medaction kg build --force`.")
    return Check("graph", Status.OK, f"{counts['authored_diseases']:,} authored diseases, in {cache}")
