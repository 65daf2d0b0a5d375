"""A case: what is shown first, what can be found out, and what is true."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from medaction.domain.canonical import content_hash
from medaction.domain.fields import FieldError, Fields

CASE_FORMAT = "medaction.case/1"
ESTIMATE = "estimate"
RISKS = ("none", "low", "moderate", "high")
SEXES = ("female", "male", "other")


class Category(StrEnum):
    HISTORY = "history"
    EXAM = "exam"
    LAB = "lab"
    IMAGING = "imaging"
    PATHOLOGY = "pathology"
    GENETIC = "genetic"
    PROCEDURE = "procedure"
    OTHER = "other"


class Polarity(StrEnum):
    PRESENT = "present"
    ABSENT = "absent"
    HIGH = "high"
    LOW = "low"


class CaseError(ValueError):
    """A mapping that is not a case. ``field`` and ``message`` are the first fault, ``errors`` all of them."""

    def __init__(self, field: str, message: str, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(f"{field} {message}".strip())
        self.field = field
        self.message = message
        self.errors = errors or (FieldError(field, message),)


@dataclass(frozen=True, slots=True)
class Finding:
    concept: str
    polarity: Polarity = Polarity.PRESENT

    def to_dict(self) -> dict[str, Any]:
        return {"concept": self.concept, "polarity": self.polarity.value}

    @classmethod
    def read(cls, fields: Fields) -> "Finding":
        return cls(
            concept=fields.text("concept"),
            polarity=Polarity(fields.choice("polarity", Polarity, default=Polarity.PRESENT)),
        )


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One thing that can be ordered. ``result`` is given verbatim; it is never edited or completed.

    ``cost`` is in US dollars, ``turnaround_minutes`` runs from order to result, ``risk`` is one of ``RISKS``. Each may
    be unknown (None); a known figure says where it comes from, ``estimate`` when nobody can be cited.
    """

    key: str
    name: str
    aliases: tuple[str, ...] = ()
    category: Category = Category.OTHER
    result: str = ""
    findings: tuple[Finding, ...] = ()
    cost: float | None = None
    cost_source: str | None = None
    turnaround_minutes: int | None = None
    turnaround_source: str | None = None
    risk: str | None = None
    risk_source: str | None = None

    def __post_init__(self) -> None:
        for figure in ("cost", "turnaround_minutes", "risk"):
            if getattr(self, figure) is not None and not getattr(self, f"{figure.removesuffix('_minutes')}_source"):
                object.__setattr__(self, f"{figure.removesuffix('_minutes')}_source", ESTIMATE)

    def to_dict(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "name": self.name,
            "aliases": list(self.aliases),
            "category": self.category.value,
            "result": self.result,
            "findings": [finding.to_dict() for finding in self.findings],
            "cost": self.cost,
            "cost_source": self.cost_source,
            "turnaround_minutes": self.turnaround_minutes,
            "turnaround_source": self.turnaround_source,
            "risk": self.risk,
            "risk_source": self.risk_source,
        }

    @classmethod
    def read(cls, fields: Fields) -> "MenuItem":
        return cls(
            key=fields.text("key"),
            name=fields.text("name"),
            aliases=fields.texts("aliases"),
            category=Category(fields.choice("category", Category, default=Category.OTHER)),
            result=fields.text("result"),
            findings=fields.objects("findings", Finding.read, required=False),
            cost=fields.number("cost"),
            cost_source=fields.text("cost_source", default="") or None,
            turnaround_minutes=fields.minutes("turnaround_minutes"),
            turnaround_source=fields.text("turnaround_source", default="") or None,
            risk=fields.choice("risk", RISKS),
            risk_source=fields.text("risk_source", default="") or None,
        )


@dataclass(frozen=True, slots=True)
class Diagnosis:
    text: str
    aliases: tuple[str, ...] = ()
    concept_ids: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {"text": self.text, "aliases": list(self.aliases), "concept_ids": list(self.concept_ids)}

    @classmethod
    def read(cls, fields: Fields) -> "Diagnosis":
        return cls(text=fields.text("text"), aliases=fields.texts("aliases"), concept_ids=fields.texts("concept_ids"))


@dataclass(frozen=True, slots=True)
class Distractor:
    """A wrong diagnosis that a good reader should have considered."""

    dx: str
    why_plausible: str = ""
    what_separates: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {"dx": self.dx, "why_plausible": self.why_plausible, "what_separates": self.what_separates}

    @classmethod
    def read(cls, fields: Fields) -> "Distractor":
        return cls(
            dx=fields.text("dx"),
            why_plausible=fields.text("why_plausible", default=""),
            what_separates=fields.text("what_separates", default=""),
        )


