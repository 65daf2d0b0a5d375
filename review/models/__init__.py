"""What PostgreSQL holds of review, with the invariants stated as constraints and triggers.

Rubric, RubricVersion (locked once used) · ReviewItem · Reviewer · Reservation · Draft (one, mutable)
Annotation (append-only) · Skip
Adjudication (append-only, a chain for each item) · Exemplar
Correction (kept as it was run)
Pair · PairReservation · PairDraft · Preference (append-only) · PairSkip
EdgeVerdict (append-only) · EdgeProposal · EdgeTrace
NamePair · JudgeRuling · HumanRuling (both append-only)
GraphReading, HintShown (append-only)
Remark (append-only) · Mention
CaseTicket · TicketVoice (append-only)
AuditEntry (append-only, hash-chained)
"""

from .adjudication import Adjudication, Exemplar
from .annotation import Annotation, Draft
from .audit import AuditEntry
from .correction import Correction
from .edge import EdgeProposal, EdgeTrace, EdgeVerdict
from .hint import GraphReading, HintShown
from .item import ReviewItem
from .naming import HumanRuling, JudgeRuling, NamePair
from .pair import Pair
from .preference import PairDraft, PairReservation, PairSkip, Preference
from .queue import Reservation, Skip
from .remark import Mention, Remark
from .report import AgreementReport
from .reviewer import Reviewer
from .rubric import Rubric, RubricVersion
from .ticket import CaseTicket, TicketVoice

__all__ = [
    "Adjudication",
    "AgreementReport",
    "Annotation",
    "AuditEntry",
    "CaseTicket",
    "Correction",
    "Draft",
    "EdgeProposal",
    "EdgeTrace",
    "EdgeVerdict",
    "Exemplar",
    "GraphReading",
    "HintShown",
    "HumanRuling",
    "JudgeRuling",
    "Mention",
    "NamePair",
    "Pair",
    "PairDraft",
    "PairReservation",
    "PairSkip",
    "Preference",
    "Remark",
    "Reservation",
    "ReviewItem",
    "Reviewer",
    "Rubric",
    "RubricVersion",
    "Skip",
    "TicketVoice",
]
