"""The folder of a review set: judgements of one rubric version, ready to be built from.

``manifest.json``  rubric, nature, gold answers, what was left out, hashes, fingerprint
``cases.jsonl``    the cases, so that the set needs no other file
``reviews.jsonl``  a :class:`JudgedTree` a line
"""

import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from medaction.corpus.errors import CorpusError
from medaction.corpus.files import hash_file
from medaction.distill.lines import read_json_lines
from medaction.distill.runs import write_whole
from medaction.domain.canonical import content_hash
from medaction.domain.case import Case

from .records import JudgedTree

MANIFEST, CASES, REVIEWS = "manifest.json", "cases.jsonl", "reviews.jsonl"
FORMAT = "medaction.reviews/1"


class SetError(CorpusError):
    """A folder that is no review set, or not the one that was meant."""


class Nature(StrEnum):
    """Whose judgements they are. DEMO: made up, or given to try the program; never to be told as experts'."""

    EXPERT = "expert"
    DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Rubric:
    """``name`` with its version, ``hash`` of its questions."""

    name: str
    hash: str


@dataclass(frozen=True, slots=True)
class Gold:
    """``same`` of the ``count`` gold turns that a rater labelled carry the reference's label."""

    same: int
    count: int


@dataclass(frozen=True, slots=True)
class ReviewSet:
    path: Path
    manifest: Mapping[str, Any]

    @property
    def fingerprint(self) -> str:
        return str(self.manifest["fingerprint"])

    @property
    def nature(self) -> Nature:
        return Nature(self.manifest["nature"])

    @property
    def rubric(self) -> Rubric:
        return Rubric(**self.manifest["rubric"])

    @property
    def gold(self) -> dict[str, Gold]:
        """By rater."""
        return {rater: Gold(**told) for rater, told in self.manifest["gold"].items()}

    def cases(self) -> dict[str, Case]:
        """By content hash: several revisions of a case may have been judged."""
        return {(case := Case.from_dict(record)).content_hash: case for record in read_json_lines(self.path / CASES)}

    def trees(self) -> Iterator[JudgedTree]:
        """Raises :class:`SetError` for a line that is no judged tree."""
        for number, line in enumerate(read_json_lines(self.path / REVIEWS), start=1):
            try:
                yield JudgedTree.from_dict(line)
            except (KeyError, TypeError, ValueError) as error:
                raise SetError(f"{REVIEWS} of {self.path}, line {number}, is no judged tree ({error!r})") from error


def write_review_set(
    path: Path,
    *,
    rubric: Rubric,
    nature: Nature,
    cases: Iterable[Case],
    trees: Iterable[JudgedTree],
    gold: Mapping[str, Gold] | None = None,
    left_out: Mapping[str, int] | None = None,
) -> ReviewSet:
    """Write the folder, which must be new or empty; the manifest comes last. The same values give the same bytes.

    ``left_out``: judgements that are not in it, by reason. Raises :class:`SetError`, ``OSError``.
    """
    path.mkdir(parents=True, exist_ok=True)
    if any(path.iterdir()):
        raise SetError(f"{path} holds something already; name a new folder")
    write_whole(path / CASES, (orjson.dumps(case.to_dict()) + b"\n" for case in cases))
    write_whole(path / REVIEWS, (orjson.dumps(tree.to_dict()) + b"\n" for tree in trees))
    told = {
        "format": FORMAT,
        "rubric": asdict(rubric),
        "nature": nature.value,
        "gold": {rater: asdict(gold[rater]) for rater in sorted(gold)} if gold else {},
        "left_out": dict(sorted((left_out or {}).items())),
        "files": {name: hash_file(path / name) for name in (CASES, REVIEWS)},
    }
    manifest = {**told, "fingerprint": content_hash(told)}
    write_whole(path / MANIFEST, [orjson.dumps(manifest, option=orjson.OPT_INDENT_2) + b"\n"])
    return ReviewSet(path, manifest)


def open_review_set(path: Path) -> ReviewSet:
    """Raises :class:`SetError` for a folder that is none, and for one that was changed."""
    file = path / MANIFEST
    if not file.is_file():
        raise SetError(f"{path} is no review set: it has no {MANIFEST}; `manage.py export_reviewed` makes one")
    try:
        manifest = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        raise SetError(f"{file} is not JSON: {error.msg}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise SetError(f"{file} is not a manifest of the form {FORMAT}")
    told = {name: value for name, value in manifest.items() if name != "fingerprint"}
    if content_hash(told) != manifest.get("fingerprint"):
        raise SetError(f"{file} was changed after it was written: its fingerprint is another one")
    for name, digest in manifest["files"].items():
        if not (path / name).is_file() or hash_file(path / name) != digest:
            raise SetError(f"{path / name} is missing or was changed after it was written")
    return ReviewSet(path, manifest)


def make_pseudonym(salt: bytes, identity: str) -> str:
    """The same for one salt and person; without the salt nobody can tell whose it is (HMAC-SHA-256, RFC 2104)."""
    return f"rater-{hmac.new(salt, identity.encode(), sha256).hexdigest()[:12]}"
