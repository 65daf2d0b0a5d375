"""Greeting PostgreSQL and Redis in their own protocols over plain sockets.

The library has no database driver, yet `medaction doctor` must say whether an address, a user and a password work.
"""

from medaction.handshakes.connection import HandshakeError
from medaction.handshakes.postgres import greet_postgres
from medaction.handshakes.redis import greet_redis

__all__ = ["HandshakeError", "greet_postgres", "greet_redis"]
