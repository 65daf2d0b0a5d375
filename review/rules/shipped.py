"""The rubric that the project brings, read from ``steps.yaml``."""

from functools import cache
from pathlib import Path

import yaml

from .content import RubricContent, read_content

SLUG = "steps"
NAME = "Step by step"


@cache
def load_shipped() -> RubricContent:
    return read_content(yaml.safe_load(Path(__file__).with_name("steps.yaml").read_text(encoding="utf-8")))
