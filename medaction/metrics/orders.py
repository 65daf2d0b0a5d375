"""Grounding of one turn: which ordered tests the graph links to a diagnosis that is being considered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from medaction.domain.actions import TestOrder, Turn
from medaction.domain.case import MenuItem
from medaction.domain.catalogue import load_catalogue
from medaction.domain.naming import catalogue_key, item_keys
from medaction.domain.observation import Observation, Outcome
from medaction.domain.orders import split_orders
from medaction.knowledge import Kind, KnowledgeGraph

from .differential import Held
from .facts import FactReader
from .links import Links
from .scores import OrderLink
from .weighing import lower

_item_keys = lru_cache(maxsize=20_000)(item_keys)


@dataclass(frozen=True, slots=True)
class Order:
    """One single order. ``outcome`` is None where it was not carried out; ``keys``: the menu items that answered."""

    text: str
    outcome: Outcome | None = None
    keys: tuple[str, ...] = ()

    @property
    def folded(self) -> str:
        return " ".join(self.text.casefold().split())


def list_orders(turn: Turn, observation: Observation | None) -> tuple[Order, ...]:
    """What was answered; what was asked, where nothing was carried out."""
    if observation is not None and observation.results:
        return tuple(Order(r.order, r.outcome, r.keys or ((r.key,) if r.key else ())) for r in observation.results)
    if turn.valid and isinstance(turn.action, TestOrder):
        return tuple(Order(single) for text in turn.action.tests for single in split_orders(text))
    return ()


class OrderJudge:
    """Links orders to diagnoses: test → finding → disease, also by findings that are inherited or narrower."""

    def __init__(self, graph: KnowledgeGraph, links: Links, facts: FactReader) -> None:
        self._graph = graph
        self._links = links
        self._facts = facts
        self.tests = lru_cache(maxsize=20_000)(self._tests)

    def _tests(self, order: str) -> tuple[str, ...]:
        """Catalogue key of an order's wording, if it has one."""
        if key := catalogue_key(order):
            return (key,)
        link = self._graph.concept(order, Kind.TEST)
        return (link.concept.id.removeprefix("TEST:"),) if link else ()

    def judge(self, order: Order, held: Sequence[Held], menu: Mapping[str, MenuItem]) -> OrderLink:
        """None when the graph knows neither the test nor what the menu item shows, or no diagnosis is held."""
        items = [menu[key] for key in order.keys if key in menu]
        tests = self.tests(order.text) or tuple(key for item in items for key in sorted(_item_keys(item)))
        shown = [f.number for item in items for finding in item.findings for f in self._facts.structured(finding)]
        concepts = [one for one in held if one.concept is not None]
        if not concepts or not (shown or any(map(self._links.reveals, tests))):
            why = "the graph does not know this test" if concepts else "no diagnosis that the graph knows is listed"
            return OrderLink(order.text, None, f"{order.text}: cannot be judged, {why}.")
        for one in concepts:
            assert one.concept is not None  # noqa: S101 - filtered above
            for test in tests:
                if (finding := self._links.find_test_link(test, one.concept.index)) is not None:
                    return self._linked(order, _test_name(test), finding, one)
            if (finding := self._links.find_finding(shown, one.concept.index)) is not None:
                return self._linked(order, order.text, finding, one)
        return OrderLink(order.text, False, f"{order.text}: nothing it can show bears on a listed diagnosis.")

    def _linked(self, order: Order, test: str, finding: int, held: Held) -> OrderLink:
        shown = lower(self._graph.at(finding).name)
        return OrderLink(order.text, True, f"{test} can show {shown}, which bears on {lower(held.name)}.")


def _test_name(key: str) -> str:
    entry = load_catalogue().get(key)
    return entry.name if entry else key
