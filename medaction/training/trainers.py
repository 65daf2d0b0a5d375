"""TRL's trainers with what we add: on a processor only learned tokens are scored; a loss that is no number ends it."""

from __future__ import annotations

from typing import Any

import torch
from trl import DPOTrainer, SFTTrainer

from .head import score_learned_only
from .watch import not_finite
from .work import Work


class _Careful:
    """``begin_in`` is called once the trainer is made."""

    model: Any
    state: Any
    args: Any

    def begin_in(self, work: Work) -> None:
        self._work = work
        if self.args.device.type == "cpu":
            score_learned_only(self.model)
            if getattr(self, "ref_model", None) is not None:
                score_learned_only(self.ref_model)  # type: ignore[attr-defined]

    def training_step(self, *args: Any, **more: Any) -> Any:
        loss = super().training_step(*args, **more)  # type: ignore[misc]
        if not torch.isfinite(loss).all():
            raise not_finite("the loss", self.state.global_step, self._work)
        return loss

    def create_model_card(self, *args: Any, **more: Any) -> None:
        """Ours is written once, at the end."""


class SftTrainer(_Careful, SFTTrainer):
    pass


class DpoTrainer(_Careful, DPOTrainer):
    pass
