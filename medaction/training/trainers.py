"""TRL's trainers with what we add: only learned tokens are scored, and a loss that is no number ends the training."""

from __future__ import annotations

from typing import Any

import torch
from peft import PeftModel
from trl import DPOTrainer, SFTTrainer

from .watch import not_finite
from .work import Work


class _Careful:
    """``work`` is set after the trainer is made."""

    work: Work
    state: Any

    def training_step(self, *args: Any, **more: Any) -> Any:
        loss = super().training_step(*args, **more)  # type: ignore[misc]
        if not torch.isfinite(loss).all():
            raise not_finite("the loss", self.state.global_step, self.work)
        return loss

    def create_model_card(self, *args: Any, **more: Any) -> None:
        """Ours is written once, at the end."""


class SftTrainer(_Careful, SFTTrainer):
    """TRL scores every token where there is no Triton; of ours one in five is learned, and the vocabulary is large."""

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        if self.args.device.type != "cpu" or return_outputs:
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        mode = "train" if self.model.training else "eval"
        core = self.accelerator.unwrap_model(model)
        core = core.get_base_model() if isinstance(core, PeftModel) else core
        read = {key: inputs[key] for key in ("input_ids", "attention_mask", "position_ids") if key in inputs}
        hidden = core.base_model(**read, use_cache=False).last_hidden_state[:, :-1]
        wanted = inputs["labels"][:, 1:]
        learned = wanted != -100
        scores = core.get_output_embeddings()(hidden[learned]).float()
        total = torch.nn.functional.cross_entropy(scores, wanted[learned], reduction="sum")
        right = (scores.detach().argmax(-1) == wanted[learned]).sum()
        self._metrics[mode]["mean_token_accuracy"].append((right / learned.sum().clamp(min=1)).item())
        if mode == "train":
            self._total_train_tokens += int(inputs.get("attention_mask", inputs["input_ids"] >= 0).sum())
        self._metrics[mode]["num_tokens"] = [self._total_train_tokens]
        return total / torch.as_tensor(learned.sum() if num_items_in_batch is None else num_items_in_batch).clamp(min=1)


class DpoTrainer(_Careful, DPOTrainer):
    pass
