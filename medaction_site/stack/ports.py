"""A free port on the loopback address: the usual one where possible, so that bookmarks keep working."""

import socket

LOOPBACK = "127.0.0.1"
TRIES = 20


def free_port(usual: int) -> int:
    """Return ``usual``, else one of the next few, else any free port."""
    for port in (*range(usual, usual + TRIES), 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            # As servers do: a connection that is still closing does not make a port taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port")
