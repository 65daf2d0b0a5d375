"""Examples for the guideline: turns of adjudicated items, each with a sentence."""

from typing import Any

from django.db import IntegrityError, transaction

from review.models import Adjudication, Exemplar
from review.rules import Labels, points_of
from review.rules.labels import clean_text
from review.services.auditing import write_audit
from review.services.errors import ExemplarRefused

LONGEST = 400


def mark_exemplar(*, by: Any, adjudication: Adjudication, turn_number: int, point: str, sentence: str) -> Exemplar:
    """This turn shows what this point of the rubric means. Raises :class:`ExemplarRefused`.

    ``point`` is one that the authoritative label of the turn says, as :func:`review.rules.points_of` names it.
    """
    sentence = " ".join(clean_text(sentence).split())
    if not sentence:
        raise ExemplarRefused("Say in a sentence what one learns from this turn.")
    if len(sentence) > LONGEST:
        raise ExemplarRefused(f"The sentence has {len(sentence):,} characters; at most {LONGEST} fit. Shorten it.")
    with transaction.atomic():
        if Adjudication.objects.filter(supersedes=adjudication).exists():
            raise ExemplarRefused("This item was decided anew meanwhile. Look again, then mark the turn.")
        item = adjudication.item
        labels = Labels.model_validate(adjudication.annotation.labels)
        said = points_of(item.rubric_version.read(), labels.of(turn_number))
        if turn_number not in item.turn_numbers or point not in {each.id for each in said}:
            raise ExemplarRefused("Choose something that the authoritative label says of this turn.")
        try:
            with transaction.atomic():
                made = Exemplar.objects.create(
                    adjudication=adjudication, turn_number=turn_number, point=point, sentence=sentence, by=by
                )
        except IntegrityError as fault:
            raise ExemplarRefused("This turn is an example of that already.") from fault
        write_audit(by=by, verb="mark_exemplar", subject=item, turn=turn_number, point=point)
    return made


def remove_exemplar(*, by: Any, exemplar: Exemplar) -> None:
    """Off the guideline; the audit log remembers that it stood there."""
    with transaction.atomic():
        item, point, turn = exemplar.adjudication.item, exemplar.point, exemplar.turn_number
        exemplar.delete()
        write_audit(by=by, verb="remove_exemplar", subject=item, turn=turn, point=point)
