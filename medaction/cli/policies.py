"""A policy from a command's options."""

from pathlib import Path

import typer

from medaction.cli.app import fail
from medaction.distill.policies import Policy, open_policy
from medaction.distill.policies.catalogue import open_chat
from medaction.inference.errors import ModelError
from medaction.knowledge import KnowledgeError, KnowledgeGraph, open_graph


def load_graph(cache: Path | None) -> KnowledgeGraph:
    """The graph, built when it must be; a broken authored layer ends the command with the reason."""
    try:
        return open_graph(cache, on_build=lambda: typer.echo("Building the graph …", err=True))
    except KnowledgeError as error:
        fail(f"the graph was not built:\n{error}")


def load_policy(
    name: str | None, graph: KnowledgeGraph, *, model: str | None = None, base_url: str | None = None, api_key: str = ""
) -> Policy:
    """``name``, or a chat policy over ``base_url``. Ends the command when neither makes a policy."""
    try:
        if base_url:
            return open_chat(model or "", base_url, api_key)
        return open_policy(name or "kg", lambda: graph)
    except (ModelError, ValueError) as error:
        raise typer.BadParameter(str(error)) from error
