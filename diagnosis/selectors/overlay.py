"""Where this site keeps what its reviewers decided about the knowledge graph."""

from pathlib import Path

from django.conf import settings


def overlay_path() -> Path:
    """Among the files that all machines share. There need be none: then the graph is that of the package."""
    return Path(settings.MEDIA_ROOT) / "graph" / "overlay.yaml"
