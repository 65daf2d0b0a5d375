"""What decides the records of a benchmark run, beside its cases, policy and graph."""

from dataclasses import asdict, dataclass
from typing import Any

from medaction.domain.actions import MAX_TESTS
from medaction.domain.noise import NoiseSettings

OWN = "medaction"


@dataclass(frozen=True, slots=True)
class BenchSettings:
    """``static``: all evidence at once, one turn. ``seed``: of the bootstrap, of sampling and of permutations.

    ``noise``: how much worse than written the orders arrive; not with ``static``, where nothing is ordered.
    ``without_own_paper``: the graph's annotations that cite a case's own references are left out for that case, and
    only cases whose disease keeps enough others are scored.
    ``samples`` replies are drawn for each case at ``temperature``; without one the policy gives its one answer.
    ``regret``: after an active run the case is read again with its own evidence, and with all evidence, at once.
    ``permutations``: how often all evidence is read once more in another order.
    ``protocol``: one of :data:`.protocols.PROTOCOLS`, from which ``static``, ``horizon`` and ``max_tests`` then come.
    """

    static: bool = False
    horizon: int = 5
    menu_visible: bool = False
    seed: int = 0
    noise: NoiseSettings | None = None
    without_own_paper: bool = False
    samples: int = 1
    temperature: float | None = None
    regret: bool = False
    permutations: int = 0
    protocol: str = OWN
    max_tests: int = MAX_TESTS

    def __post_init__(self) -> None:
        if self.static and self.noise is not None:
            raise ValueError("with all evidence at once nothing is ordered, so there is no noise in orders")
        if self.static and self.regret:
            raise ValueError("regret compares an active run with reading at once: leave out static")
        if self.samples > 1 and not self.temperature:
            raise ValueError("several samples of a case differ only with a temperature above 0")
        if self.samples < 1 or self.permutations < 0:
            raise ValueError("samples must be at least 1 and permutations at least 0")
        if self.temperature is not None and not 0 <= self.temperature <= 2:
            raise ValueError("the temperature must be between 0 and 2")

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)
