"""The vocabulary's scores, taken only where a token is learned.

TRL does so where there is Triton; on a processor it scores every position, and of our rows one token in five is learned
while the head is a fifth of the small model. So there this takes the place of the forward that TRL put into the model
(``trl.trainer.utils.add_fused_lm_head``), with the same outputs.
"""

from __future__ import annotations

from types import MethodType
from typing import Any

import torch
from peft import PeftModel
from trl.trainer.utils import FusedCausalLMOutput


def score_learned_only(model: Any) -> None:
    """Change the forward of ``model``, which TRL must have prepared."""
    core = model.get_base_model() if isinstance(model, PeftModel) else model
    theirs = core.forward

    def forward(self: Any, *args: Any, fused_lm_head: bool = False, labels: Any = None, **more: Any) -> Any:
        if not fused_lm_head or labels is None:
            return theirs(*args, fused_lm_head=fused_lm_head, labels=labels, **more)
        return _score(self, labels, args, more)

    core.forward = MethodType(forward, core)


def _score(core: Any, labels: Any, args: tuple[Any, ...], more: dict[str, Any]) -> Any:
    more.pop("num_items_in_batch", None)
    hidden = core.base_model(*args, **{**more, "use_cache": False}).last_hidden_state[:, :-1]
    wanted = labels[:, 1:]
    learned = wanted != -100
    scores = core.get_output_embeddings()(hidden[learned]).float()
    logs = scores.log_softmax(-1)
    told = logs.gather(-1, wanted[learned][:, None])[:, 0]

    def placed(values: Any) -> Any:
        return values.new_zeros(wanted.shape).masked_scatter(learned, values)

    with torch.no_grad():
        chances = logs.exp()
        metrics = {
            "entropy": placed(-(chances * logs).sum(-1)),
            "log_sum_sq_probs": placed(chances.square().sum(-1).log()),
            "mean_logits": placed(scores.mean(-1)),
            "is_top1": placed(scores.argmax(-1) == wanted[learned]),
        }
    log_probs = placed(told)
    loss = -log_probs.sum() / learned.sum().clamp(min=1)
    return FusedCausalLMOutput(loss=loss, log_probs=log_probs, label_mask=learned, **metrics)
