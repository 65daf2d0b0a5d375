"""SIGTERM stops a command, also one that a shell has put into the background."""

import signal
import subprocess
import sys

import pytest

SCRIPT = """
import signal, time
from medaction.cli.interrupts import terminable
signal.signal(signal.SIGINT, {handler})
try:
    with terminable():
        print("ready", flush=True)
        time.sleep(30)
except KeyboardInterrupt:
    print("stopped", flush=True)
"""


@pytest.mark.parametrize("handler", ["signal.default_int_handler", "signal.SIG_IGN"])
def test_sigterm_stops_it(handler: str) -> None:
    command = [sys.executable, "-c", SCRIPT.format(handler=handler)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=20)[0] == "stopped\n"
    assert process.returncode == 0
