"""The guides name what exists: every setting that is read, every target that is promised, every file that is linked."""

import re
from pathlib import Path

import pytest

from .running import ROOT

GUIDES = [ROOT / "README.md", ROOT / "CONTEXT.md", *sorted((ROOT / "docs" / "guides").glob("*.md"))]
READ = re.compile(r"\benv\.(?:text|flag|number|words|database|redis_url|model_url)\(\s*\"([A-Z_]+)\"")


def test_every_setting_is_explained() -> None:
    sources = [path for folder in ("settings", "stack") for path in (ROOT / "medaction_site" / folder).glob("*.py")]
    read = {name for path in sources for name in READ.findall(path.read_text(encoding="utf-8"))}
    guide = (ROOT / "docs" / "guides" / "configuration.md").read_text(encoding="utf-8")
    assert len(read) > 20
    assert not {name for name in read if f"`{name}`" not in guide}


def test_every_promised_target_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z0-9-]+):", makefile, re.MULTILINE))
    text = "\n".join(path.read_text(encoding="utf-8") for path in GUIDES)
    named = set(re.findall(r"(?:`|^    )make ([a-z0-9-]+)", text, re.MULTILINE))
    assert {"setup", "demo", "test", "lint", "types", "e2e", "bench", "screenshots", "lock", "clean"} <= targets
    assert named <= targets


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_links_lead_somewhere(guide: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", guide.read_text(encoding="utf-8"))
    assert not [link for link in links if "://" not in link and not (guide.parent / link).exists()]
