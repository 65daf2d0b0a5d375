"""Findings in text, without a model: which concepts a passage asserts or denies, and where it says so.

    extractor = Extractor(graph)
    extractor.extract("No fever. WBC: 15,000/mm3", patient=read_patient("A 40-year-old man"))

``tokens`` cuts text into lines, fragments and words · ``book`` knows the names of findings, authored diseases and
measured things · ``matching`` finds names in words · ``loose`` finds long names told in other words · ``durations``
reads how long it has lasted · ``assertion`` decides what is denied or not asserted · ``values``
reads numbers and level words against reference ranges · ``extractor`` puts them together. The words they go by are in
``cues.yaml``, ``wording.yaml`` and ``measures.yaml``. Deterministic: the same text and graph give the same findings.
"""

from .durations import read_birth, read_durations
from .extractor import Extractor
from .model import Extraction, Method
from .patient import Patient, read_patient
from .port import ExtractionPort, validate_findings

__all__ = [
    "Extraction",
    "ExtractionPort",
    "Extractor",
    "Method",
    "Patient",
    "read_birth",
    "read_durations",
    "read_patient",
    "validate_findings",
]
