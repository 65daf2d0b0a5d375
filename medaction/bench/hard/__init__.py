"""MedAction-Hard: cases that the reference policies fail, chosen by rule and frozen by hash.

Hard *for these policies*, by construction: any policy that differs from them does better on it than they do, and they
themselves do better when they are measured anew under other settings (regression to the mean). It is not the paper's
set, which is not public.

references  which policies try a case, with which seeds, and what becomes of it
systems     the body system and the disease of a case, for strata
choosing    HardRule; which tried cases may be taken, and which are
mining      a folder that mining fills, can go on with, and freezes
"""

from .choosing import HardRule, Tried, choose_hard
from .mining import MiningError, mine_hard
from .references import REFERENCES, Reference

__all__ = ["REFERENCES", "HardRule", "MiningError", "Reference", "Tried", "choose_hard", "mine_hard"]
