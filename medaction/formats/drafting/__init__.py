"""A plain case report (sections, bullets, prose) to the draft of an environment. A person confirms it.

    draft = draft_case(text)          # every part with a confidence, every doubt a warning
    case = confirm_draft(draft, confirmed_by="…", case_id="…")

phi      finds and masks what looks like personal data
draft    CaseDraft and its parts; confirm_draft
report   the reading of a report
"""

from .draft import CaseDraft, DraftPart, confirm_draft
from .phi import PhiHit, mask_personal_data
from .report import draft_case

__all__ = ["CaseDraft", "DraftPart", "PhiHit", "confirm_draft", "draft_case", "mask_personal_data"]
