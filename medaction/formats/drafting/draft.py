"""The draft of an environment: parts that a person has yet to confirm."""

from dataclasses import dataclass
from typing import Any

from medaction.domain.case import Case, CaseError, Demographics, Diagnosis, MenuItem

from .phi import PhiHit

LABELLED, CUED, GUESSED, MISSING = 0.9, 0.6, 0.3, 0.0
"""Confidence of a part: it stood under its own heading; a phrase told it; it was taken by its place; it is not there.
Settings of ours, not measured probabilities."""


@dataclass(frozen=True, slots=True)
class DraftPart:
    """``name`` is the case's field; ``confidence`` in 0 … 1; ``why`` says where it came from."""

    name: str
    confidence: float
    why: str


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """What a report seems to say. It is no case: :func:`confirm_draft` makes one, in a person's name."""

    o1: str
    menu: tuple[MenuItem, ...]
    diagnosis: str
    demographics: Demographics
    parts: tuple[DraftPart, ...]
    warnings: tuple[str, ...]
    masked: tuple[PhiHit, ...]

    def confidence(self, name: str) -> float:
        return next((part.confidence for part in self.parts if part.name == name), MISSING)

    def to_dict(self) -> dict[str, Any]:
        return {
            "format": "medaction.draft/1",
            "o1": self.o1,
            "menu": [item.to_dict() for item in self.menu],
            "diagnosis": self.diagnosis,
            "demographics": self.demographics.to_dict(),
            "parts": [{"name": p.name, "confidence": p.confidence, "why": p.why} for p in self.parts],
            "warnings": list(self.warnings),
            "masked": [{"kind": hit.kind, "line": hit.line} for hit in self.masked],
        }


def confirm_draft(
    draft: CaseDraft,
    *,
    confirmed_by: str,
    case_id: str,
    title: str = "",
    source: str = "",
    licence: str = "",
    group_key: str = "",
    synthetic: bool = False,
) -> Case:
    """The case of a draft that a person has read. Raises :class:`CaseError` for a missing part or a missing person."""
    if not confirmed_by.strip():
        raise CaseError("confirmed_by", "is blank: a draft becomes a case only in a person's name")
    case = Case(
        id=case_id,
        title=title or f"Case {case_id}",
        source=source,
        licence=licence,
        group_key=group_key or case_id,
        demographics=draft.demographics,
        o1=draft.o1,
        menu=draft.menu,
        diagnosis=Diagnosis(draft.diagnosis),
        synthetic=synthetic,
        hidden_notes=f"Drafted from a report; confirmed by {confirmed_by.strip()}.",
    )
    return Case.from_dict(case.to_dict())
