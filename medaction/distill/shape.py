"""How large a tree grows, and the seeds of its nodes."""

from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any

from medaction.domain.canonical import canonical_json
from medaction.domain.case import Case
from medaction.domain.environment import EnvironmentSettings


@dataclass(frozen=True, slots=True)
class TreeShape:
    """``root`` and ``below``: replies asked for at the root and at every other point. ``nodes``, that is turns and
    observations, and generated ``tokens`` bound one tree; None is no bound. ``temperature`` is the policy's.

    ``own_paper``: a policy that reads the graph may use what it has from the case's own publication, and so knows more
    than it could of a new patient."""

    root: int = 3
    below: int = 2
    leaves: int = 16
    temperature: float = 0.9
    nodes: int = 400
    tokens: int | None = None
    own_paper: bool = False

    def __post_init__(self) -> None:
        if min(self.root, self.below, self.leaves) < 1:
            raise ValueError("root, below and leaves must be at least 1")
        if not 0 <= self.temperature <= 2:
            raise ValueError("the temperature must be between 0 and 2")
        if self.nodes < 3 or (self.tokens is not None and self.tokens < 1):
            raise ValueError("a tree needs a budget of at least 3 nodes and 1 token")


@dataclass(frozen=True, slots=True)
class GrowthConfig:
    """All that decides a tree, beside its case, policy and seed."""

    shape: TreeShape = field(default_factory=TreeShape)
    environment: EnvironmentSettings = field(default_factory=EnvironmentSettings)

    def to_dict(self) -> dict[str, Any]:
        return {"shape": asdict(self.shape), "environment": asdict(self.environment)}


def tree_seed(seed: int, case: Case) -> int:
    """A tree's seed out of the run's; it does not depend on the other cases of the run."""
    return derive_seed(seed, case.content_hash)


def derive_seed(*parts: int | str) -> int:
    """0 … 2³¹−1 (what servers take), from SHA-256 of the parts: a node's is ``derive_seed(tree seed, *path)``."""
    return int.from_bytes(sha256(canonical_json(parts)).digest()[:4], "big") >> 1
