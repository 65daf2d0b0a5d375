"""How many keys, and how much waiting, a judgement costs: `python -m benchmarks.review_keys [--turns N] [--json FILE]`.

A scripted reviewer in a real Chromium on the real app judges work-ups by keyboard: every turn good, and one turn in the
middle wrong with its kind and harm; both questions; the second pass. Then pairs, a key each. A key is pressed as soon
as the page is there for it, so the seconds are the page's own: what a person adds is reading and thinking. The wait
after a step is from its last key until the next thing to judge is shown.
"""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

AIM_KEYS, AIM_TURNS = 12, 5
GOOD, WRONG = ["1"], ["-", "a", "h", "Enter"]
QUESTIONS, HAND_IN = ["1", "c", "Enter"], ["Enter"]
CHANGED = "place => document.querySelector('#workspace')?.dataset.place !== place"
PATIENCE_MS = 60_000
Script = list[list[str]]


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.review_keys", description=__doc__.partition("\n")[0])
    parser.add_argument("--turns", type=int, default=AIM_TURNS)
    parser.add_argument("--rounds", type=int, default=3, help="work-ups of each kind, and ten times as many pairs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there")
    return parser.parse_args()


def scripts(turns: int) -> dict[str, Script]:
    """Steps, each ending with the key after which something else is shown."""
    one_wrong = [WRONG if place == turns // 2 else GOOD for place in range(turns)]
    return {
        "every turn good": [*[GOOD] * turns, QUESTIONS, HAND_IN],
        "one turn wrong": [*one_wrong, QUESTIONS, HAND_IN],
    }


def prepare(url: str, turns: int, items: int, pairs: int) -> None:
    """Inside the app: somebody who judges, and what they judge. Prints their login session."""
    from tests.review import factories
    from tests.review.pairs import make_siblings, make_tree
    from tests.stack.client import Browser

    user = factories.make_role(factories.ANNOTATOR, "benchmark-reviewer")
    factories.make_reviewer_of(user)
    case = factories.make_case()
    for _ in range(items):
        factories.make_item(factories.make_trajectory(turns, case))
    for _ in range(pairs):
        make_siblings(make_tree(case=case))
    print(json.dumps({"session": Browser(url, user).session_key}))


def judge(page: Any, script: Script) -> dict[str, Any]:
    page.get_by_role("button", name="Take the next item").click()
    page.wait_for_url("**/review/items/*/", wait_until="load")
    waits, begun = [], time.perf_counter()
    for step in script:
        place = page.locator("#workspace").get_attribute("data-place")
        for key in step:
            page.keyboard.press(key)
        pressed = time.perf_counter()
        if step is script[-1]:
            page.wait_for_url("**/review/", wait_until="load")
        else:
            page.wait_for_function(CHANGED, arg=place)
        waits.append(time.perf_counter() - pressed)
    return {"keys": sum(map(len, script)), "seconds": time.perf_counter() - begun, "waits": waits}


def compare(page: Any, address: str, count: int) -> dict[str, Any]:
    page.goto(f"{address}/review/pairs/")
    page.get_by_role("button", name="Take the next pair").click()
    page.wait_for_url("**/review/pairs/*-*/", wait_until="load")
    waits, begun = [], time.perf_counter()
    for _ in range(count):
        here, pressed = page.url, time.perf_counter()
        page.keyboard.press("1")
        page.wait_for_url(lambda url, here=here: url != here, wait_until="load")
        waits.append(time.perf_counter() - pressed)
    return {"keys": count, "seconds": time.perf_counter() - begun, "waits": waits}


def summarise(what: str, runs: Sequence[dict[str, Any]], each: int = 1) -> dict[str, Any]:
    """Medians over runs; ``each``: how many judgements a run holds."""
    from benchmarks.numbers import percentile

    waits = [wait for run in runs for wait in run["waits"]]
    return {
        "what": what,
        "runs": len(runs),
        "keys": runs[0]["keys"] / each,
        "seconds": round(percentile([run["seconds"] / each for run in runs], 0.5), 2),
        "wait_p50_ms": round(percentile(waits, 0.5) * 1000),
        "wait_p95_ms": round(percentile(waits, 0.95) * 1000),
    }


def main(arguments: argparse.Namespace) -> None:
    from rich.console import Console

    from benchmarks.app import manage, running_app
    from benchmarks.cores import machine
    from tests.e2e.chromium import launch_chromium
    from tests.fake_upstream import running

    rounds, plan = arguments.rounds, scripts(arguments.turns)
    many = 10 * rounds
    with running() as upstream, running_app(upstream.url) as app, launch_chromium() as chromium:
        address = app.address.rstrip("/")
        values = f"{address!r}, {arguments.turns}, {rounds * len(plan)}, {many}"
        made = manage(app, "shell", "-v0", "-c", f"from benchmarks.review_keys import prepare; prepare({values})")
        context = chromium.new_context(viewport={"width": 1280, "height": 860})
        key = json.loads(made.splitlines()[-1])["session"]
        context.add_cookies([{"name": "sessionid", "value": key, "url": address}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{address}/review/")
        rows = [summarise(what, [judge(page, script) for _ in range(rounds)]) for what, script in plan.items()]
        rows.append(summarise("a pair", [compare(page, address, many)], many))
    report: dict[str, Any] = {"machine": machine(), "turns": arguments.turns, "judgements": rows}
    if arguments.turns == AIM_TURNS:
        report["aim_met"] = all(row["keys"] <= AIM_KEYS for row in rows)
    Console().print_json(data=report)
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(parse())
