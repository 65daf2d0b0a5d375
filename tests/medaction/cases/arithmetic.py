"""Reading figures back out of result texts, to check them against physiology."""

import math
import re
from collections.abc import Iterator

_FIGURE = r"(\d+(?:\.\d+)?)"
_ANION_GAP = re.compile(
    rf"[Ss]odium {_FIGURE} .*?chloride {_FIGURE} .*?bicarbonate {_FIGURE} .*?anion gap {_FIGURE}", re.DOTALL
)
_GAS = re.compile(rf"pH {_FIGURE} \([^)]*\), P(?:a)?CO2 {_FIGURE} mmHg \([^)]*\), HCO3 {_FIGURE}")
_CALCIUM = re.compile(rf"Calcium {_FIGURE} mg/dL .*?albumin {_FIGURE} g/dL .*?corrected calcium {_FIGURE} mg/dL")
_SCALE = re.compile(r" ×10⁹/L| per 24 h")
_BOUNDED = re.compile(r"(?<![\w.,/])(−?\d[\d,]*(?:\.\d+)?)[^().;\d]{0,24}\(([^()]*)\)")
_RANGE = re.compile(r"^(?:[^\d<>]*)(\d[\d,]*(?:\.\d+)?)–(\d[\d,]*(?:\.\d+)?)(?: (?:in|at) [\w -]+)?$")
_LIMIT = re.compile(r"^(?:[^\d<>]*)([<>]) (\d[\d,]*(?:\.\d+)?)(?: (?:in|at) [\w -]+)?$")


def anion_gaps(text: str) -> Iterator[tuple[float, float]]:
    """(stated, sodium − chloride − bicarbonate), in mmol/L."""
    for sodium, chloride, bicarbonate, stated in _ANION_GAP.findall(text):
        yield float(stated), float(sodium) - float(chloride) - float(bicarbonate)


def blood_gases(text: str) -> Iterator[tuple[float, float]]:
    """(stated pH, pH by Henderson–Hasselbalch: pKa 6.1, CO2 solubility 0.0301 mmol/L per mmHg)."""
    for stated, carbon_dioxide, bicarbonate in _GAS.findall(text):
        yield float(stated), 6.1 + math.log10(float(bicarbonate) / (0.0301 * float(carbon_dioxide)))


def corrected_calcium(text: str) -> Iterator[tuple[float, float]]:
    """(stated, calcium + 0.8 · (4.0 − albumin)), in mg/dL (Payne's correction)."""
    for calcium, albumin, stated in _CALCIUM.findall(text):
        yield float(stated), float(calcium) + 0.8 * (4.0 - float(albumin))


def outside_range(text: str) -> set[str]:
    """``high`` and ``low`` as far as a figure in the text lies outside the reference range that follows it."""
    found: set[str] = set()
    for figure, bounds in _BOUNDED.findall(_SCALE.sub("", text)):
        value = _number(figure)
        if span := _RANGE.match(bounds):
            found |= {"low"} if value < _number(span[1]) else {"high"} if value > _number(span[2]) else set()
        elif limit := _LIMIT.match(bounds):
            exceeds, falls_short = limit[1] == "<" and value >= _number(limit[2]), limit[1] == ">"
            found |= {"high"} if exceeds else {"low"} if falls_short and value <= _number(limit[2]) else set()
    return found


def _number(text: str) -> float:
    return float(text.replace(",", "").replace("−", "-"))
