"""The truth, read only for a walkthrough that has ended."""

from diagnosis.models import Case, Session
from diagnosis.selectors.shapes import Reveal
from medaction.domain.case import Case as DomainCase
from medaction.domain.vocabulary import normalise


def get_reveal(session: Session, *, given: str, considered: tuple[str, ...], verdict: str = "") -> Reveal | None:
    """None while the walkthrough is active. ``given`` is the final diagnosis, ``considered`` every hypothesis named,
    ``verdict`` the graph's, once it has been asked.
    """
    if session.state == Session.State.ACTIVE:
        return None
    case = DomainCase.from_dict(Case.objects.values_list("payload", flat=True).get(pk=session.case_id))
    truth = case.diagnosis
    exact = normalise(truth.text)
    aliases = {normalise(alias) for alias in truth.aliases}
    method = "EXACT" if normalise(given) == exact else "ALIAS" if normalise(given) in aliases else "NONE"
    return Reveal(
        truth=truth.text,
        aliases=truth.aliases,
        given=given,
        correct=True if given and method != "NONE" else None,
        method=method,
        teaching_points=case.teaching_points,
        distractors=tuple(dx for dx in considered if normalise(dx) not in aliases | {exact, normalise(given)}),
        hidden_notes=case.hidden_notes,
        verdict=verdict,
    )
