"""One KRaft broker: its state folder, its JVM and the guard that ends the JVM with us.

The state folder holds Kafka's data, `broker.json` (ports, and which processes run on it now) and `logs/`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import psutil

from cloud.stream.settings import CLUSTER_ID, HOST, JVM_FLAGS, log4j2_xml, server_properties
from runtime import jvm_guard
from runtime.java import Java
from runtime.jvm_guard import GuardedJvm
from runtime.places import cache_folder

_PORTS: Final = range(20_000, 30_000)
"""Below every system's range of outgoing ports: a client that retries a closed port of that range may be connected to
itself, and would then hold the broker's port."""

_ENDED_WHEN_ASKED: Final = frozenset({0, 143, -15})
"""Exit codes of a JVM that was asked to end and did so in order: 143 is Java's own for SIGTERM."""


class BrokerFailed(RuntimeError):
    """The broker cannot run; the text is one sentence for a person."""


class Broker:
    """A broker on `state`. `start` returns once the JVM runs, which is some seconds before Kafka answers."""

    def __init__(self, state: Path, port: int = 0) -> None:
        self._state = state.resolve()
        self._logs = self._state / "logs"
        self._logs.mkdir(parents=True, exist_ok=True)
        self._wanted_port = port
        self._jvm: GuardedJvm | None = None
        self._archive_being_made: Path | None = None
        self._started_at = ""
        self.port = 0

    @property
    def bootstrap(self) -> str:
        """`host:port` for clients."""
        return f"{HOST}:{self.port}"

    @property
    def log(self) -> Path:
        """Kafka's own log."""
        return self._logs / "broker.log"

    @property
    def data(self) -> Path:
        """Where Kafka keeps the records."""
        return self._state / "data"

    def start(self, java: Java, jars: list[Path]) -> None:
        """End what an earlier box left behind, format once, start the JVM. Raises `BrokerFailed`."""
        remembered = self._remembered()
        self._take_over(remembered)
        self.port = self._choose_port(remembered)
        controller_port = _free_port({self.port}, remembered.get("controller_port"))
        properties = self._state / "server.properties"
        properties.write_text(server_properties(self.data, self.port, controller_port), encoding="utf-8")
        (self._state / "log4j2.xml").write_text(log4j2_xml(self._logs), encoding="utf-8")
        command = [
            str(java.executable),
            *JVM_FLAGS,
            f"-Dlog4j2.configurationFile={(self._state / 'log4j2.xml').as_uri()}",
        ]
        classpath = os.pathsep.join(str(jar) for jar in jars)
        if not (self.data / "meta.properties").exists():
            self._format([*command, "-cp", classpath], properties)
        self._started_at = time.strftime("%Y-%m-%d %H:%M:%S")
        command += [*self._class_archive(java, classpath), "-cp", classpath, "kafka.Kafka", str(properties)]
        self._launch(command)
        self._remember(controller_port)

    def death(self) -> str | None:
        """Why the JVM ended, in one sentence; None while it runs."""
        if self._jvm is None or self._jvm.exit_code is None:
            return None
        if self._jvm.exit_code < 0:
            return f"Kafka's JVM was killed by signal {-self._jvm.exit_code}"
        return f"Kafka's JVM ended with code {self._jvm.exit_code}: {self._last_words()}"

    def stop(self) -> None:
        """Ask the JVM to stop by letting the guard go, wait for it, and forget it."""
        if self._jvm is not None:
            self._jvm.stop()
            if self._archive_being_made is not None and self._jvm.exit_code in _ENDED_WHEN_ASKED:
                with contextlib.suppress(OSError):
                    self._archive_being_made.replace(self._archive_being_made.with_suffix(".jsa"))
        self._jvm = self._archive_being_made = None

    def bytes_on_disk(self) -> int:
        """Size of all records kept."""
        total = 0
        for path in self.data.glob("*/*.log"):
            with contextlib.suppress(OSError):
                total += path.stat().st_size
        return total

    def _remembered(self) -> dict[str, Any]:
        try:
            remembered = json.loads((self._state / "broker.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return remembered if isinstance(remembered, dict) else {}

    def _remember(self, controller_port: int) -> None:
        assert self._jvm is not None
        text = json.dumps(
            {
                "port": self.port,
                "controller_port": controller_port,
                "box": [os.getpid(), psutil.Process().create_time()],
                "jvm": [self._jvm.pid, self._jvm.started_s],
            }
        )
        new = self._state / "broker.json.new"
        new.write_text(text, encoding="utf-8")
        new.replace(self._state / "broker.json")

    def _take_over(self, remembered: dict[str, Any]) -> None:
        try:
            (box_pid, box_started), (jvm_pid, jvm_started) = remembered["box"], remembered["jvm"]
        except (KeyError, TypeError, ValueError):
            return
        if box_pid != os.getpid() and jvm_guard.same_process(box_pid, box_started):
            raise BrokerFailed(f"{self._state} is in use by the broker of process {box_pid}; stop that one first")
        jvm_guard.end(jvm_pid, jvm_started)

    def _choose_port(self, remembered: dict[str, Any]) -> int:
        if self._wanted_port:
            if not _is_free(self._wanted_port):
                raise BrokerFailed(f"port {self._wanted_port} is taken by another program; choose another with --port")
            return self._wanted_port
        return _free_port(set(), remembered.get("port"))

    def _format(self, java: list[str], properties: Path) -> None:
        done = subprocess.run(
            [*java, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(properties)],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            raise BrokerFailed(f"Kafka could not format {self.data}: {_last_line(done.stderr + done.stdout)}")

    def _class_archive(self, java: Java, classpath: str) -> list[str]:
        """JVM flags to load Kafka's classes from an archive (3 s instead of 6), or to write that archive at the end.

        The archive is of no use to another Java or other jars, so its name is made of both.
        """
        base = java.library.parent / "classes.jsa"
        if not base.exists():
            return []
        identity = f"{java.home} {base.stat().st_mtime_ns} {' '.join(JVM_FLAGS)} {classpath}"
        archive = cache_folder() / f"kafka-{hashlib.sha256(identity.encode()).hexdigest()[:16]}.jsa"
        if archive.exists():
            return [f"-XX:SharedArchiveFile={archive}", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"]
        for abandoned in archive.parent.glob(f"{archive.stem}.*"):
            if not psutil.pid_exists(int(abandoned.suffix[1:])):
                abandoned.unlink(missing_ok=True)
        self._archive_being_made = archive.with_suffix(f".{os.getpid()}")
        return [f"-XX:ArchiveClassesAtExit={self._archive_being_made}", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"]

    def _launch(self, command: list[str]) -> None:
        try:
            self._jvm = GuardedJvm(command, self._state, self._output())
        except OSError as error:
            raise BrokerFailed(f"Java could not be started ({command[0]}): {error.strerror}") from error

    def _output(self) -> Path:
        return self._logs / "jvm.out"

    def _last_words(self) -> str:
        """The JVM's last complaint: what Kafka logged, or what the JVM printed before there was a log."""
        with contextlib.suppress(OSError):
            log = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-200:]
            # A line begins with its local time, which sorts as text; what is older is an earlier run's.
            bad = [line for line in log if line >= self._started_at and (" ERROR " in line or " FATAL " in line)]
            if bad:
                return bad[-1][24:324]
        with contextlib.suppress(OSError):
            return _last_line(self._output().read_text(encoding="utf-8", errors="replace"))
        return "it left no message"


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it left no message"


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        if sys.platform != "win32":
            # As Java does: connections of the broker before that still linger do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _free_port(taken: set[int], preferred: object) -> int:
    if isinstance(preferred, int) and preferred not in taken and _is_free(preferred):
        return preferred
    for port in random.sample(_PORTS, 200):
        if port not in taken and _is_free(port):
            return port
    raise BrokerFailed(f"no free port between {_PORTS.start} and {_PORTS.stop} on {HOST}")
