"""A model's Markdown as HTML that is safe to show: no links, images, raw HTML or attributes come through."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

_ALLOWED = {"p", "br", "strong", "em", "code", "pre", "ul", "ol", "li", "blockquote", "h3", "h4", "hr"}
_DOCUMENT_TAGS = _ALLOWED | {"table", "thead", "tbody", "tr", "th", "td"}
_RENDERER = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True}).disable(["image", "link"])

_DOCUMENTS = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable(["image", "link"]).enable("table")


@lru_cache(maxsize=2048)
def render_markdown(text: str) -> str:
    """Sanitised HTML. Cached: a committed turn never changes."""
    return nh3.clean(_RENDERER.render(text), tags=_ALLOWED, attributes={})


def render_document(text: str) -> str:
    """The same of a page of our own, with tables; its headings stand below that of the page it is shown on."""
    tokens = _DOCUMENTS.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h3" if token.tag in ("h1", "h2") else "h4"
    html = _DOCUMENTS.renderer.render(tokens, _DOCUMENTS.options, {})
    return nh3.clean(html, tags=_DOCUMENT_TAGS, attributes={})
