"""Greetings: against published vectors and servers that speak nonsense; the real servers are in test_lifecycle."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from medaction.handshakes import HandshakeError, greet_postgres, greet_redis
from medaction.handshakes.scram import ScramClient


@contextmanager
def server(*answers: bytes) -> Iterator[int]:
    """Accept one connection and give one answer to each piece that arrives, whatever it says; then hang up."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, suppress(ConnectionError):
            for answer in answers:
                if not connection.recv(4096):
                    return
                connection.sendall(answer)
            connection.recv(4096)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(timeout=5)


def test_scram_gives_the_published_proof() -> None:
    """RFC 7677, section 3, with the user name that PostgreSQL leaves empty."""
    client = ScramClient("pencil", nonce="rOprNGfwEbeRWgbNEkqO")
    assert client.first() == b"n,,n=,r=rOprNGfwEbeRWgbNEkqO"
    client._bare = "n=user,r=rOprNGfwEbeRWgbNEkqO"
    final = client.final("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")
    assert final.endswith(b",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
    assert client.verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
    assert not client.verify("v=AAAA")


@pytest.mark.parametrize(
    "challenge", ["", "r=other,s=AA==,i=1", "r=nonce,s=AA==,i=0", "r=nonce,s=AA==,i=99999999", "x"]
)
def test_scram_refuses_a_challenge_that_is_none(challenge: str) -> None:
    with pytest.raises(ValueError):
        ScramClient("pencil", nonce="nonce").final(challenge)


@pytest.mark.parametrize(
    ("greet", "scheme"), [(greet_postgres, "postgresql"), (greet_redis, "redis")], ids=["postgres", "redis"]
)
@pytest.mark.parametrize(
    ("answers", "said"),
    [((), "closed|broke"), ((b"HTTP/1.1 400 Bad Request\r\n\r\n",), "not a PostgreSQL server|not speak")],
    ids=["hangs up", "speaks HTTP"],
)
def test_another_kind_of_server(greet: Callable[..., str], scheme: str, answers: tuple[bytes, ...], said: str) -> None:
    with server(*answers) as port, pytest.raises(HandshakeError, match=said):
        greet(f"{scheme}://somebody@127.0.0.1:{port}/x", timeout=2)


def test_silent_server_is_given_up() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        pytest.raises(HandshakeError, match="says nothing"),
    ):
        greet_redis(f"redis://127.0.0.1:{listener.getsockname()[1]}/0", timeout=0.2)


def test_required_encryption_is_not_given_up() -> None:
    with server(b"N") as port, pytest.raises(HandshakeError, match="no encryption"):
        greet_postgres(f"postgresql://somebody@127.0.0.1:{port}/x?sslmode=require", timeout=2)


def test_huge_message_is_refused() -> None:
    with server(b"N", b"R\x7f\xff\xff\xff") as port, pytest.raises(HandshakeError, match="not a PostgreSQL server"):
        greet_postgres(f"postgresql://somebody@127.0.0.1:{port}/x", timeout=2)


def test_missing_password_is_said() -> None:
    asks = b"R\x00\x00\x00\x08\x00\x00\x00\x03"
    with server(b"N", asks) as port, pytest.raises(HandshakeError, match="asks for a password for somebody"):
        greet_postgres(f"postgresql://somebody@127.0.0.1:{port}/x", timeout=2)


def test_redis_names_itself() -> None:
    info = b"redis_version:7.2.4\r\nvalkey_version:9.1.2\r\n"
    with server(b"+OK\r\n", b"+PONG\r\n", b"$%d\r\n%s\r\n" % (len(info), info)) as port:
        assert greet_redis(f"redis://127.0.0.1:{port}/1", timeout=2) == "Valkey 9.1.2"
