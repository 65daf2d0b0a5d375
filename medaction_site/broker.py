"""Redis as Celery's broker, for workers that outlive its restarts."""

from typing import Any

from kombu.transport import redis


class QoS(redis.QoS):
    """Messages that a worker has taken and not begun yet."""

    def restore_unacked(self, client: Any = None) -> None:
        """Put them back, unless the connection was given up already.

        kombu 5.7 would then look for its address, find None, and take the whole worker down. What is not put back is
        sent again by the sweeper.
        """
        if self.channel.connection.client is None:
            self._delivered.clear()
        else:
            super().restore_unacked(client)


class Channel(redis.Channel):
    QoS = QoS


class Transport(redis.Transport):
    Channel = Channel
