"""R7: upstream streams, good in unusual ways and bad in every way we could think of, each with its one right outcome.

`text` is what must have been read, whole or up to the fault; `code` is the error that must end it, or None.
"""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass

from medaction.inference.errors import ErrorCode as Code
from tests.fake_upstream import Abort, Cut, Hang, Pause, Raw
from tests.fake_upstream.modes import DONE, ROLE, STOP, Step, completion, event, token_event

HELLO = token_event("Sjögren ")
WORLD = token_event("検査 🩺")
WHOLE = "Sjögren 検査 🩺"
GOOD = HELLO + WORLD + STOP + DONE


@dataclass(frozen=True)
class Stream:
    name: str
    answer: Raw
    text: str = WHOLE
    code: Code | None = None


def good(name: str, *steps: Step, text: str = WHOLE) -> Stream:
    return Stream(name, Raw([*steps, Cut()]), text)


def bad(name: str, code: Code, *steps: Step, text: str = "", end: Step | None = None) -> Stream:
    return Stream(name, Raw([*steps, end or Cut()]), text, code)


def headed(name: str, code: Code | None, head: bytes, *steps: Step, text: str = "") -> Stream:
    return Stream(name, Raw([*steps, Cut()], head=head.replace(b"\n", b"\r\n")), text, code)


def choice(**fields: object) -> bytes:
    return event({"choices": [{"index": 0, "finish_reason": None, **fields}]})


def bytewise(data: bytes) -> list[Step]:
    return [data[at : at + 1] for at in range(len(data))]


OK_HEAD = b"HTTP/1.1 200 OK\nContent-Type: text/event-stream\n"
PRETTY = json.dumps(completion({"content": "Sjögren "}), indent=1, ensure_ascii=False).encode()

UNUSUAL = [
    good("plain", GOOD),
    good("one byte at a time", *bytewise(GOOD)),
    good("cut inside every character", *[part for byte in GOOD.split(b"\x9f") for part in (byte, b"\x9f")][:-1]),
    good("CRLF", GOOD.replace(b"\n", b"\r\n")),
    good("CR only", GOOD.replace(b"\n", b"\r")),
    good("CR and LF in two packets", *[p for s in GOOD.split(b"\n") for p in (s + b"\r", Pause(0.002), b"\n")][:-3]),
    good("mixed line ends", HELLO.replace(b"\n", b"\r") + WORLD.replace(b"\n", b"\r\n") + STOP + DONE),
    good("byte order mark", b"\xef\xbb\xbf" + GOOD),
    good("comments between", b": hello\n\n" + HELLO + b":\n" + WORLD + b": ping\n\n" + STOP + DONE),
    good("no space after the colon", GOOD.replace(b"data: ", b"data:")),
    good("multi-line data", b"data: " + PRETTY.replace(b"\n", b"\ndata: ") + b"\n\n" + WORLD + STOP + DONE),
    good(
        "id, retry and event fields",
        b"id: 1\nretry: 10\nevent: message\n" + HELLO + b"nonsense\n" + WORLD + STOP + DONE,
    ),
    good("no [DONE]", HELLO + WORLD + STOP),
    good("[DONE] without finish_reason", HELLO + WORLD + DONE),
    good("[DONE] without blank line", HELLO + WORLD + STOP + b"data: [DONE]"),
    good("finish without blank line or [DONE]", HELLO + WORLD + STOP.rstrip(b"\n")),
    good("[DONE] with spaces", HELLO + WORLD + STOP + b"data:  [DONE] \n\n"),
    good("[DONE] twice", GOOD + DONE),
    good("finish twice", HELLO + WORLD + STOP + STOP + DONE),
    good("finish in the last piece", HELLO + event(completion({"content": "検査 🩺"}, "stop")) + DONE),
    good("more after [DONE]", GOOD + token_event("never read")),
    good("role first", ROLE + GOOD),
    good("null and empty content", choice(delta={"content": None}) + choice(delta={"content": ""}) + GOOD),
    good("empty delta and null delta", choice(delta={}) + choice(delta=None) + GOOD),
    good("empty choices", event({"choices": []}) + GOOD),
    good(
        "usage chunk with null choices", HELLO + WORLD + STOP + event({"choices": None, "usage": {"prompt_tokens": 3}})
    ),
    good("odd usage", HELLO + WORLD + STOP + event({"choices": [], "usage": {"prompt_tokens": "x"}}) + DONE),
    good(
        "a second choice", HELLO + event({"choices": [{"index": 1, "delta": {"content": "no"}}]}) + WORLD + STOP + DONE
    ),
    good("hidden reasoning", choice(delta={"reasoning_content": "hm"}) + GOOD),
    good("empty data lines", b"data:\n\ndata: \n\n" + GOOD),
    good("escaped surrogates", b'data: {"choices":[{"delta":{"content":"\\ud83e\\ude7a"}}]}\n\n' + STOP, text="🩺"),
    good(
        "NUL and line separators in text", token_event("a\u0000b\u2028c\u0085d") + STOP, text="a\u0000b\u2028c\u0085d"
    ),
    good("line feeds in text", token_event("a\n\ndata: [DONE]\r\nb") + STOP, text="a\n\ndata: [DONE]\r\nb"),
    good("finished with no text", STOP + DONE, text=""),
    Stream("hang after finish", Raw([HELLO, WORLD, STOP, Hang()])),
    Stream("reset after finish", Raw([HELLO, WORLD, STOP, Pause(0.05), Abort()])),
    Stream("hang after [DONE]", Raw([GOOD, Hang()])),
    headed("gzip", None, OK_HEAD + b"Content-Encoding: gzip\n\n", gzip.compress(GOOD), text=WHOLE),
    headed("deflate", None, OK_HEAD + b"Content-Encoding: deflate\n\n", zlib.compress(GOOD), text=WHOLE),
    headed("content type in capitals", None, b"HTTP/1.1 200 OK\nCONTENT-TYPE: Text/Event-Stream\n\n", GOOD, text=WHOLE),
    headed("HTTP/1.0", None, b"HTTP/1.0 200 OK\nContent-Type: text/event-stream\n\n", GOOD, text=WHOLE),
]

