"""CPU time and memory of a part: a process and everything it started."""

from collections.abc import Iterable, Mapping

import psutil

Seconds = dict[str, float]


def family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def cpu_seconds(pids: Mapping[str, int]) -> Seconds:
    """User and system time of each part so far, with children that already ended."""
    return {name: sum(_cpu(process) for process in family(pid)) for name, pid in pids.items()}


def megabytes(pids: Iterable[int]) -> float:
    """Memory held by these processes together; a page that several share counts once (PSS)."""
    total = sum(_memory(process) for pid in pids for process in family(pid))
    return total / 1e6


def difference(later: Seconds, earlier: Seconds) -> Seconds:
    return {name: later[name] - earlier.get(name, 0.0) for name in later}


def _cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system + times.children_user + times.children_system


def _memory(process: psutil.Process) -> int:
    try:
        memory = process.memory_full_info()
        return int(getattr(memory, "pss", 0) or memory.rss)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0
