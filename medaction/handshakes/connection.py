"""A socket to a server, with every failure as one sentence."""

from __future__ import annotations

import socket
import ssl


class HandshakeError(Exception):
    """The server did not greet us. `code` is its own error code where it gave one (an SQLSTATE), else empty."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


def connect_tcp(host: str, port: int, *, timeout: float) -> socket.socket:
    """Raises `HandshakeError`."""
    try:
        return socket.create_connection((host, port), timeout=timeout)
    except socket.gaierror:
        raise HandshakeError(f"there is no host called {host}") from None
    except TimeoutError:
        raise HandshakeError(f"{host}:{port} does not answer") from None
    except OSError as error:
        raise HandshakeError(f"cannot connect to {host}:{port} ({error.strerror or error})") from None


def connect_unix(path: str, *, timeout: float) -> socket.socket:
    """Raises `HandshakeError`."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(timeout)
    try:
        connection.connect(path)
    except OSError as error:
        connection.close()
        raise HandshakeError(f"cannot connect to {path} ({error.strerror or error})") from None
    return connection


def start_tls(connection: socket.socket, host: str, *, verify: bool) -> socket.socket:
    """Encrypt a connection. Raises `HandshakeError`."""
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        return context.wrap_socket(connection, server_hostname=host)
    except ssl.SSLError as error:
        raise HandshakeError(f"no encrypted connection to {host} ({error.reason or error})") from None
    except OSError as error:
        raise HandshakeError(f"{host} broke off the encrypted connection ({error.strerror or error})") from None


def read_exactly(connection: socket.socket, count: int) -> bytes:
    """Raises `HandshakeError` when the server closes or is silent first."""
    data = bytearray()
    try:
        while len(data) < count:
            piece = connection.recv(count - len(data))
            if not piece:
                raise HandshakeError("the server closed the connection")
            data += piece
    except TimeoutError:
        raise HandshakeError("the server accepted the connection but says nothing") from None
    except OSError as error:
        raise HandshakeError(f"the connection broke ({error.strerror or error})") from None
    return bytes(data)


def send(connection: socket.socket, data: bytes) -> None:
    """Raises `HandshakeError`."""
    try:
        connection.sendall(data)
    except OSError as error:
        raise HandshakeError(f"the connection broke ({error.strerror or error})") from None
