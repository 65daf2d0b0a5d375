"""What a server does, good or bad, as a list of steps on a socket."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.fake_upstream.text import Message, tokens_for


@dataclass(frozen=True)
class Answer:
    """How to answer: `tps` tokens a second (0: at once), `after` tokens before a fault."""

    mode: str = "normal"
    tokens: int = 120
    tps: float = 50.0
    shape: str = "turn"
    after: int = 10
    delay: float = 0.0
    """Seconds before the first byte."""


@dataclass(frozen=True)
class Pause:
    """Send nothing for some seconds."""

    seconds: float


@dataclass(frozen=True)
class Hang:
    """Send nothing until the client leaves."""


@dataclass(frozen=True)
class Cut:
    """Close in good order (FIN), whatever was promised."""


@dataclass(frozen=True)
class Abort:
    """Reset the connection (RST)."""


@dataclass(frozen=True)
class Token:
    """One paced piece of the answer, framed for the wire when it is sent."""

    text: str


Step = bytes | Pause | Hang | Cut | Abort | Token


@dataclass(frozen=True)
class Raw:
    """Steps given by a test. `head` (status line and headers) may be replaced; the body is not chunked."""

    steps: Sequence[Step]
    head: bytes = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-cache\r\n"
        b"Connection: close\r\n\r\n"
    )


@dataclass
class Plan:
    """Steps, and how to frame them."""

    steps: list[Step] = field(default_factory=list)
    newline: bytes = b"\n"
    chunked: bool = True


CHUNKED_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-cache\r\n"
    b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
)
LAST_CHUNK = b"0\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def event(payload: object, newline: bytes = b"\n") -> bytes:
    text = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return b"data: " + text.encode() + newline * 2


def completion(delta: dict[str, object], finish: str | None = None, **extra: object) -> dict[str, object]:
    return {
        "id": "chatcmpl-fake",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "fake",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        **extra,
    }


def token_event(text: str, newline: bytes = b"\n") -> bytes:
    return event(completion({"content": text}), newline)


ROLE = event(completion({"role": "assistant", "content": None}))
STOP = event(completion({}, "stop"))
DONE = event("[DONE]")


def _document(status: bytes, content_type: bytes, body: bytes, *headers: bytes) -> bytes:
    extra = b"".join(header + b"\r\n" for header in headers)
    return b"HTTP/1.1 %b\r\nContent-Type: %b\r\nContent-Length: %d\r\n%bConnection: close\r\n\r\n%b" % (
        status,
        content_type,
        len(body),
        extra,
        body,
    )


def _usage(messages: Sequence[Message], tokens: int) -> bytes:
    prompt = sum(len(message["content"]) for message in messages) // 4
    usage = {"prompt_tokens": prompt, "completion_tokens": tokens, "total_tokens": prompt + tokens}
    return event({**completion({}), "choices": [], "usage": usage})


def _stream(body: Callable[[list[Step], Answer, Sequence[Message]], list[Step]]) -> Callable[..., Plan]:
    """A mode that begins as a stream: `body` gets the paced tokens and returns what is sent after the headers."""

    def plan(answer: Answer, messages: Sequence[Message]) -> Plan:
        texts = tokens_for(messages, tokens=answer.tokens, shape=answer.shape)
        return Plan([CHUNKED_HEAD, *body([Token(text) for text in texts], answer, messages)])

    return plan


def _fixed(*steps: Step) -> Callable[..., Plan]:
    def plan(answer: Answer, messages: Sequence[Message]) -> Plan:
        return Plan(list(steps), chunked=False)

    return plan


def _normal(tokens: list[Step], answer: Answer, messages: Sequence[Message]) -> list[Step]:
    return [ROLE, *tokens, STOP, _usage(messages, len(tokens)), DONE, Cut()]


def _crlf(answer: Answer, messages: Sequence[Message]) -> Plan:
    steps: list[Step] = [CHUNKED_HEAD]
    for text in tokens_for(messages, tokens=answer.tokens, shape=answer.shape):
        steps += [Token(text)]
    return Plan([*steps, *(part.replace(b"\n", b"\r\n") for part in (STOP, DONE)), Cut()], newline=b"\r\n")


def _split_utf8(tokens: list[Step], answer: Answer, messages: Sequence[Message]) -> list[Step]:
    """The same bytes, one or two at a time for the tokens that are not ASCII."""
    steps: list[Step] = [ROLE]
    for token in tokens:
        assert isinstance(token, Token)
        if token.text.isascii():
            steps.append(token)
            continue
        data = token_event(token.text)
        steps += [data[at : at + 2] for at in range(0, len(data), 2)]
    return [*steps, STOP, DONE, Cut()]


MODES: dict[str, Callable[[Answer, Sequence[Message]], Plan]] = {
    "normal": _stream(_normal),
    "crlf": _crlf,
    "split_utf8": _stream(_split_utf8),
    "no_done": _stream(lambda tokens, answer, messages: [ROLE, *tokens, STOP, Cut()]),
    "duplicate_finish": _stream(lambda tokens, answer, messages: [ROLE, *tokens, STOP, STOP, DONE, DONE, Cut()]),
    "empty": _stream(lambda tokens, answer, messages: [DONE, Cut()]),
    "cut": _stream(lambda tokens, answer, messages: [ROLE, *tokens[: answer.after], Cut()]),
    "reset": _stream(lambda tokens, answer, messages: [ROLE, *tokens[: answer.after], Abort()]),
    "hang_before_headers": _fixed(Hang()),
    "hang_before_first_token": _stream(lambda tokens, answer, messages: [ROLE, Hang()]),
    "hang_mid": _stream(lambda tokens, answer, messages: [ROLE, *tokens[: answer.after], Hang()]),
    "ping_forever": _stream(
        lambda tokens, answer, messages: [ROLE, *tokens[: answer.after], *([b": ping\n\n", Pause(0.1)] * 3000), Hang()]
    ),
    "error_midstream": _stream(
        lambda tokens, answer, messages: [
            ROLE,
            *tokens[: answer.after],
            event({"error": {"message": "out of memory", "type": "server_error", "code": 500}}),
            Cut(),
        ]
    ),
    "garbage_midstream": _stream(
        lambda tokens, answer, messages: [ROLE, *tokens[: answer.after], b"data: \xff\xfe{]\x00\n\n", Hang()]
    ),
    "huge_line": _stream(
        lambda tokens, answer, messages: [ROLE, *tokens[: answer.after], b"data: ", *([b"x" * 65536] * 32), Hang()]
    ),
    "garbage": _fixed(b"\x00\xff\x13\x37 this is not HTTP at all\r\n\r\n", Cut()),
    "refuse": _fixed(Abort()),
    "disconnect": _fixed(Cut()),
    "html": _fixed(
        _document(b"200 OK", b"text/html", b"<html><head><title>x</title></head><body><h1>Login</h1></body></html>"),
        Cut(),
    ),
    "status500": _fixed(
        _document(b"500 Internal Server Error", b"application/json", b'{"error":{"message":"engine is dead"}}'), Cut()
    ),
    "status429": _fixed(
        _document(b"429 Too Many Requests", b"application/json", b'{"error":"queue is full"}', b"Retry-After: 1"), Cut()
    ),
    "redirect": _fixed(_document(b"307 Temporary Redirect", b"text/plain", b"", b"Location: /_control/trap"), Cut()),
}
# Names for answers that differ from a mode by a figure only.
ALIASES: dict[str, dict[str, object]] = {
    "slow": {"mode": "normal", "tps": 2.0},
    "slow_start": {"mode": "normal", "delay": 5.0},
    "half_open": {"mode": "hang_mid"},
    "lorem": {"mode": "normal", "shape": "lorem"},
}