BROKEN = [
    bad("ends without finish", Code.TRUNCATED_STREAM, HELLO, text="Sjögren "),
    bad("ends inside a line", Code.TRUNCATED_STREAM, HELLO + WORLD[:-9], text="Sjögren "),
    bad(
        "ends inside a character",
        Code.TRUNCATED_STREAM,
        HELLO + WORLD[: WORLD.index("🩺".encode()) + 2],
        text="Sjögren ",
    ),
    bad("ends at once", Code.TRUNCATED_STREAM),
    bad("only comments", Code.TRUNCATED_STREAM, b": ping\n\n" * 3),
    bad("only a role", Code.TRUNCATED_STREAM, ROLE),
    bad("only [DONE]", Code.BAD_STREAM, DONE),
    bad("reset", Code.TRUNCATED_STREAM, HELLO, Pause(0.05), text="Sjögren ", end=Abort()),
    bad("half open", Code.IDLE_TIMEOUT, HELLO, text="Sjögren ", end=Hang()),
    bad("silent", Code.FIRST_TOKEN_TIMEOUT, end=Hang()),
    bad("role, then silent", Code.FIRST_TOKEN_TIMEOUT, ROLE, end=Hang()),
    bad("pings only", Code.FIRST_TOKEN_TIMEOUT, *[b": ping\n\n", Pause(0.1)] * 20, end=Hang()),
    bad(
        "pings instead of tokens",
        Code.IDLE_TIMEOUT,
        HELLO,
        *[b": ping\n\n", Pause(0.1)] * 20,
        text="Sjögren ",
        end=Hang(),
    ),
    bad("roles instead of tokens", Code.IDLE_TIMEOUT, HELLO, *[ROLE, Pause(0.1)] * 20, text="Sjögren ", end=Hang()),
    bad("not JSON", Code.BAD_STREAM, HELLO + b"data: hello\n\n" + GOOD, text="Sjögren "),
    bad("half JSON", Code.BAD_STREAM, HELLO + b'data: {"choices":[\n\n' + GOOD, text="Sjögren "),
    bad("JSON but no object", Code.BAD_STREAM, HELLO + b"data: [1]\n\n", text="Sjögren "),
    bad("a number for a chunk", Code.BAD_STREAM, HELLO + b"data: 7\n\n", text="Sjögren "),
    bad("NaN", Code.BAD_STREAM, HELLO + b'data: {"choices":NaN}\n\n', text="Sjögren "),
    bad(
        "invalid UTF-8",
        Code.BAD_STREAM,
        HELLO + b'data: {"choices":[{"delta":{"content":"\xff"}}]}\n\n',
        text="Sjögren ",
    ),
    bad("lone surrogate", Code.BAD_STREAM, b'data: {"choices":[{"delta":{"content":"\\ud83e"}}]}\n\n' + STOP),
    bad("two chunks in one event", Code.BAD_STREAM, HELLO.rstrip(b"\n") + b"\n" + WORLD + STOP),
    bad("choices is a string", Code.BAD_STREAM, HELLO + event({"choices": "x"}), text="Sjögren "),
    bad("choices of strings", Code.BAD_STREAM, HELLO + event({"choices": ["x"]}), text="Sjögren "),
    bad("delta is a list", Code.BAD_STREAM, HELLO + choice(delta=[1]), text="Sjögren "),
    bad("content is a number", Code.BAD_STREAM, HELLO + choice(delta={"content": 5}), text="Sjögren "),
    bad("content is a list", Code.BAD_STREAM, HELLO + choice(delta={"content": [{"text": "x"}]}), text="Sjögren "),
    bad("the older completions dialect", Code.BAD_STREAM, choice(text="Sjögren ") + STOP),
    bad("a whole message", Code.BAD_STREAM, choice(message={"content": "Sjögren "}) + STOP),
    bad("text after finish", Code.BAD_STREAM, GOOD[: -len(DONE)] + HELLO + DONE, text=WHOLE),
    bad(
        "error object",
        Code.UPSTREAM_ERROR,
        HELLO + event({"error": {"message": "out of memory"}}) + STOP,
        text="Sjögren ",
    ),
    bad("error string", Code.UPSTREAM_ERROR, HELLO + event({"error": "out of memory"}), text="Sjögren "),
    bad(
        "error in vLLM's older form",
        Code.UPSTREAM_ERROR,
        event({"object": "error", "message": "too long", "code": 400}),
    ),
    bad("error event", Code.UPSTREAM_ERROR, HELLO + b'event: error\ndata: {"message":"x"}\n\n', text="Sjögren "),
    bad("error event that is not JSON", Code.UPSTREAM_ERROR, HELLO + b"event: error\ndata: dead\n\n", text="Sjögren "),
    bad("error field", Code.UPSTREAM_ERROR, HELLO + b'error: {"code":500,"message":"x"}\n\n', text="Sjögren "),
    bad("aborted by the engine", Code.UPSTREAM_ERROR, HELLO + choice(delta={}, finish_reason="abort"), text="Sjögren "),
    bad("1 MB line", Code.BAD_STREAM, HELLO, b"data: ", *[b"x" * 65536] * 20, text="Sjögren ", end=Hang()),
    bad("1 MB comment", Code.BAD_STREAM, HELLO, b": ", *[b"x" * 65536] * 20, text="Sjögren ", end=Hang()),
    bad(
        "1 MB event in short lines",
        Code.BAD_STREAM,
        HELLO,
        *[b"data: " + b"x" * 65000 + b"\n"] * 20,
        text="Sjögren ",
        end=Hang(),
    ),
    headed("not HTTP", Code.BAD_STREAM, b"220 mail.example ESMTP\n\n"),
    headed("no reply at all", Code.UNREACHABLE, b""),
    headed("status line only", Code.UNREACHABLE, b"HTTP/1.1 200 OK\n"),
    headed("HTML page", Code.BAD_STREAM, b"HTTP/1.1 200 OK\nContent-Type: text/html\n\n", b"<h1>Sign in</h1>"),
    headed("no content type", Code.BAD_STREAM, b"HTTP/1.1 200 OK\n\n", GOOD),
    headed("JSON document", Code.BAD_STREAM, b"HTTP/1.1 200 OK\nContent-Type: application/json\n\n", b'{"choices":[]}'),
    headed(
        "JSON error as 200",
        Code.UPSTREAM_ERROR,
        b"HTTP/1.1 200 OK\nContent-Type: application/json\n\n",
        b'{"error":"x"}',
    ),
    headed("204", Code.HTTP_STATUS, b"HTTP/1.1 204 No Content\n\n"),
    headed("302", Code.HTTP_STATUS, b"HTTP/1.1 302 Found\nLocation: http://127.0.0.1:9/\nContent-Length: 0\n\n"),
    headed("401", Code.HTTP_STATUS, b"HTTP/1.1 401 Unauthorized\nContent-Length: 0\n\n"),
    headed("404", Code.HTTP_STATUS, b"HTTP/1.1 404 Not Found\nContent-Type: text/html\n\n", b"<p>nginx</p>"),
    headed("502 that breaks off", Code.HTTP_STATUS, b"HTTP/1.1 502 Bad Gateway\nContent-Length: 999\n\n", b"<html>"),
    headed("short of its length", Code.TRUNCATED_STREAM, OK_HEAD + b"Content-Length: 9999\n\n", HELLO, text="Sjögren "),
    # aiohttp closes the connection but does not tell the reader, so the timer has to.
    headed(
        "bad chunk size",
        Code.FIRST_TOKEN_TIMEOUT,
        OK_HEAD + b"Transfer-Encoding: chunked\n\n",
        Pause(0.1),
        b"zz\r\nboo\r\n",
    ),
    headed(
        "last chunk missing", Code.TRUNCATED_STREAM, OK_HEAD + b"Transfer-Encoding: chunked\n\n", b"5\r\n: hi\n\r\n"
    ),
    headed("not gzip", Code.TRUNCATED_STREAM, OK_HEAD + b"Content-Encoding: gzip\n\n", GOOD),
    headed("endless header", Code.BAD_STREAM, b"HTTP/1.1 200 OK\nX: " + b"x" * 100_000 + b"\n\n", GOOD),
]
