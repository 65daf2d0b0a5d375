"""Policies by name."""

from collections.abc import Callable

from medaction.inference.registry import SCRIPTED_PREFIX, ModelSpec, open_model
from medaction.inference.timeouts import Timeouts
from medaction.knowledge import KnowledgeGraph
from medaction.knowledge.dropout import drop_edges
from medaction.knowledge.extraction import Extractor

from .anchored import AnchoredPolicy
from .chat import ChatPolicy, ChatSettings, Dialect
from .kg import KgPolicy, open_extractor
from .policy import SamplingPolicy
from .random_tests import RandomPolicy

DROPOUT = "kg-dropout"
POLICIES = (KgPolicy.name, DROPOUT, RandomPolicy.name, AnchoredPolicy.name, f"{SCRIPTED_PREFIX}walk")
GRAPH_DROPOUT = 0.3
"""The share of the graph's statements that ``kg-dropout`` does not see."""


def open_policy(
    name: str,
    graph: Callable[[], KnowledgeGraph],
    *,
    dropout: float = GRAPH_DROPOUT,
    seed: int = 0,
    extractor: Extractor | None = None,
) -> SamplingPolicy:
    """One of ``POLICIES`` by its name; ``scripted:`` takes the name of any script. A chat is opened by
    :func:`open_chat`. ``graph`` is called only when it is needed; ``dropout`` and ``seed`` are for ``kg-dropout``.

    Raises ``ValueError`` for another name, ``ModelError`` for a script that does not exist.
    """
    if name == KgPolicy.name:
        return KgPolicy(graph(), extractor=extractor)
    if name == DROPOUT:
        whole = graph()
        label = f"{KgPolicy.label}, without {dropout:.0%} of the graph"
        part = drop_edges(whole, dropout, seed)
        return KgPolicy(part, extractor=extractor or open_extractor(whole), name=DROPOUT, label=label)
    if name == RandomPolicy.name:
        return RandomPolicy([disease.name for disease in graph().list_authored()])
    if name == AnchoredPolicy.name:
        return AnchoredPolicy()
    if name.startswith(SCRIPTED_PREFIX) or name == "scripted":
        spec = ModelSpec("scripted", name.partition(":")[2] or "walk@0")
        return ChatPolicy(open_model(spec))
    raise ValueError(f"there is no policy {name!r}; use {', '.join(POLICIES)}, or name a model and its base URL")


def open_chat(
    model: str,
    base_url: str,
    api_key: str = "",
    settings: ChatSettings | None = None,
    *,
    dialect: Dialect | None = None,
    timeouts: Timeouts | None = None,
) -> ChatPolicy:
    """Any OpenAI-compatible server as a policy. Raises ``ModelError``."""
    spec = ModelSpec("openai", model, base_url, api_key)
    return ChatPolicy(open_model(spec, timeouts=timeouts), settings, dialect=dialect)
