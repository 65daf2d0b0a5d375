"""Precision and recall on sentences written for this test."""

import re
from collections.abc import Callable
from pathlib import Path

import yaml

from medaction.domain.case import Polarity
from medaction.domain.quantities import read_age
from medaction.knowledge import Kind, KnowledgeGraph
from medaction.knowledge.extraction import Extractor, Method, Patient

SENTENCES = yaml.safe_load((Path(__file__).parent / "sentences.yaml").read_text(encoding="utf-8"))
ADULT = Patient(40.0, "male")
LEAST_PRECISION, LEAST_RECALL = 0.96, 0.95


PATIENT = re.compile(r"\[(\d+(?:\.\d+)?) ?(d|mo|y)?(?: (female|male))?\] ")
"""What a sentence may begin with: ``[3 d female] Bilirubin …``. The others are of an adult man."""


def patient_of(text: str) -> tuple[Patient, str]:
    found = PATIENT.match(text)
    if found is None:
        return ADULT, text
    return Patient(read_age(f"{found[1]} {found[2] or 'y'}"), found[3]), text[found.end() :]


def labels_of(line: str, graph: KnowledgeGraph) -> tuple[str, set[tuple[str, bool]]]:
    text, _, labelled = line.rpartition("=>")
    wanted = set()
    for label in filter(None, map(str.strip, labelled.split(","))):
        link = graph.concept(label[1:], Kind.FINDING)
        assert link is not None, label
        wanted.add((link.concept.id, label[0] == "+"))
    return text.strip(), wanted


def found_in(text: str, extractor: Extractor, wanted: set[tuple[str, bool]]) -> set[tuple[str, bool]]:
    """Denials that follow from a value or a phrase for "all is well" count only where they are labelled."""
    found = set()
    patient, said = patient_of(text)
    for one in extractor.extract(said, patient=patient):
        pair = (one.concept, one.polarity is not Polarity.ABSENT)
        implied = not pair[1] and one.method in (Method.VALUE, Method.LEVEL, Method.NORMAL)
        if not one.concept.startswith("MA:") and (pair in wanted or not implied):
            found.add(pair)
    return found


def test_there_are_enough_sentences() -> None:
    assert sum(map(len, SENTENCES.values())) >= 300


def test_precision_and_recall(
    graph: KnowledgeGraph, extractor: Extractor, record_property: Callable[[str, object], None]
) -> None:
    right = wrong = missed = 0
    faults = []
    for line in (line for lines in SENTENCES.values() for line in lines):
        text, wanted = labels_of(line, graph)
        found = found_in(text, extractor, wanted)
        right += len(found & wanted)
        wrong += len(found - wanted)
        missed += len(wanted - found)
        if found != wanted:
            faults.append(f"{line}\n    found {sorted(found - wanted)}, missed {sorted(wanted - found)}")
    precision, recall = right / (right + wrong), right / (right + missed)
    record_property("precision", round(precision, 3))
    record_property("recall", round(recall, 3))
    assert precision >= LEAST_PRECISION, "\n".join(faults)
    assert recall >= LEAST_RECALL, "\n".join(faults)
