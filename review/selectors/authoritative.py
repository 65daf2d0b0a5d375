"""Which judgement of an item counts."""

from django.db.models import QuerySet

from review.models import Adjudication


def list_authoritative() -> QuerySet[Adjudication]:
    """The adjudication that counts of each adjudicated item, oldest first, in one query.

    Each with ``annotation`` (``labels``, ``stage``, ``reviewer.alias``, ``rubric_version``) and ``item`` (the id of its
    trajectory, leaf and turns). Narrow it with ``filter``; ``iterator`` reads many.
    """
    related = ("item", "annotation__reviewer", "annotation__rubric_version__rubric")
    current = Adjudication.objects.filter(superseded_by__isnull=True)
    return current.select_related(*related).defer("item__reference").order_by("created_at", "pk")
