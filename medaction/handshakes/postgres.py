"""PostgreSQL: the start-up packet, the login and the first ReadyForQuery (protocol 3.0, "Message Formats").

Logs in with SCRAM-SHA-256, MD5 or a plain password, over TLS when the server offers it.
"""

from __future__ import annotations

import getpass
import hashlib
import socket
import struct
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

from medaction.handshakes.connection import HandshakeError, connect_tcp, connect_unix, read_exactly, send, start_tls
from medaction.handshakes.scram import ScramClient

PROTOCOL = 196608
SSL_REQUEST = struct.pack("!II", 8, 80877103)
MAX_MESSAGE_BYTES = 1 << 20
MECHANISM = b"SCRAM-SHA-256"


def greet_postgres(url: str, *, timeout: float = 5.0) -> str:
    """Log in to the database that `url` names and leave again; return a name like "PostgreSQL 18.6".

    Raises `HandshakeError` with one sentence; its `code` is the server's SQLSTATE (`28P01` wrong password, `3D000` no
    such database, `57P03` still starting).
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    host, port = query.get("host") or unquote(parts.hostname or "localhost"), parts.port or 5432
    user = unquote(parts.username or "") or getpass.getuser()
    with _connect(host, port, query.get("sslmode", "prefer"), timeout) as connection:
        database = unquote(parts.path.lstrip("/")) or user
        packet = b"".join(word.encode() + b"\0" for word in ("user", user, "database", database)) + b"\0"
        send(connection, struct.pack("!II", len(packet) + 8, PROTOCOL) + packet)
        version = _log_in(connection, user, unquote(parts.password or ""))
        send(connection, _message(b"X", b""))
        return f"PostgreSQL {version}"


def _connect(host: str, port: int, sslmode: str, timeout: float) -> socket.socket:
    if host.startswith("/"):
        return connect_unix(f"{host}/.s.PGSQL.{port}", timeout=timeout)
    connection = connect_tcp(host, port, timeout=timeout)
    if sslmode == "disable":
        return connection
    send(connection, SSL_REQUEST)
    answer = read_exactly(connection, 1)
    if answer == b"S":
        # The driver checks the certificate as `sslmode` says; here it only carries a greeting.
        return start_tls(connection, host, verify=False)
    if answer != b"N":
        raise HandshakeError(f"{host}:{port} is not a PostgreSQL server")
    if sslmode in {"require", "verify-ca", "verify-full"}:
        raise HandshakeError(f"{host}:{port} offers no encryption, but sslmode={sslmode}")
    return connection


def _log_in(connection: socket.socket, user: str, password: str) -> str:
    version = "of an unknown version"
    scram = ScramClient(password)
    for kind, body in _messages(connection):
        if kind == b"E":
            raise _refusal(body)
        if kind == b"R":
            _answer(connection, body, user, password, scram)
        elif kind == b"S" and body.startswith(b"server_version\0"):
            version = body.split(b"\0")[1].decode(errors="replace").split(" ")[0]
        elif kind == b"Z":
            break
    return version


def _answer(connection: socket.socket, body: bytes, user: str, password: str, scram: ScramClient) -> None:
    (request,), rest = struct.unpack("!I", body[:4]), body[4:]
    if request == 0:
        return
    if not password:
        raise HandshakeError(f"the server asks for a password for {user}", code="28P01")
    if request == 3:
        send(connection, _message(b"p", password.encode() + b"\0"))
    elif request == 5:
        inner = _md5(password.encode() + user.encode())
        send(connection, _message(b"p", b"md5" + _md5(inner + rest[:4]) + b"\0"))
    elif request == 10 and MECHANISM in rest.split(b"\0"):
        first = scram.first()
        send(connection, _message(b"p", MECHANISM + b"\0" + struct.pack("!I", len(first)) + first))
    elif request == 11:
        try:
            final = scram.final(rest.decode())
        except ValueError:
            raise HandshakeError("the server's login makes no sense") from None
        send(connection, _message(b"p", final))
    elif request == 12:
        if not scram.verify(rest.decode(errors="replace")):
            raise HandshakeError("the server could not prove that it knows the password")
    else:
        raise HandshakeError(f"the server asks for a login that this check does not know (method {request})")


def _messages(connection: socket.socket) -> Iterator[tuple[bytes, bytes]]:
    while True:
        head = read_exactly(connection, 5)
        (length,) = struct.unpack("!I", head[1:])
        if not 4 <= length <= MAX_MESSAGE_BYTES:
            raise HandshakeError("the server is not a PostgreSQL server")
        yield head[:1], read_exactly(connection, length - 4)


def _refusal(body: bytes) -> HandshakeError:
    fields = {field[:1]: field[1:].decode(errors="replace") for field in body.split(b"\0") if field}
    return HandshakeError(fields.get(b"M", "the server refuses the connection"), code=fields.get(b"C", ""))


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def _md5(data: bytes) -> bytes:
    # The server chose this method; nothing of ours is protected by it.
    return hashlib.md5(data, usedforsecurity=False).hexdigest().encode()
