"""Which policies grow a run: one, or several that share its cases."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from medaction.distill.shape import derive_seed
from medaction.domain.case import Case
from medaction.inference.registry import SCRIPTED_PREFIX, ModelSpec, open_model
from medaction.inference.script import load_script
from medaction.inference.timeouts import Timeouts
from medaction.knowledge import KnowledgeGraph
from medaction.knowledge.extraction import Extractor

from .assisted import NAME as ASSISTED
from .assisted import AssistedPolicy, AssistedPrompt
from .assisted_prompt import assisted_prompt_hash
from .catalogue import DROPOUT, GRAPH_DROPOUT, POLICIES, open_chat, open_policy
from .chat import ChatSettings
from .headed import HEADED, HEADED_SETTINGS
from .kg import KgPolicy, KgSettings, open_extractor
from .policy import SamplingPolicy

CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Teachers:
    """``shares`` sum to 1. ``dropout`` is what ``kg-dropout`` does not see; ``model``, ``base_url`` and ``headed``
    (MedR-Bench's dialect instead of ours) are for ``chat``; ``assisted`` has them too, and an
    ``adapter``. ``constrained``: models are held to the turn's schema. ``max_tokens``: of an answer, if not the usual
    number; ``patience``: seconds to wait for its first words, if not the usual ones. Can be sent to another process.
    Raises ``ValueError`` when a value makes no sense."""

    shares: tuple[tuple[str, float], ...]
    seed: int = 0
    dropout: float = GRAPH_DROPOUT
    model: str = ""
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    headed: bool = False
    adapter: str = ""
    constrained: bool = True
    max_tokens: int | None = None
    patience: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.dropout <= 1:
            raise ValueError(f"the graph dropout must be between 0 and 1, not {self.dropout}")
        for name, _ in self.shares:
            if name in (CHAT, ASSISTED) and not self.base_url:
                raise ValueError(f"the policy {name} needs the address of a server: --base-url, and --model")
            if name.startswith(SCRIPTED_PREFIX):
                load_script(name.removeprefix(SCRIPTED_PREFIX).partition("@")[0])
            elif name not in (*POLICIES, CHAT, ASSISTED):
                raise ValueError(f"there is no policy {name!r}; use {', '.join((*POLICIES, CHAT, ASSISTED))}")

    @property
    def name(self) -> str:
        if len(self.shares) == 1:
            return self.shares[0][0]
        return ",".join(f"{name}:{share:g}" for name, share in self.shares)

    def choose(self, case: Case) -> str:
        """The policy that grows this case's tree: by lot, the same whatever other cases the run has."""
        drawn = derive_seed(self.seed, case.content_hash, "policy") / 2**31
        for name, share in self.shares[:-1]:
            if drawn < share:
                return name
            drawn -= share
        return self.shares[-1][0]

    def settings_of(self, name: str) -> ChatSettings:
        """With which ``chat`` or ``assisted`` asks its model."""
        headed = self.headed and name == CHAT
        settings = HEADED_SETTINGS if headed else ChatSettings(constrained=self.constrained)
        return settings if self.max_tokens is None else replace(settings, max_tokens=self.max_tokens)

    @property
    def timeouts(self) -> Timeouts | None:
        if self.patience is None:
            return None
        return Timeouts(first_token=self.patience, idle=self.patience, total=max(Timeouts().total, 4 * self.patience))

    def describe(self) -> dict[str, Any]:
        """For a manifest: everything that decides what they say, and no address or key."""
        settings: dict[str, Any] = {}
        for name, share in self.shares:
            settings[name] = {"share": share}
            if name in (KgPolicy.name, DROPOUT):
                settings[name] |= asdict(KgSettings())
            if name == DROPOUT:
                settings[name] |= {"graph_dropout": self.dropout, "dropout_seed": self.seed}
            if name == CHAT:
                settings[name] |= {"model": self.model, **asdict(self.settings_of(name))}
                settings[name] |= {"dialect": "headed"} if self.headed else {}
            if name == ASSISTED:
                settings[name] |= {"model": self.model, "adapter": self.adapter}
                settings[name] |= asdict(self.settings_of(name))
                settings[name] |= {"prompt": assisted_prompt_hash()}
        return {"name": self.name, "label": ", ".join(name for name, _ in self.shares), "settings": settings}


def read_teachers(text: str, **options: Any) -> Teachers:
    """``kg``, or ``kg:0.7,random:0.2,scripted:walk:0.1``; shares are scaled to sum to 1.

    ``options`` are the fields of :class:`Teachers`. Raises ``ValueError``.
    """
    shares: dict[str, float] = {}
    parts = [part.strip() for part in text.split(",")]
    for part in parts:
        name, _, share = part.rpartition(":")
        try:
            weight = float(share)
        except ValueError:
            name, weight = part, 1.0
            if len(parts) > 1:
                raise ValueError(f"of several policies each needs a share, as in kg:0.7; {part!r} has none") from None
        if not name or not 0 < weight < float("inf"):
            raise ValueError(f"{part!r} is not a policy with a share above 0, as in kg:0.7")
        if name in shares:
            raise ValueError(f"the policy {name!r} is named twice")
        shares[name] = weight
    total = sum(shares.values())
    return Teachers(tuple((name, round(weight / total, 6)) for name, weight in shares.items()), **options)


class OpenTeachers:
    """Policies of this process, each opened when its first case comes."""

    def __init__(self, teachers: Teachers, graph: KnowledgeGraph) -> None:
        self._teachers = teachers
        self._graph = graph
        self._open: dict[str, SamplingPolicy] = {}
        self._extractor: Extractor | None = None

    def of(self, case: Case) -> SamplingPolicy:
        name = self._teachers.choose(case)
        if name not in self._open:
            self._open[name] = self._make(name)
        return self._open[name]

    def _make(self, name: str) -> SamplingPolicy:
        teachers = self._teachers
        if name == CHAT:
            return open_chat(
                teachers.model,
                teachers.base_url,
                teachers.api_key,
                teachers.settings_of(name),
                dialect=HEADED if teachers.headed else None,
                timeouts=teachers.timeouts,
            )
        if name == ASSISTED:
            spec = ModelSpec("openai", teachers.model, teachers.base_url, teachers.api_key, adapter=teachers.adapter)
            prompt = AssistedPrompt(KgPolicy(self._graph, extractor=self._share_extractor()))
            return AssistedPolicy(open_model(spec, timeouts=teachers.timeouts), prompt, teachers.settings_of(name))
        if name in (KgPolicy.name, DROPOUT):
            self._share_extractor()
        return open_policy(
            name, lambda: self._graph, dropout=teachers.dropout, seed=teachers.seed, extractor=self._extractor
        )

    def _share_extractor(self) -> Extractor:
        self._extractor = self._extractor or open_extractor(self._graph)
        return self._extractor

    async def aclose(self) -> None:
        for policy in self._open.values():
            await policy.aclose()
