"""Policies by name."""

from collections.abc import Callable

from medaction.inference.registry import SCRIPTED_PREFIX, ModelSpec, open_model
from medaction.knowledge import KnowledgeGraph

from .chat import ChatPolicy, ChatSettings
from .kg import KgPolicy
from .policy import Policy

POLICIES = ("kg", f"{SCRIPTED_PREFIX}walk")


def open_policy(name: str, graph: Callable[[], KnowledgeGraph]) -> Policy:
    """``kg``, ``scripted:NAME``, or ``chat`` by :func:`open_chat`. ``graph`` is called only when it is needed.

    Raises ``ValueError`` for another name, ``ModelError`` for a script that does not exist.
    """
    if name == KgPolicy.name:
        return KgPolicy(graph())
    if name.startswith(SCRIPTED_PREFIX) or name == "scripted":
        spec = ModelSpec("scripted", name.partition(":")[2] or "walk@0")
        return ChatPolicy(open_model(spec))
    raise ValueError(f"there is no policy {name!r}; use {', '.join(POLICIES)}, or name a model and its base URL")


def open_chat(model: str, base_url: str, api_key: str = "", settings: ChatSettings | None = None) -> ChatPolicy:
    """Any OpenAI-compatible server as a policy. Raises ``ModelError``."""
    return ChatPolicy(open_model(ModelSpec("openai", model, base_url, api_key)), settings)
