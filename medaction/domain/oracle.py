"""The oracle: answers orders out of the case, word for word, or says that the case does not say.

It is deterministic and total. It never makes up a result and never answers "normal" for something the case leaves open.
"""

from collections.abc import Iterable

from medaction.domain.case import ESTIMATE, MenuItem
from medaction.domain.matching import Match, OrderMatcher
from medaction.domain.observation import Outcome, TestResult
from medaction.domain.tally import worst_risk


def answer_orders(
    orders: Iterable[str], matcher: OrderMatcher, shown: set[str], *, turn: int, limit: int
) -> tuple[list[TestResult], list[str]]:
    """Results for the single orders within the limit, and the orders beyond it. Adds to ``shown`` what is revealed."""
    results: list[TestResult] = []
    dropped: list[str] = []
    for text in orders:
        for order, match in matcher.resolve(text):
            if len(results) == limit:
                dropped.append(order)
                continue
            results.append(_answer(f"r{turn}.{len(results) + 1}", order, match, matcher, shown))
    return results, dropped


def _answer(result_id: str, order: str, match: Match, matcher: OrderMatcher, shown: set[str]) -> TestResult:
    if match.key is None:
        return TestResult(result_id, order, Outcome.UNAVAILABLE)
    items = [matcher.items[key] for key in match.keys]
    new = [item for item in items if item.key not in shown]
    shown.update(match.keys)
    costs = [item.cost for item in new if item.cost is not None]
    return TestResult(
        id=result_id,
        order=order,
        outcome=Outcome.RESULT if new else Outcome.DUPLICATE,
        key=match.key,
        name=match.name,
        text=_text(items),
        method=match.method,
        cost=sum(costs) if costs or not new else None,
        turnaround_minutes=max((item.turnaround_minutes or 0 for item in new), default=0),
        risk=worst_risk([item.risk for item in new if item.risk is not None]),
        keys=match.keys,
        estimate=any(_is_estimate(item) for item in new),
    )


def _text(items: list[MenuItem]) -> str:
    """The case's own words; several items are told apart by their names."""
    if len(items) == 1:
        return items[0].result
    return "\n".join(f"{item.name}: {item.result}" for item in items)


def _is_estimate(item: MenuItem) -> bool:
    return ESTIMATE in (item.cost_source, item.turnaround_source, item.risk_source)
