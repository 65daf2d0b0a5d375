"""Addresses, keys, and what of a server's words may be shown."""

from __future__ import annotations

import pytest

from medaction.inference.connection import api_root
from medaction.inference.errors import ErrorCode, ModelError
from medaction.inference.excerpt import MAX_CHARS, error_excerpt
from tests.fake_upstream import Answer, FakeUpstream, Raw
from tests.medaction.inference.conftest import OpenModel
from tests.medaction.inference.reading import read

KEY = "sk-test-0123456789"


@pytest.mark.parametrize(
    ("given", "root"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/v1"),
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"),
        (" http://127.0.0.1:8080/v1/ ", "http://127.0.0.1:8080/v1"),
        ("https://host/v1/chat/completions", "https://host/v1"),
        ("https://host/proxy/v1beta", "https://host/proxy/v1beta"),
        ("https://host/proxy", "https://host/proxy/v1"),
        ("http://[::1]:9", "http://[::1]:9/v1"),
    ],
)
def test_api_root(given: str, root: str) -> None:
    assert str(api_root(given)) == root


@pytest.mark.parametrize(
    "address",
    [
        "",
        "localhost:8080",
        "ftp://host",
        "file:///etc/passwd",
        "http://",
        "http://user:pw@host",
        "http://h:99999",
        "http://h/?a=1",
        "//host",
    ],
)
def test_addresses_that_cannot_work(address: str) -> None:
    with pytest.raises(ModelError) as caught:
        api_root(address)
    assert caught.value.code is ErrorCode.UNKNOWN_MODEL
    assert not caught.value.retryable


async def test_the_key_goes_to_its_host_only(upstream: FakeUpstream, open_fake: OpenModel) -> None:
    upstream.default = Answer(mode="redirect")
    assert (await read(open_fake(api_key=KEY))).code is ErrorCode.HTTP_STATUS
    assert [(entry.path, entry.authorization) for entry in upstream.log] == [("/v1/chat/completions", f"Bearer {KEY}")]


async def test_no_key_no_header(upstream: FakeUpstream, open_fake: OpenModel) -> None:
    await read(open_fake())
    assert upstream.log[0].authorization == ""


async def test_a_wrong_key(open_fake: OpenModel) -> None:
    async with FakeUpstream(api_key="right") as guarded:
        assert (await read(open_fake(base_url=guarded.url, api_key="right"))).code is None
        wrong = open_fake(base_url=guarded.url, api_key="wrong")
        assert (await read(wrong)).code is ErrorCode.HTTP_STATUS
        health = await wrong.health()
    assert not health.ok
    assert "401" in health.message


@pytest.mark.parametrize("key", ["a\nb", "naïve", "a\x00"])
def test_a_key_that_no_header_can_carry(key: str, open_fake: OpenModel) -> None:
    with pytest.raises(ModelError):
        open_fake(api_key=key)


async def test_an_echoed_key_is_not_shown(upstream: FakeUpstream, open_fake: OpenModel) -> None:
    body = b'{"error":{"message":"bad header Bearer %b"}}' % KEY.encode()
    head = b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
    upstream.queue.append(Raw([body], head=head))
    from_queue = await read(open_fake(api_key=KEY))
    assert from_queue.error is not None
    assert KEY not in from_queue.error.message
    assert "bad header" in from_queue.error.message


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b'{"error":{"message":"queue is full","code":429}}', "queue is full"),
        (b'{"error":"queue is full"}', "queue is full"),
        (b'{"object":"error","message":"too long"}', "too long"),
        (b'{"detail":"Not Found"}', "Not Found"),
        (b"plain words\r\n\tin two lines\x00\x1b[31m", "plain words in two lines [31m"),
        (
            b"<html><head><title>t</title></head><body><h1>502</h1>Bad &lt;gateway&gt;<script>x()</script>",
            "502 Bad <gateway>",
        ),
        (b"<img src=x onerror=alert(1)", ""),
        (b"key sk-abcdefghijk and Bearer abcdefghi.jkl", "key ••• and •••"),
        (b"", ""),
    ],
)
def test_excerpt(body: bytes, shown: str) -> None:
    assert error_excerpt(body) == shown


def test_excerpt_is_short() -> None:
    assert len(error_excerpt(b"word " * 1000)) <= MAX_CHARS
