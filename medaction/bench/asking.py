"""A policy asked with a temperature: each sample of a case is a draw of its own, and the same whenever it is drawn."""

from dataclasses import dataclass
from typing import cast

from medaction.distill.policies import Policy, Reply, View
from medaction.distill.policies.chat import ChatPolicy
from medaction.distill.policies.policy import SamplingPolicy
from medaction.distill.shape import derive_seed
from medaction.domain.case import Case

from .settings import BenchSettings


class NoSamplingError(ValueError):
    """A policy that has one answer only was asked for several."""


@dataclass(frozen=True, slots=True)
class SampledPolicy:
    """``policy`` with a seed for every turn. Closing it is its owner's."""

    policy: SamplingPolicy
    seed: int
    temperature: float

    @property
    def name(self) -> str:
        return self.policy.name

    @property
    def label(self) -> str:
        return self.policy.label

    async def answer(self, view: View) -> Reply:
        seed = derive_seed(self.seed, len(view.steps))
        # The first reply of a policy that computes is the one without chance.
        count = 1 if isinstance(self.policy, ChatPolicy) else 2
        return (await self.policy.propose(view, count, seed, self.temperature))[-1]

    async def aclose(self) -> None:
        pass


def choose_asking(policy: Policy, case: Case, settings: BenchSettings, sample: int) -> Policy:
    """The policy as the settings want it asked. Raises :class:`NoSamplingError`."""
    if settings.temperature is None:
        return policy
    if not hasattr(policy, "propose"):
        raise NoSamplingError(f"{policy.label} gives one answer to a case; leave out the temperature")
    seed = derive_seed(settings.seed, case.content_hash, sample)
    return SampledPolicy(cast(SamplingPolicy, policy), seed, settings.temperature)
