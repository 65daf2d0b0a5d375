"""Why a service refused. Each message is a sentence for the person who asked; what they wrote is kept."""

from collections.abc import Iterable

from review.models import Correction, Draft, PairDraft
from review.rules import Gap


class ServiceError(Exception):
    """Refused."""


class RubricRefused(ServiceError):  # noqa: N818 - a refusal, not a fault
    """A rubric that cannot be written or used so."""


class ItemRefused(ServiceError):  # noqa: N818
    """Something that cannot become an item or a pair, or one that cannot be changed so."""


class NothingToClaim(ServiceError):  # noqa: N818
    """No item or pair for this reviewer now; the message says why and what to do."""


class SkipRefused(ServiceError):  # noqa: N818
    """A skip without a reason."""


class DraftRefused(ServiceError):  # noqa: N818
    """Something that the rubric or the place in the trajectory does not allow."""


class ItemGone(ServiceError):  # noqa: N818
    """The item or pair is retired, or its places are taken: what was written stays in the draft, not handed in."""


class StaleDraft(ServiceError):  # noqa: N818
    """Written against an older revision. ``draft`` is what is stored now; nothing of it was overwritten."""

    def __init__(self, draft: Draft | PairDraft) -> None:
        self.draft = draft
        super().__init__("This item was changed in another window. Nothing was overwritten.")


class Incomplete(ServiceError):  # noqa: N818
    """Saved in ``draft``, but something is still missing."""

    def __init__(self, draft: Draft | PairDraft, gaps: list[Gap]) -> None:
        self.draft = draft
        self.gaps = gaps
        super().__init__(" ".join(gap.sentence for gap in gaps))


class AdjudicationRefused(ServiceError):  # noqa: N818
    """A decision that cannot be taken so, or not by this person."""


class StaleAdjudication(ServiceError):  # noqa: N818
    """Somebody judged or decided meanwhile; nothing was stored."""


class ExemplarRefused(ServiceError):  # noqa: N818
    """A turn that cannot be shown as an example so."""


class EdgeRefused(ServiceError):  # noqa: N818
    """What cannot be said of an edge."""


class ProposalRefused(ServiceError):  # noqa: N818
    """A proposal that cannot be decided so, or any more."""


class CorrectionRefused(ServiceError):  # noqa: N818
    """A correction that cannot be opened, run or accepted so. ``gaps`` say where, when it is about what was written."""

    def __init__(self, reason: str, gaps: Iterable[Gap] = ()) -> None:
        self.gaps = list(gaps)
        super().__init__(reason)


class StaleCorrection(ServiceError):  # noqa: N818
    """Written against an older revision. ``correction`` is what is stored now; nothing of it was overwritten."""

    def __init__(self, correction: Correction) -> None:
        self.correction = correction
        super().__init__("This correction was changed in another window. Nothing was overwritten.")


class RemarkRefused(ServiceError):  # noqa: N818
    """Nothing to say, or too much of it."""


class RulingRefused(ServiceError):  # noqa: N818
    """A word on two names that cannot be kept."""


class TicketRefused(ServiceError):  # noqa: N818
    """A ticket that cannot be resolved so, or any more."""
