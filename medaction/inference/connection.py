"""HTTP to one model server: the address, the key, and every way a call can fail before the answer begins."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import aiohttp
import orjson
from yarl import URL

from medaction.inference.errors import ErrorCode, ModelError, timeout_error
from medaction.inference.excerpt import error_excerpt
from medaction.inference.timeouts import Timeouts

MAX_ERROR_BODY_BYTES = 16_384
MAX_LISTING_BYTES = 4 << 20
LISTING_SECONDS = 10.0
_VERSION_SEGMENT = re.compile(r"v\d+\w*")
_RETRYABLE_STATUSES = frozenset({408, 409, 425, 429})


def api_root(base_url: str) -> URL:
    """Return the address that `chat/completions` hangs under. `base_url` may end in `/v1` or not.

    Raises `ModelError(UNKNOWN_MODEL)` for anything but an http(s) address of a host.
    """
    try:
        url = URL(base_url.strip())
        usable = url.scheme in {"http", "https"} and bool(url.host) and url.port is not None
    except ValueError:
        usable = False
    if not usable or url.user is not None or url.query_string or url.fragment:
        raise ModelError(
            ErrorCode.UNKNOWN_MODEL,
            "The model address must look like http://host:port or https://host/v1, with no user name or query.",
            retryable=False,
        )
    path = url.path.rstrip("/").removesuffix("/chat/completions")
    if not _VERSION_SEGMENT.fullmatch(path.rpartition("/")[2]):
        path += "/v1"
    return url.with_path(path)


class ModelConnection:
    """One shared session. Redirects are refused, so the key never leaves the host it was given for."""

    def __init__(self, base_url: str, *, api_key: str, timeouts: Timeouts) -> None:
        self._root = api_root(base_url)
        self._key = api_key.strip()
        if not (self._key.isascii() and self._key.isprintable()):
            raise ModelError(ErrorCode.UNKNOWN_MODEL, "The model's API key has unusable characters.", retryable=False)
        self._timeouts = timeouts
        self._session: aiohttp.ClientSession | None = None

    @property
    def host(self) -> str:
        """Host and port, for a reader."""
        return self._root.authority

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def open_stream(self, body: bytes, *, started: float) -> aiohttp.ClientResponse:
        """POST `body` to `chat/completions` and return the response, an event stream whose body is unread.

        `started` is the loop time from which the first-token limit runs. Raises `ModelError`.
        """
        limits = self._timeouts
        until = started + min(limits.first_token, limits.total)
        response = await self._request("POST", "chat/completions", until=until, body=body, accept="text/event-stream")
        try:
            if response.content_type != "text/event-stream":
                await self._refuse_body(response)
        except BaseException:
            response.close()
            raise
        return response

    async def get_json(self, path: str) -> Any:
        """GET a small JSON document. A path that begins with `/` is beside the API, not inside. Raises `ModelError`."""
        until = asyncio.get_running_loop().time() + LISTING_SECONDS
        response = await self._request("GET", path, until=until, body=None, accept="application/json")
        try:
            async with asyncio.timeout_at(until):
                content = await _read_at_most(response, MAX_LISTING_BYTES)
            return orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise ModelError(ErrorCode.BAD_STREAM, "The model server's reply is not JSON.") from error
        except TimeoutError:
            raise timeout_error(ErrorCode.FIRST_TOKEN_TIMEOUT) from None
        except (aiohttp.ClientError, OSError) as error:
            raise ModelError(ErrorCode.TRUNCATED_STREAM, "The connection to the model server broke.") from error
        finally:
            response.close()

    async def _request(
        self, method: str, path: str, *, until: float, body: bytes | None, accept: str
    ) -> aiohttp.ClientResponse:
        # Identity: a compressor on the way would hold tokens back to fill its window.
        headers = {"Accept": accept, "Accept-Encoding": "identity"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            async with asyncio.timeout_at(until):
                response = await self._open_session().request(
                    method, self._address(path), data=body, headers=headers, allow_redirects=False
                )
        except aiohttp.ConnectionTimeoutError:
            raise timeout_error(ErrorCode.CONNECT_TIMEOUT) from None
        except TimeoutError:
            raise timeout_error(ErrorCode.FIRST_TOKEN_TIMEOUT) from None
        except aiohttp.ClientResponseError as error:
            raise ModelError(ErrorCode.BAD_STREAM, "The model server's reply is not HTTP as it should be.") from error
        except aiohttp.ServerDisconnectedError as error:
            raise self._unreachable("closed the connection without an answer") from error
        except (aiohttp.ClientError, OSError) as error:
            raise self._unreachable("cannot be reached") from error
        if response.status != 200:
            await self._refuse_status(response)
        return response

    def _address(self, path: str) -> URL:
        return self._root.parent / path.removeprefix("/") if path.startswith("/") else self._root / path

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                # A fresh connection per answer: it lives for seconds, and a pooled one may be dead without notice.
                connector=aiohttp.TCPConnector(limit=0, force_close=True),
                timeout=aiohttp.ClientTimeout(total=None, connect=self._timeouts.connect),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._session

    def _unreachable(self, what: str) -> ModelError:
        return ModelError(ErrorCode.UNREACHABLE, f"The model server at {self.host} {what}.")

    async def _refuse_status(self, response: aiohttp.ClientResponse) -> None:
        status = response.status
        said = error_excerpt(await self._error_body(response), secret=self._key)
        if 300 <= status < 400:
            said = "it points to another address, which is not followed"
        raise ModelError(
            ErrorCode.HTTP_STATUS,
            f"The model server refused the request (HTTP {status})" + (f": {said}" if said else "."),
            retryable=status >= 500 or status in _RETRYABLE_STATUSES,
        )

    async def _refuse_body(self, response: aiohttp.ClientResponse) -> None:
        body = await self._error_body(response)
        if response.content_type == "application/json" and b'"error"' in body:
            said = error_excerpt(body, secret=self._key)
            raise ModelError(ErrorCode.UPSTREAM_ERROR, f"The model server reported an error: {said}")
        raise ModelError(ErrorCode.BAD_STREAM, "The model server answered with a document instead of a stream.")

    async def _error_body(self, response: aiohttp.ClientResponse) -> bytes:
        """Return the start of an error body; a server that fails while failing has nothing more to say."""
        try:
            async with asyncio.timeout(self._timeouts.connect):
                return await _read_at_most(response, MAX_ERROR_BODY_BYTES)
        except (aiohttp.ClientError, OSError, TimeoutError):
            return b""
        finally:
            response.close()


async def _read_at_most(response: aiohttp.ClientResponse, limit: int) -> bytes:
    body = bytearray()
    while len(body) < limit and (chunk := await response.content.readany()):
        body += chunk
    return bytes(body[:limit])