@dataclass(frozen=True, slots=True)
class Demographics:
    age_years: float | None = None
    sex: str | None = None
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {"age_years": self.age_years, "sex": self.sex, "note": self.note}

    @classmethod
    def read(cls, fields: Fields) -> "Demographics":
        return cls(
            age_years=fields.number("age_years", high=130),
            sex=fields.choice("sex", SEXES),
            note=fields.text("note", default=""),
        )


@dataclass(frozen=True, slots=True)
class Case:
    """``o1`` is what the reader sees first; ``menu`` what may be ordered; ``diagnosis`` the truth, shown at the end.

    ``group_key`` names the article or patient behind the case: a split never separates one group. ``references`` are
    the publications that it comes from (``PMID:…``); a case without any is written, and hashed, as if there were no
    such field.
    """

    id: str
    title: str
    source: str
    licence: str
    group_key: str
    demographics: Demographics
    o1: str
    menu: tuple[MenuItem, ...]
    diagnosis: Diagnosis
    synthetic: bool = False
    specialty: str = "general"
    difficulty: str = ""
    hidden_notes: str = ""
    teaching_points: tuple[str, ...] = ()
    distractors: tuple[Distractor, ...] = ()
    references: tuple[str, ...] = ()

    @property
    def content_hash(self) -> str:
        return content_hash(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        return {
            "format": CASE_FORMAT,
            "id": self.id,
            "title": self.title,
            "source": self.source,
            "licence": self.licence,
            "group_key": self.group_key,
            "demographics": self.demographics.to_dict(),
            "o1": self.o1,
            "menu": [item.to_dict() for item in self.menu],
            "diagnosis": self.diagnosis.to_dict(),
            "synthetic": self.synthetic,
            "specialty": self.specialty,
            "difficulty": self.difficulty,
            "hidden_notes": self.hidden_notes,
            "teaching_points": list(self.teaching_points),
            "distractors": [distractor.to_dict() for distractor in self.distractors],
            **({"references": list(self.references)} if self.references else {}),
        }

    @classmethod
    def from_dict(cls, data: Any) -> "Case":
        """The case in a mapping shaped like :meth:`to_dict`. Raises :class:`CaseError`.

        Required: ``id``, ``o1``, ``menu`` (which may be empty) and ``diagnosis`` (an object, or just its text). A field
        that is not known is an error, so that a misspelt one is not lost.
        """
        fields = Fields(data)
        fields.choice("format", (CASE_FORMAT,), default=CASE_FORMAT)
        case_id = fields.text("id")
        case = cls(
            id=case_id,
            title=fields.text("title", default=f"Case {case_id}"),
            source=fields.text("source", default=""),
            licence=fields.text("licence", default=""),
            group_key=fields.text("group_key", default=case_id),
            demographics=_read_demographics(fields),
            o1=fields.text("o1"),
            menu=fields.objects("menu", MenuItem.read),
            diagnosis=_read_diagnosis(fields),
            synthetic=fields.flag("synthetic", default=False),
            specialty=fields.text("specialty", default="general"),
            difficulty=fields.text("difficulty", default=""),
            hidden_notes=fields.text("hidden_notes", default=""),
            teaching_points=fields.texts("teaching_points"),
            distractors=fields.objects("distractors", Distractor.read, required=False),
            references=fields.texts("references"),
        )
        fields.refuse_unknown()
        _refuse_repeated_keys(case.menu, fields)
        if fields.errors:
            first = fields.errors[0]
            raise CaseError(first.field, first.message, tuple(fields.errors))
        return case


def _read_demographics(fields: Fields) -> Demographics:
    data = fields.raw("demographics")
    if data is None:
        return Demographics()
    inner = Fields(data, "demographics", fields.errors)
    demographics = Demographics.read(inner)
    inner.refuse_unknown()
    return demographics


def _read_diagnosis(fields: Fields) -> Diagnosis:
    data = fields.raw("diagnosis")
    if data is None or isinstance(data, str):
        return Diagnosis(text=fields.text("diagnosis"))
    inner = Fields(data, "diagnosis", fields.errors)
    diagnosis = Diagnosis.read(inner)
    inner.refuse_unknown()
    return diagnosis


def _refuse_repeated_keys(menu: tuple[MenuItem, ...], fields: Fields) -> None:
    seen: dict[str, int] = {}
    for index, item in enumerate(menu):
        first = seen.setdefault(item.key, index)
        if item.key and first != index:
            fields.fail(f"menu[{index}].key", f"repeats the key of menu[{first}]")
