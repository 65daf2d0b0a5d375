"""A model's Markdown as HTML that is safe to show: no links, images, raw HTML or attributes come through."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

_ALLOWED = {"p", "br", "strong", "em", "code", "pre", "ul", "ol", "li", "blockquote", "h3", "h4", "hr"}
_RENDERER = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True}).disable(["image", "link"])


@lru_cache(maxsize=2048)
def render_markdown(text: str) -> str:
    """Sanitised HTML. Cached: a committed turn never changes."""
    return nh3.clean(_RENDERER.render(text), tags=_ALLOWED, attributes={})
