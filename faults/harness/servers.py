"""The servers of the harness: its own, since it kills, freezes and empties them. They outlive a run."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import redis

from faults.harness.proxy import Proxy
from testing.servers.kafka import ApacheKafka, Tansu, can_run
from testing.servers.process import LOOPBACK, ServerFailed, ServerProcess
from testing.servers.redis import RedisServer, ValkeyServer


class Breakable(ServerProcess):
    """A server that can be taken away and given back, with what it had on disk and on the same port."""

    def kill(self) -> None:
        """SIGKILL: nothing is flushed or said."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def freeze(self) -> None:
        """It stops in the middle of whatever it does; connections stay open and are not answered."""
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        self.signal(signal.SIGCONT)

    def again(self) -> None:
        """Starts it after a kill. Raises `ServerFailed`."""
        self._launch()
        if not self._ready():
            raise ServerFailed(f"{self.title} did not come back{self.last_words()}")

    def revive(self) -> None:
        """Makes sure that it runs, whatever the last run left."""
        if self.exit_code() is None:
            self.thaw()
        else:
            self.again()

    def signal(self, number: int) -> None:
        """To the server and to what holds its leash."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, number)


class OwnKafka(Breakable, ApacheKafka):
    """Apache Kafka."""


class OwnBroker(Breakable, Tansu):
    """The broker out of a wheel: it forgets everything when it is killed."""


class OwnRedis(Breakable, RedisServer):
    """The Redis of this machine. It answers some commands while it still reads what it had on disk."""

    def answers(self) -> bool:
        """Whether it has read all of it."""
        if not super().answers():
            return False
        with redis.Redis(host=LOOPBACK, port=self.port) as client:
            return not client.info("persistence")["loading"]


class OwnValkey(OwnRedis, ValkeyServer):
    """Valkey out of a wheel."""


class Servers(NamedTuple):
    """What a run works with."""

    kafka: OwnKafka | OwnBroker
    redis: OwnRedis | OwnValkey
    proxy: Proxy
    """A wire to Redis."""

    @property
    def apache(self) -> bool:
        """Whether it is Apache Kafka."""
        return isinstance(self.kafka, OwnKafka)

    def refresh(self) -> None:
        """Whatever the last run left: everything runs, Redis is empty, the wire is whole."""
        self.kafka.revive()
        self.redis.revive()
        self.proxy.mend()
        with redis.Redis(host=LOOPBACK, port=self.redis.port) as client:
            client.config_set("maxmemory", "0")
            client.config_set("auto-aof-rewrite-percentage", "0")  # copies of the append-only file are taken
            client.flushall()


@contextmanager
def servers() -> Iterator[Servers]:
    """Started now, gone at the end. Raises `ServerFailed`."""
    kafka = OwnKafka() if can_run() else OwnBroker()
    store = OwnRedis() if shutil.which("redis-server") else OwnValkey()
    with kafka, store, Proxy(store.port) as proxy:
        yield Servers(kafka, store, proxy)
