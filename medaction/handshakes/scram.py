"""SCRAM-SHA-256 without channel binding, the client's side (RFC 5802, RFC 7677)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

MAX_ITERATIONS = 1_000_000


class ScramClient:
    """One login: send `first()`, then `final(reply)`; `verify(reply)`: does the server know it too?"""

    def __init__(self, password: str, nonce: str = "") -> None:
        self._password = password.encode()
        self._nonce = nonce or secrets.token_urlsafe(18)
        self._bare = f"n=,r={self._nonce}"
        self._signature = b""

    def first(self) -> bytes:
        return b"n,," + self._bare.encode()

    def final(self, challenge: str) -> bytes:
        """Raises `ValueError` for a challenge that is not an answer to ours."""
        fields = dict(field.split("=", 1) for field in challenge.split(","))
        nonce, iterations = fields.get("r", ""), int(fields.get("i", "0"))
        if not nonce.startswith(self._nonce) or not 0 < iterations <= MAX_ITERATIONS:
            raise ValueError("not an answer to our challenge")
        salted = hashlib.pbkdf2_hmac("sha256", self._password, base64.b64decode(fields.get("s", "")), iterations)
        client_key = _mac(salted, b"Client Key")
        without_proof = f"c=biws,r={nonce}"
        signed = f"{self._bare},{challenge},{without_proof}".encode()
        signature = _mac(hashlib.sha256(client_key).digest(), signed)
        proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        self._signature = _mac(_mac(salted, b"Server Key"), signed)
        return f"{without_proof},p={base64.b64encode(proof).decode()}".encode()

    def verify(self, reply: str) -> bool:
        return hmac.compare_digest(reply, f"v={base64.b64encode(self._signature).decode()}")


def _mac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")
