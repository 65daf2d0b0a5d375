"""GA4GH phenopackets v2: the observed and the excluded HPO terms of a published patient, as a case to be worked up.

Each term is found by one test (see :mod:`medaction.knowledge.hpo_tests`), its label word for word; an excluded term is
a real negative. ``o1`` gives age, sex and a few complaints in plain words. The causal variant names the disease, so no
test shows it: it stands in the hidden notes.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from medaction.domain.case import Case, CaseError, Category, Demographics, Diagnosis, Finding, MenuItem, Polarity
from medaction.domain.fields import Fields
from medaction.formats.durations import read_time
from medaction.formats.loinc2hpo import LabTerms
from medaction.formats.measurements import read_measurements
from medaction.formats.people import describe_person
from medaction.formats.rows import CaseRow, refused_row
from medaction.knowledge.hpo_tests import Term, TermTable, load_terms

MARK = '"phenotypicFeatures"'
SOURCE = "GA4GH phenopackets (Phenopacket Store)"
LICENCE = "BSD-3-Clause"
TOLD_AT_FIRST = 4
_SEXES = {"FEMALE": "female", "MALE": "male", "OTHER_SEX": "other"}
_WORD = re.compile(r"[a-z]{4,}")


@dataclass(frozen=True, slots=True)
class Feature:
    """One HPO term of a patient. ``when`` and ``severity`` are words, empty where the packet gives none."""

    term: Term
    label: str
    excluded: bool
    when: str
    severity: str

    @property
    def text(self) -> str:
        details = ", ".join(filter(None, (self.severity, self.when and f"onset: {self.when}")))
        return f"{self.label} ({details})" if details else self.label


def read_record(record: Any, line: int, labs: LabTerms | None = None) -> CaseRow:
    """The row of one parsed packet; ``labs`` tell which finding a laboratory result with a reference range means.

    Raises ``medaction.knowledge.KnowledgeError`` when HPO is not installed."""
    fields = Fields(record)
    packet_id = fields.text("id")
    subject = Fields(fields.raw("subject") or {}, "subject", fields.errors)
    years, age = read_time(subject.raw("timeAtLastEncounter"), subject, "timeAtLastEncounter")
    sex = _SEXES.get(str(subject.raw("sex")))
    features = tuple(_features(fields, load_terms()))
    diagnosis, onset = _diagnosis(fields)
    menu = (*_menu(features), *read_measurements(fields, labs))
    if not menu and not fields.errors:
        fields.fail("phenotypicFeatures", "is empty: there is nothing to find")
    if fields.errors:
        first = fields.errors[0]
        return refused_row(line, CaseError(first.field, first.message, tuple(fields.errors)))
    references = _references(fields)
    told = list(_told_at_first(features, diagnosis.text))
    who = describe_person(years, sex, age)
    case = Case(
        id=packet_id,
        title=f"{who[:1].upper()}{who[1:]}: {told[0] if told else 'referred for assessment'}",
        source=SOURCE,
        licence=LICENCE,
        group_key=_group_key(references) or packet_id,
        references=references,
        demographics=Demographics(age_years=years, sex=sex, note=age if years is None else ""),
        o1=_introduce(who, told, onset),
        menu=menu,
        diagnosis=diagnosis,
        synthetic=False,
        specialty="genetics",
        hidden_notes=_variants(fields),
    )
    try:
        return CaseRow(line, Case.from_dict(case.to_dict()))
    except CaseError as error:
        return refused_row(line, error)


def _features(fields: Fields, terms: TermTable) -> Iterator[Feature]:
    seen: set[tuple[str, bool]] = set()
    for index, value in enumerate(fields.items("phenotypicFeatures", required=False)):
        inner = Fields(value, f"phenotypicFeatures[{index}]", fields.errors)
        kind = Fields(inner.raw("type"), inner.path("type"), fields.errors)
        term_id, label = kind.text("id"), kind.text("label", default="")
        excluded = inner.flag("excluded", default=False)
        _, when = read_time(inner.raw("onset"), inner, "onset")
        severity = inner.raw("severity")
        strength = severity.get("label") if isinstance(severity, dict) else None
        if term_id and (term_id, excluded) not in seen:
            seen.add((term_id, excluded))
            term = terms.term(term_id, label)
            yield Feature(term, label or term.label or term_id, excluded, when, str(strength or ""))


def _menu(features: Iterable[Feature]) -> Iterator[MenuItem]:
    by_test: dict[str, list[Feature]] = {}
    for feature in features:
        by_test.setdefault(feature.term.test.key, []).append(feature)
    for found in by_test.values():
        test = found[0].term.test
        yield MenuItem(
            key=test.key,
            name=test.name,
            aliases=test.aliases,
            category=test.category,
            result="\n".join(_state(found)),
            findings=tuple(Finding(f.term.id, Polarity.ABSENT if f.excluded else Polarity.PRESENT) for f in found),
        )


def _state(found: Iterable[Feature]) -> Iterator[str]:
    for word, excluded in (("Present", False), ("Excluded", True)):
        if texts := [feature.text for feature in found if feature.excluded is excluded]:
            yield f"{word}: {'; '.join(texts)}."


def _diagnosis(fields: Fields) -> tuple[Diagnosis, str]:
    """The disease of the interpretation, else the first that is not excluded; and when it began, in words."""
    interpreted = [
        diagnosis.get("disease")
        for value in fields.items("interpretations", required=False)
        if isinstance(value, dict) and isinstance(diagnosis := value.get("diagnosis"), dict)
    ]
    listed = [d for d in fields.items("diseases", required=False) if isinstance(d, dict) and not d.get("excluded")]
    terms = [term for term in (*interpreted, *(d.get("term") for d in listed)) if isinstance(term, dict)]
    if not terms:
        fields.fail("interpretations", "names no disease, and neither does diseases")
        return Diagnosis(""), ""
    chosen = Fields(terms[0], "interpretations.diagnosis.disease", fields.errors)
    disease_id = chosen.text("id")
    same = [d for d in listed if isinstance(d.get("term"), dict) and d["term"].get("id") == disease_id]
    _, onset = read_time(same[0].get("onset"), fields, "diseases.onset") if same else (None, "")
    return Diagnosis(chosen.text("label", default="") or disease_id, concept_ids=(disease_id,)), onset


def _told_at_first(features: Iterable[Feature], disease: str) -> Iterator[str]:
    """Complaints in plain words, else two things that can be seen; none that the disease is named by."""
    named = {word[:6] for word in _WORD.findall(disease.lower())}
    usable = [
        feature
        for feature in features
        if not feature.excluded
        and not named & {word[:6] for word in _WORD.findall(f"{feature.label} {feature.term.plain}".lower())}
    ]
    complaints = [f for f in usable if f.term.test.category is Category.HISTORY]
    visible = [f for f in usable if f.term.test.category is Category.EXAM and f.term.plain != f.term.label]
    for feature in complaints[:TOLD_AT_FIRST] or visible[:2]:
        plain = feature.term.plain
        yield plain if plain[1:2].isupper() else plain[:1].lower() + plain[1:]


def _introduce(who: str, told: list[str], onset: str) -> str:
    sentences = [f"{who[:1].upper()}{who[1:]} is referred for assessment."]
    if told:
        sentences.append(f"Reported: {'; '.join(told)}.")
    if onset:
        sentences.append(f"First noticed: {'at ' if onset[:1].isdigit() else ''}{onset[:1].lower()}{onset[1:]}.")
    return " ".join(sentences)


def _references(fields: Fields) -> tuple[str, ...]:
    meta = Fields(fields.raw("metaData") or {}, "metaData", fields.errors)
    listed = meta.items("externalReferences", required=False)
    return tuple(dict.fromkeys(str(r["id"]) for r in listed if isinstance(r, dict) and r.get("id")))


def _group_key(references: tuple[str, ...]) -> str:
    """The paper: the first PubMed reference, else the first of any kind."""
    return next((key for key in references if key.startswith("PMID:")), next(iter(references), ""))


def _variants(fields: Fields) -> str:
    """The causal variants, for the reveal."""
    labels: list[str] = []
    for value in fields.items("interpretations", required=False):
        diagnosis = value.get("diagnosis") if isinstance(value, dict) else None
        for found in (diagnosis or {}).get("genomicInterpretations") or () if isinstance(diagnosis, dict) else ():
            labels += _variant_label(found)
    return f"Causal variant: {'; '.join(dict.fromkeys(labels))}." if labels else ""


def _variant_label(found: Any) -> Iterator[str]:
    for name in ("variantInterpretation", "variationDescriptor"):
        found = found.get(name) if isinstance(found, dict) else None
    if isinstance(found, dict):
        gene = found.get("geneContext")
        symbol = str(gene.get("symbol") or "") if isinstance(gene, dict) else ""
        expressions = [e.get("value") for e in found.get("expressions") or () if isinstance(e, dict)]
        change = str(expressions[0] if expressions else found.get("label") or "")
        if label := " ".join(filter(None, (symbol, change))):
            yield label
