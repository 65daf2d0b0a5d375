"""The app gets one core; the upstream and the load get the others. On a machine with one core nothing is pinned."""

import os
import platform
from collections.abc import Callable
from pathlib import Path

AVAILABLE = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
PINNED = len(AVAILABLE) > 1 and hasattr(os, "sched_setaffinity")
APP = {AVAILABLE[0]}
LOAD = set(AVAILABLE[1:]) or APP


def pin_load() -> None:
    """Pin this process, and with it whatever it starts without being told otherwise."""
    if PINNED:
        os.sched_setaffinity(0, LOAD)


def on_app_core() -> Callable[[], None] | None:
    """What a child runs before it starts, to be on the app's core."""
    return (lambda: os.sched_setaffinity(0, APP)) if PINNED else None


def machine() -> dict[str, object]:
    model = ""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = (line.partition(":") for line in cpuinfo.read_text().splitlines())
        model = next((value.strip() for key, _, value in lines if key.strip() == "model name"), "")
    return {
        "processor": model or platform.processor(),
        "cores": len(AVAILABLE),
        "pinned": PINNED,
        "app_core": sorted(APP),
        "load_cores": sorted(LOAD),
        "load_average": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
    }
