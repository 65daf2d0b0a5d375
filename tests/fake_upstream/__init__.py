"""An OpenAI-compatible server that can misbehave. Standalone: imports nothing of the project.

In one process: `async with FakeUpstream(...) as upstream: upstream.url`. As a process: `python -m tests.fake_upstream
--port 0`, which prints one JSON line with its address, or `running(...)`, which starts and stops that process.

What an answer does is an `Answer` (mode, tokens, speed, shape). It comes from, first match wins: the model's name
(`fake?mode=hang_mid&tokens=200`), the next entry of the queue, the default; the last two are set in Python or through
`POST /_control/next` and `POST /_control/default`. `GET /_control/log` lists requests and how each ended.

    text      what a well-behaved answer says, so that a test knows it in advance: `expected_text(messages, answer)`
    modes     an answer as a list of steps: bytes, pauses, an end
    ticker    one timer for all paced streams
    server    HTTP, control, log
"""

from tests.fake_upstream.modes import MODES, Abort, Answer, Cut, Hang, Pause, Raw
from tests.fake_upstream.process import RunningUpstream, running
from tests.fake_upstream.server import FakeUpstream, Record
from tests.fake_upstream.text import expected_text

__all__ = [
    "MODES",
    "Abort",
    "Answer",
    "Cut",
    "FakeUpstream",
    "Hang",
    "Pause",
    "Raw",
    "Record",
    "RunningUpstream",
    "expected_text",
    "running",
]
