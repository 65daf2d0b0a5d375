"""Connections to Redis. Short limits everywhere: a Redis that hangs costs a moment, never a turn."""

from functools import cache

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

CONNECT_SECONDS = 1.0
REPLY_SECONDS = 2.0
FAULTS = (redis.RedisError, OSError, TimeoutError)
"""Everything that an unreachable or restarting Redis raises."""


def open_async_client(url: str, *, connections: int = 16, reply_seconds: float = REPLY_SECONDS) -> redis.asyncio.Redis:
    """A client of the running loop. Its pool waits for a free connection: the default one raises at its limit."""
    pool = redis.asyncio.BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=REPLY_SECONDS,
        protocol=2,
        socket_timeout=reply_seconds,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_keepalive=True,
        retry=AsyncRetry(NoBackoff(), 1),
    )
    return redis.asyncio.Redis(connection_pool=pool)


@cache
def get_client(url: str) -> redis.Redis:
    """The process's one synchronous client; safe to share between threads."""
    pool = redis.BlockingConnectionPool.from_url(
        url,
        max_connections=16,
        timeout=REPLY_SECONDS,
        protocol=2,
        socket_timeout=REPLY_SECONDS,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_keepalive=True,
        retry=Retry(NoBackoff(), 1),
    )
    return redis.Redis(connection_pool=pool)
