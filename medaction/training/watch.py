"""What happens between the steps: metrics are written, numbers that are none end the training, Ctrl-C is heard."""

from __future__ import annotations

import math
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any

import orjson
import torch
from transformers import TrainerCallback

from .errors import STOPPED_EARLY, TrainingError
from .work import Work

Tell = Callable[[str], None]
_KEPT = {
    "loss": "loss",
    "eval_loss": "held_out_loss",
    "learning_rate": "learning_rate",
    "grad_norm": "grad_norm",
    "mean_token_accuracy": "accuracy",
    "eval_mean_token_accuracy": "held_out_accuracy",
    "rewards/accuracies": "preferred",
    "eval_rewards/accuracies": "held_out_preferred",
    "rewards/margins": "margin",
    "num_tokens": "tokens",
}


class Stop:
    """Set by the first Ctrl-C or SIGTERM; a second one interrupts at once."""

    def __init__(self) -> None:
        self.asked = False

    @contextmanager
    def listening(self, tell: Callable[[], None]) -> Iterator[None]:
        def ask(number: int, frame: FrameType | None) -> None:
            if self.asked:
                raise KeyboardInterrupt
            self.asked = True
            tell()

        before = {name: signal.signal(name, ask) for name in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for name, handler in before.items():
                signal.signal(name, handler)


class Watch(TrainerCallback):
    """``tell`` is called once a step with what stands beside the progress bar."""

    def __init__(self, work: Work, stop: Stop, tell: Tell) -> None:
        self._work, self._stop, self._tell = work, stop, tell
        self._began = self._told_at = monotonic()
        self._tokens = 0.0
        self._note = ""

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **more: Any) -> None:
        told = {name: logs[key] for key, name in _KEPT.items() if logs and key in logs}
        if not state.is_world_process_zero or not told:
            return
        if not math.isfinite(told.get("held_out_loss", 0.0)):
            raise not_finite("the held-out loss", state.global_step, self._work)
        if "tokens" in told and "loss" in told:
            told["tokens_per_second"] = self._rate(told["tokens"])
        epoch = round(float(state.epoch or 0.0), 4)
        line = {"step": state.global_step, "epoch": epoch, "seconds": round(monotonic() - self._began, 2), **told}
        with self._work.metrics.open("ab") as file:
            file.write(orjson.dumps(line) + b"\n")
        if "loss" in told:
            self._note = f"loss {told['loss']:.4f}, {told.get('tokens_per_second', 0):,.0f} tokens/s"
        elif "held_out_loss" in told:
            self._note = f"held-out loss {told['held_out_loss']:.4f}"

    def _rate(self, tokens: float) -> float:
        """Tokens a second since the last line, looks at the held-out loss included."""
        now = monotonic()
        rate = (tokens - self._tokens) / max(now - self._told_at, 1e-6)
        self._tokens, self._told_at = tokens, now
        return round(rate, 1)

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, model: Any = None, **more: Any) -> None:
        gradients = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
        if not all(bool(torch.isfinite(gradient).all()) for gradient in gradients):
            raise not_finite("a gradient", state.global_step, self._work)

    def on_step_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        self._tell(self._note)
        if torch.distributed.is_initialized():
            # One process stopping alone would leave the others waiting for it.
            asked = torch.tensor([int(self._stop.asked)], device=args.device)
            torch.distributed.all_reduce(asked, op=torch.distributed.ReduceOp.MAX)
            self._stop.asked = bool(asked)
        if self._stop.asked:
            control.should_save = control.should_training_stop = True


def not_finite(what: str, step: int, work: Work) -> TrainingError:
    return TrainingError(
        f"{what} is not a number after step {step}, so training stopped. "
        f"Lower learning_rate, or use precision: fp32. {name_checkpoint(work)}",
        code=STOPPED_EARLY,
    )


def out_of_memory(step: int, work: Work) -> TrainingError:
    return TrainingError(
        f"memory did not suffice after step {step}: lower batch or max_tokens, or set gradient_checkpointing: true. "
        f"{name_checkpoint(work)}",
        code=STOPPED_EARLY,
    )


def name_checkpoint(work: Work) -> str:
    last: Path | None = work.last_checkpoint()
    return f"The last good checkpoint is {last}." if last else "There is no checkpoint yet."
