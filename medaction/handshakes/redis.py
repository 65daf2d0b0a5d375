"""Redis and Valkey: AUTH, SELECT, PING, and the version out of INFO (RESP, https://valkey.io/topics/protocol/)."""

from __future__ import annotations

import socket
from urllib.parse import parse_qs, unquote, urlsplit

from medaction.handshakes.connection import HandshakeError, connect_tcp, connect_unix, read_exactly, send, start_tls

MAX_LINE_BYTES = 4096


def greet_redis(url: str, *, timeout: float = 5.0) -> str:
    """Log in as `url` says (`redis://`, `rediss://`, `unix://`) and PING; return a name like "Valkey 9.1.2".

    Raises `HandshakeError` with one sentence.
    """
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if parts.scheme == "unix":
        connection = connect_unix(unquote(parts.path), timeout=timeout)
        database = query.get("db", "")
    else:
        host = parts.hostname or "localhost"
        connection = connect_tcp(host, parts.port or 6379, timeout=timeout)
        database = parts.path.strip("/") or query.get("db", "")
        if parts.scheme == "rediss":
            connection = start_tls(connection, host, verify=query.get("ssl_cert_reqs", "required") == "required")
    with connection:
        if password:
            _ask(connection, "AUTH", *([user] if user else []), password)
        if database:
            _ask(connection, "SELECT", database)
        if _ask(connection, "PING") != "PONG":
            raise HandshakeError("the server does not speak the Redis protocol")
        return _version(_ask(connection, "INFO", "server"))


def _ask(connection: socket.socket, *words: str) -> str:
    encoded = [word.encode() for word in words]
    send(connection, b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded))
    line = _read_line(connection)
    kind, rest = line[:1], line[1:]
    if kind == "-":
        raise HandshakeError(f"the server refuses {words[0]}: {rest}", code=rest.split(" ", 1)[0])
    if kind == "$" and rest.isdigit():
        body = read_exactly(connection, int(rest) + 2)
        return body[:-2].decode(errors="replace")
    if kind == "+":
        return rest
    raise HandshakeError("the server does not speak the Redis protocol")


def _read_line(connection: socket.socket) -> str:
    line = bytearray()
    while not line.endswith(b"\r\n"):
        line += read_exactly(connection, 1)
        if len(line) > MAX_LINE_BYTES:
            raise HandshakeError("the server does not speak the Redis protocol")
    return line[:-2].decode(errors="replace")


def _version(info: str) -> str:
    fields = dict(line.split(":", 1) for line in info.splitlines() if ":" in line)
    if "valkey_version" in fields:
        return f"Valkey {fields['valkey_version']}"
    return f"Redis {fields.get('redis_version', 'of an unknown version')}"
