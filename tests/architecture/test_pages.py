"""Rules about templates and scripts: the content security policy allows nothing inline and nothing from elsewhere."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from .repository import files, name

REMOTE = re.compile(r"(?:https?:)?//(?!\{)[\w.-]+", re.IGNORECASE)
FETCHING = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src", "form": "action"}
DJANGO = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", re.DOTALL)


class Inline(HTMLParser):
    """Collects what a strict policy would block, or what would leave the server."""

    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {key: value or "" for key, value in attrs}
        if tag == "style" or (tag == "script" and "src" not in values):
            self.problems.append(f"inline <{tag}>")
        for key, value in values.items():
            if key == "style" or key.startswith(("on", "hx-on", "x-", "@")):
                self.problems.append(f"<{tag} {key}=…>")
            if value.strip().lower().startswith("javascript:"):
                self.problems.append(f"<{tag}> javascript: address")
        if REMOTE.match(values.get(FETCHING.get(tag, ""), "").strip()):
            self.problems.append(f"<{tag}> loads from elsewhere")


def problems(text: str) -> list[str]:
    parser = Inline()
    parser.feed(DJANGO.sub("x", text))
    parser.close()
    return parser.problems


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<style>p{}</style>",
        '<p style="color:red">',
        '<a onclick="x()">',
        '<div hx-on:click="x()">',
        '<a href="javascript:x()">',
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="//fonts.example/a.css">',
    ],
)
def test_the_rule_finds_what_it_looks_for(text: str) -> None:
    assert problems(text)


def test_templates_hold_nothing_inline_or_remote() -> None:
    found = {
        name(path): bad for path in files("templates/*.html") if (bad := problems(path.read_text(encoding="utf-8")))
    }
    assert not found


def own_scripts() -> Iterator[Path]:
    return (path for path in files("static/*.js") if "vendor" not in path.parts)


def test_scripts_evaluate_nothing_and_load_nothing_from_elsewhere() -> None:
    forbidden = re.compile(r"\beval\(|new Function\(|document\.write|insertAdjacentHTML|\.(?:inner|outer)HTML\s*\+?=")
    found = [
        f"{name(path)}:{number}"
        for path in own_scripts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if forbidden.search(line) or re.search(r"""(?:import|from|fetch)\b.*["'`](?:https?:)?//""", line)
    ]
    assert not found


def test_styles_load_nothing_from_elsewhere() -> None:
    remote = re.compile(r"""(?:@import|url\()\s*["']?(?:https?:)?//""")
    found = [name(path) for path in files("static/*.css") if remote.search(path.read_text(encoding="utf-8"))]
    assert not found
