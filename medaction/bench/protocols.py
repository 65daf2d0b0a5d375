"""Protocols: what a policy is told and may ask, and in which words a model is asked."""

from dataclasses import dataclass, replace

from medaction.domain.actions import MAX_TESTS
from medaction.domain.headed import MOST_REQUESTS, headed_hash
from medaction.domain.prompt import prompt_hash

from .settings import OWN, BenchSettings

MEDRBENCH = (
    "after Qiu et al., Nature Communications 2025 (arXiv 2503.04691): its headings, its answer for what the case does "
    "not say, its turns. Answers come from the case itself, not from a language model, and are scored by concept: the "
    "figures are not comparable with published ones"
)


@dataclass(frozen=True, slots=True)
class Protocol:
    """``horizon`` counts the policy's turns, the last being the diagnosis; ``headed``: MedR-Bench's dialect."""

    name: str
    what: str
    static: bool = False
    horizon: int | None = None
    max_tests: int = MAX_TESTS
    headed: bool = False

    @property
    def prompt_hash(self) -> str:
        return headed_hash() if self.headed else prompt_hash()


PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        Protocol(OWN, "our own turns: reasoning, differential, up to three tests or a diagnosis"),
        Protocol(
            "medrbench-1turn", f"ask once, then diagnose; {MEDRBENCH}", horizon=2, max_tests=MOST_REQUESTS, headed=True
        ),
        Protocol(
            "medrbench-free", f"at most five turns; {MEDRBENCH}", horizon=5, max_tests=MOST_REQUESTS, headed=True
        ),
        Protocol(
            "medrbench-oracle", f"everything is told at once; {MEDRBENCH}", static=True, horizon=1, headed=True
        ),
    )
}  # fmt: skip


def follow_protocol(name: str, settings: BenchSettings) -> BenchSettings:
    """The settings as the protocol has them. Raises ``ValueError`` for another name, or settings that it rules out."""
    if name not in PROTOCOLS:
        raise ValueError(f"there is no protocol {name!r}; use one of {', '.join(PROTOCOLS)}")
    protocol = PROTOCOLS[name]
    if name == OWN:
        return settings
    if settings.static or settings.menu_visible or settings.horizon != BenchSettings().horizon:
        raise ValueError(f"the protocol {name} decides turns and menu: leave out static, horizon and menu-visible")
    horizon = protocol.horizon or settings.horizon
    return replace(settings, protocol=name, static=protocol.static, horizon=horizon, max_tests=protocol.max_tests)
