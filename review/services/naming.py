"""A person's word on whether two names mean one disease, beside a model judge's and concept match's."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core import signing
from django.db import IntegrityError, transaction

from medaction.bench.judging import Pair, Ruling
from medaction.bench.judging.agreement import side_of
from medaction.bench.judging.rows import JudgedPair
from medaction.domain.canonical import content_hash
from review.models import HumanRuling, JudgeRuling, NamePair, Reviewer
from review.selectors.naming import Served
from review.services.auditing import write_audit
from review.services.errors import RulingRefused

SALT = "review.names"
LONGEST = 500
USED = "This form is of another reviewer or was changed. Nothing was kept; here is the next pair."


def add_names(
    *, rows: Iterable[JudgedPair], rulings: Mapping[Pair, Ruling], judge: str, prompt_hash: str, graph_hash: str
) -> int:
    """Pairs that a judge has ruled on, and its rulings; how many rulings are new. Safe to repeat.

    ``disputed`` is set where the judge says otherwise than concept match counts: what that cannot decide counts as not
    the same.
    """
    added = 0
    with transaction.atomic():
        for row in rows:
            ruling = rulings.get(row.pair)
            if ruling is None:
                continue
            pair = _keep(row, graph_hash)
            value = JudgeRuling.Ruling(ruling.value.upper())
            _, new = JudgeRuling.objects.get_or_create(
                pair=pair, judge=judge[:160], prompt_hash=prompt_hash, defaults={"ruling": value}
            )
            added += new
            counted = side_of(row.concept or "") or "different"
            if new and ruling != Ruling.UNDECIDED and ruling.value != counted:
                NamePair.objects.filter(pk=pair.pk, disputed=False).update(disputed=True)
        if added:
            write_audit(by=None, verb="add_name_rulings", subject=pair, judge=judge[:160], count=added)
    return added


def sign_served(*, served: Served, reviewer: Reviewer) -> str:
    """What the form brings back: which pair this reviewer was served, and how it was drawn."""
    return signing.dumps([served.pair.pk, reviewer.pk, served.drawn], salt=SALT)


def rule_names(*, reviewer: Reviewer, token: str, ruling: str) -> HumanRuling:
    """For good. Pressed twice, the first counts. Raises :class:`RulingRefused`."""
    if ruling not in HumanRuling.Ruling.values:
        raise RulingRefused("Choose whether both names mean the same diagnosis.")
    try:
        pair_id, reviewer_id, drawn = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise RulingRefused(USED) from None
    if reviewer_id != reviewer.pk:
        raise RulingRefused(USED)
    said = {"pair_id": pair_id, "reviewer": reviewer}
    try:
        with transaction.atomic():
            made = HumanRuling.objects.create(**said, ruling=ruling, drawn=drawn)
            write_audit(by=reviewer.user, verb="rule_names", subject=made, pair=pair_id)
    except IntegrityError:
        return HumanRuling.objects.get(**said)
    return made


def _keep(row: JudgedPair, graph_hash: str) -> NamePair:
    names: list[Any] = [row.pair.truth, list(row.pair.aliases), row.pair.given]
    key = content_hash(names)
    values = {
        "truth": row.pair.truth[:LONGEST],
        "aliases": list(row.pair.aliases),
        "given": row.pair.given[:LONGEST],
        "verdict": row.concept.value if row.concept else "",
        "graph_hash": graph_hash,
        "draw": int(key[:13], 16) / 16**13,
    }
    return NamePair.objects.get_or_create(key=key, defaults=values)[0]
