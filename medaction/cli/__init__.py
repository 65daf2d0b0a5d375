"""The `medaction` command. `app` holds the application; each other module adds its commands when it is imported."""

from __future__ import annotations

from medaction.cli import cases, doctor, kg, serve_model
from medaction.cli.app import app

__all__ = ["app", "cases", "doctor", "kg", "main", "serve_model"]


def main() -> None:
    """Entry point of the `medaction` script."""
    app()
