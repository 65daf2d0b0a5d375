"""Free-form results (bullets, labels, prose) cut into menu items. Every word of a result is kept, in its order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from medaction.domain.case import Category, MenuItem
from medaction.domain.catalogue import load_catalogue
from medaction.domain.naming import catalogue_key
from medaction.formats.item_words import BULLET, COMMA, ENDED, HEAD, LABEL, MARKS, SHOWED, TEST_WORD, read_heading
from medaction.formats.osce_menu import guess_category, slug

_MOST_WORDS = 9


@dataclass(slots=True)
class _Part:
    name: str
    category: Category | None
    text: str


def read_items(
    text: str, *, name: str, category: Category | None = None, taken: Iterable[str] = ()
) -> tuple[MenuItem, ...]:
    """Menu items of a text. ``name`` is for what has no label of its own; keys in ``taken`` are not used again."""
    parts: list[_Part] = []
    for part in _parts(text, name, category):
        known = next((other for other in parts if other.name.casefold() == part.name.casefold()), None)
        if known:
            known.text += f"\n{part.text}"
        else:
            parts.append(part)
    keys = set(taken)
    return tuple(_item(part, keys) for part in parts)


def _item(part: _Part, keys: set[str]) -> MenuItem:
    key = base = slug(part.name)[:60]
    number = 2
    while key in keys:
        key, number = f"{base}_{number}", number + 1
    keys.add(key)
    aliases = tuple(dict.fromkeys(head for head in _known_heads(part.text) if head.casefold() != part.name.casefold()))
    return MenuItem(key, part.name, aliases=aliases, category=_category(part), result=part.text)


def _category(part: _Part) -> Category:
    if known := catalogue_key(part.name):
        return load_catalogue()[known].category
    guessed = guess_category(part.name)
    return part.category if part.category and guessed is Category.LAB else guessed


def _known_heads(text: str) -> Iterator[str]:
    """Names of tests that a result gives values for, so that each can be ordered by its own name."""
    for line in text.splitlines():
        for piece in COMMA.split(BULLET.sub("", line)):
            if (found := HEAD.match(piece)) and catalogue_key(found[1]):
                yield found[1].strip()


def _parts(text: str, name: str, category: Category | None) -> Iterator[_Part]:
    """A heading opens a group and is no test itself; a label begins an item; what follows deeper belongs to it."""
    group, hint = name, category
    current: _Part | None = None
    depth = -1
    ended = False
    for line in text.splitlines():
        if not line.strip(" *_-#\t\r"):
            ended = True
            continue
        paragraph, ended = ended, False
        bullet = BULLET.match(line)
        indent = len(line) - len(line.lstrip())
        body = BULLET.sub("", line).strip()
        labelled = LABEL.match(body)
        label = _clean(labelled[1]) if labelled else ""
        rest = labelled[2].strip() if labelled else ""
        if label and (kind := read_heading(label)) is not None:
            if current:
                yield current
            current, depth, group, hint = None, -1, label, kind[0] or category
            if rest:
                yield from _prose(MARKS.sub("", rest), group, hint)
        elif current and indent > depth and depth >= 0:
            current.text = f"{current.text}\n{MARKS.sub('', body)}".strip()
        elif label and _is_name(label):
            if current:
                yield current
            current, depth = _Part(label, hint, MARKS.sub("", rest)), indent if bullet or indent else 0
        elif current and not bullet and not paragraph:
            current.text = f"{current.text}\n{MARKS.sub('', body)}".strip()
        else:
            if current:
                yield current
            current, depth = None, -1
            yield from _prose(MARKS.sub("", body), group, hint)
    if current and current.text:
        yield current


def _is_name(label: str) -> bool:
    return len(label.split()) <= _MOST_WORDS and not label[0].isdigit()


def _clean(label: str) -> str:
    return " ".join(MARKS.sub("", label).split())


def _prose(text: str, group: str, hint: Category | None) -> Iterator[_Part]:
    """Sentences, each with the test that it speaks of; a sentence that names none belongs to the one before it."""
    current: _Part | None = None
    for sentence in _pieces(text):
        name = _spoken_of(sentence)
        if name and (current is None or name.casefold() != current.name.casefold()):
            if current:
                yield current
            current = _Part(name, hint, sentence)
        elif current:
            current.text += f" {sentence}"
        else:
            current = _Part(group, hint, sentence)
    if current:
        yield current


def _pieces(text: str) -> Iterator[str]:
    """Sentences; one that lists values ("Hb 9, CRP 30") falls into its values."""
    for sentence in ENDED.split(text):
        pieces = COMMA.split(sentence)
        known = [bool(found and catalogue_key(found[1])) for found in map(HEAD.match, pieces)]
        if sum(known) < 2:
            yield sentence
            continue
        start = 0
        for at in [n for n, is_known in enumerate(known) if is_known and n] + [len(pieces)]:
            yield " ".join(pieces[start:at]).rstrip(",; ")
            start = at


def _spoken_of(sentence: str) -> str:
    """The test that a sentence begins with: "Chest CT showed …", "CRP 120 mg/L"; empty when none is known."""
    for pattern in (LABEL, SHOWED, HEAD):
        if (found := pattern.match(sentence)) and _is_test(_clean(found[1])):
            return _clean(found[1])
    return ""


def _is_test(name: str) -> bool:
    return catalogue_key(name) is not None or (len(name.split()) <= _MOST_WORDS and TEST_WORD.search(name) is not None)
