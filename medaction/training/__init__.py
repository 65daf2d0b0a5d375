"""Training on dataset versions: SFT and DPO, LoRA and full, with TRL. Needs the extra `train`.

settings, libraries   what may be said without torch; everything else is imported only when a command runs
bases, rows, chat     what goes in: a base model, a dataset version, conversations as tokens
run                   one training; ``trainers``, ``watch``, ``work``, ``finish`` and ``card`` are its parts
"""

from .errors import TrainingError

__all__ = ["TrainingError"]
