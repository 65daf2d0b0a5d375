"""The failure-mode battery of one turn, as hits and totals: they add up along a branch, and over branches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from medaction.domain.actions import Turn
from medaction.domain.observation import Outcome
from medaction.knowledge import Concept

from .differential import FALL, Held, Move
from .orders import Order
from .scores import NOTHING, OrderLink, Ratio
from .settings import MetricSettings
from .support import Evidence
from .weighing import Scales

Counts = Mapping[str, Ratio]

UNAVAILABLE = "unavailable_rate"
UNLINKED = "unlinked_test_rate"
KEY_MISS = "key_test_miss_rate"
PRECISION = "test_precision"
RECALL = "test_recall"
REPEATS = "repeat_order_rate"
RIGIDITY = "rigidity"
ERRATIC = "erratic_jump_rate"
PLACEBO = "placebo_rate"
DROPPED = "must_not_miss_dropped_rate"
FORMAT = "format_failure_rate"
NAMES = (
    *(UNAVAILABLE, UNLINKED, KEY_MISS, PRECISION, RECALL, REPEATS),
    *(RIGIDITY, ERRATIC, PLACEBO, DROPPED, FORMAT),
)


def plus(*parts: Counts) -> dict[str, Ratio]:
    total: dict[str, Ratio] = {}
    for part in parts:
        for name, ratio in part.items():
            total[name] = total[name] + ratio if name in total else ratio
    return total


def count_format(turn: Turn) -> Counts:
    return {FORMAT: Ratio(int(not turn.valid), 1)}


def count_orders(
    orders: Sequence[Order], links: Sequence[OrderLink], earlier: frozenset[str], key_items: frozenset[str] | None
) -> Counts:
    """``earlier``: the orders of earlier turns, folded. Precision is of orders made for the first time and answered."""
    carried = [order for order in orders if order.outcome is not None]
    if not carried:
        return {}
    linked = [link.linked for link in links if link.linked is not None]
    repeats = [o.outcome is Outcome.DUPLICATE or o.folded in earlier for o in carried]
    counts = {
        UNAVAILABLE: Ratio(sum(order.outcome is Outcome.UNAVAILABLE for order in carried), len(carried)),
        UNLINKED: Ratio(len(linked) - sum(linked), len(linked)),
        REPEATS: Ratio(sum(repeats), len(carried)),
    }
    if key_items is not None:
        answered = [order for order in carried if order.outcome is Outcome.RESULT]
        counts[PRECISION] = Ratio(sum(not key_items.isdisjoint(order.keys) for order in answered), len(answered))
    return counts


def count_key_tests(found: frozenset[str], key_items: frozenset[str] | None) -> Counts:
    """At the end of a branch: which of the case's key tests were asked for."""
    if not key_items:
        return {KEY_MISS: NOTHING, RECALL: NOTHING}
    hits = len(found & key_items)
    return {KEY_MISS: Ratio(len(key_items) - hits, len(key_items)), RECALL: Ratio(hits, len(key_items))}


@dataclass(frozen=True, slots=True)
class Beliefs:
    """What a turn made of what it was told. ``before`` and ``now`` are differentials, empty when none was stated.

    ``strong``: why the new facts ask for another leader; ``refused``: the last orders brought nothing new.
    """

    before: Sequence[Held]
    now: Sequence[Held]
    moves: Sequence[Move]
    evidence: Evidence
    strong: str | None
    refused: bool


def count_beliefs(scales: Scales, beliefs: Beliefs, settings: MetricSettings) -> Counts:
    before, now, evidence, strong = beliefs.before, beliefs.now, beliefs.evidence, beliefs.strong
    if not before or not now:
        return {}
    old, new = before[0], now[0]
    kept = old.key == new.key
    counts: dict[str, Ratio] = {}
    if strong is not None:
        counts[RIGIDITY] = Ratio(int(kept), 1)
    if beliefs.refused:
        counts[PLACEBO] = Ratio(int(not kept), 1)
    if old.concept and new.concept and not _is_grounded(scales, (old, old.concept), (new, new.concept), beliefs):
        similarity = 1.0 if kept else scales.graph.similarity(old.concept, new.concept)
        counts[ERRATIC] = Ratio(int(similarity is not None and similarity < settings.unlike), 1)
    gone = [m.held for m in beliefs.moves if m.direction == FALL and m.now is None and m.held.concept]
    dangerous = [held.concept for held in gone if held.concept and scales.must_not_miss(held.concept.index)]
    if dangerous:
        shown = evidence.all
        open_still = [one for one in dangerous if scales.strongest(shown, one.index, -1) is None]
        counts[DROPPED] = Ratio(len(open_still), len(dangerous))
    return counts


def _is_grounded(scales: Scales, old: tuple[Held, Concept], new: tuple[Held, Concept], beliefs: Beliefs) -> bool:
    """Whether a change of the leader had, or would have had, something to rest on."""
    if old[0].key == new[0].key:
        return beliefs.strong is not None
    evidence = beliefs.evidence
    supports = scales.strongest((*evidence.new, *evidence.older(new[0])), new[1].index, 1)
    return supports is not None or scales.strongest(evidence.new, old[1].index, -1) is not None
