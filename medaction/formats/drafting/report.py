"""The reading of a case report: which part is the story, which can be ordered, which gives it away."""

from collections.abc import Iterator
from dataclasses import dataclass

from medaction.domain.case import Category, Demographics, MenuItem
from medaction.formats.items import read_items
from medaction.formats.people import read_person

from .draft import CUED, GUESSED, LABELLED, MISSING, CaseDraft, DraftPart
from .phi import CAUTION, mask_personal_data
from .report_words import EARLIER, EXAM_WORDS, HEADING, SAID, SENTENCE, TEST_WORDS, section_kind

MAX_CHARACTERS = 200_000
_MARKS = "#*_=: \t-"


@dataclass(slots=True)
class _Section:
    kind: str
    heading: str
    text: str


def draft_case(text: str) -> CaseDraft:
    """The draft of a report in plain text. Total: any text gives a draft, if only one of warnings."""
    warnings: list[str] = []
    if len(text) > MAX_CHARACTERS:
        text = text[:MAX_CHARACTERS]
        warnings.append(f"Only the first {MAX_CHARACTERS:,} characters were read.")
    masked, hits = mask_personal_data(text.replace("\x00", " "))
    if hits:
        kinds = ", ".join(sorted({hit.kind for hit in hits}))
        warnings.append(f"{len(hits)} passages look like personal data and were masked ({kinds}).")
    warnings.append(CAUTION)
    sections = list(_sections(masked))
    labelled = any(section.heading for section in sections)
    if not labelled:
        sections = list(_sort_prose(masked))
    story = "\n".join(f"{s.heading}: {s.text}" if s.heading else s.text for s in sections if s.kind == "story").strip()
    diagnosis, sure, why = _diagnosis(sections, masked)
    menu = _menu(sections)
    age, sex = read_person(story)
    placed = LABELLED if labelled else GUESSED
    parts = (
        DraftPart("o1", placed if story else MISSING, _said("the history", story, labelled)),
        DraftPart("menu", placed if menu else MISSING, _said("examination and tests", "x" if menu else "", labelled)),
        DraftPart("diagnosis", sure, why),
        DraftPart("demographics", CUED if age is not None and sex else MISSING, _who(age, sex)),
    )
    warnings += [f"{part.name}: {part.why}" for part in parts if part.confidence <= GUESSED]
    if diagnosis and diagnosis.lower() in story.lower():
        warnings.append("The opening text names the diagnosis: cut it there before use.")
    return CaseDraft(story, menu, diagnosis, Demographics(age, sex), parts, tuple(warnings), hits)


def _said(what: str, found: str, labelled: bool) -> str:
    if not found:
        return f"not found: {what}"
    return f"{what}, by its headings" if labelled else f"{what}, told from the words of its sentences: check it"


def _who(age: float | None, sex: str | None) -> str:
    missing = " and ".join(name for name, value in (("age", age), ("sex", sex)) if value is None)
    return f"not found: {missing}" if missing else "age and sex, read from the history"


def _sections(text: str) -> Iterator[_Section]:
    current = _Section("story", "", "")
    for line in text.splitlines():
        found = HEADING.match(line)
        kind = section_kind(found[1]) if found else ""
        if found and kind:
            if current.text.strip():
                yield _trimmed(current)
            current = _Section(kind, found[1].strip(), found[3].strip(_MARKS))
        else:
            current.text += f"\n{line}"
    if current.text.strip():
        yield _trimmed(current)


def _trimmed(section: _Section) -> _Section:
    return _Section(section.kind, section.heading, section.text.strip())


def _sort_prose(text: str) -> Iterator[_Section]:
    """Without headings: the story until a sentence examines or tests; the diagnosis is looked for elsewhere."""
    told = "story"
    for sentence in SENTENCE.split(" ".join(text.split())):
        if SAID.search(sentence) and not EARLIER.search(sentence):
            told = "after"
            yield _Section("diagnosis", "", sentence)
        elif EXAM_WORDS.search(sentence):
            yield _Section("exam", "", sentence)
        elif TEST_WORDS.search(sentence):
            yield _Section("tests", "", sentence)
        elif sentence.strip():
            yield _Section(told, "", sentence)


def _menu(sections: list[_Section]) -> tuple[MenuItem, ...]:
    menu: tuple[MenuItem, ...] = ()
    for kind, name, category in (("exam", "Physical examination", Category.EXAM), ("tests", "Investigations", None)):
        text = "\n".join(section.text for section in sections if section.kind == kind)
        if text.strip():
            menu += read_items(text, name=name, category=category, taken=[item.key for item in menu])
    return menu


def _diagnosis(sections: list[_Section], text: str) -> tuple[str, float, str]:
    for section in sections:
        if section.kind == "diagnosis" and section.heading:
            first = section.text.strip().splitlines()[0].strip(_MARKS).rstrip(".")
            if found := SAID.search(first):
                return found[1].strip(), CUED, f"told in “{section.heading}”"
            return first[:200], LABELLED if len(first) < 100 else GUESSED, f"stands under “{section.heading}”"
    for sentence in SENTENCE.split(" ".join(text.split())):
        if (found := SAID.search(sentence)) and not EARLIER.search(sentence):
            return found[1].strip(), CUED, "told by a phrase such as “diagnosed with”"
    return "", MISSING, "no diagnosis was found"
