"""A fall of blood pressure on standing, which no single value tells."""

import re
from dataclasses import dataclass

_PRESSURE = r"[^\d\n]{0,40}(\d{2,3})\s*/\s*(\d{2,3})"
_DOWN = re.compile(rf"\b(?:supine|lying|recumbent|sitting|seated)\b{_PRESSURE}", re.IGNORECASE)
_UP = re.compile(rf"\b(?:standing|upright|on standing)\b{_PRESSURE}", re.IGNORECASE)
SYSTOLIC_DROP, DIASTOLIC_DROP = 20, 10
"""mmHg; the usual definition of orthostatic hypotension (Freeman et al., Clin Auton Res 2011)."""


@dataclass(frozen=True, slots=True)
class Drop:
    """``start``, ``end``: where the second pressure is told; ``present``: whether it fell as far."""

    start: int
    end: int
    present: bool


def read_drop(text: str) -> Drop | None:
    """From a text that tells the pressure lying or sitting, and standing; None for any other."""
    down, up = _DOWN.search(text), _UP.search(text)
    if down is None or up is None:
        return None
    systolic, diastolic = (int(down[i]) - int(up[i]) for i in (1, 2))
    return Drop(up.start(), up.end(), systolic >= SYSTOLIC_DROP or diastolic >= DIASTOLIC_DROP)
