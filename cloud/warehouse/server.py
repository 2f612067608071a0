"""One HiveServer2: its state folder, its JVM and its port.

The state folder holds the metastore (Derby), `conf/`, `logs/`, `tmp/` and `warehouse.json` (port, and which processes
run on it now).
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import socket
from pathlib import Path
from typing import Any, Final

import psutil

from cloud.warehouse.settings import HOST, core_site, hive_site, jvm_flags, log4j2_properties
from runtime import jvm_guard
from runtime.java import Java
from runtime.jvm_guard import GuardedJvm

_PORTS: Final = range(20_000, 30_000)
"""Below every system's range of outgoing ports, which a client's own retry might take."""


class WarehouseFailed(RuntimeError):
    """Hive cannot run or cannot do what was asked; the text is one sentence for a person."""


class HiveServer:
    """HiveServer2 on `state`. `start` returns once the JVM runs, 10 s and more before Hive answers."""

    def __init__(self, state: Path, port: int = 0) -> None:
        self._state = state.resolve()
        self._wanted_port = port
        self._jvm: GuardedJvm | None = None
        self.port = 0

    @property
    def address(self) -> str:
        """`host:port` for clients."""
        return f"{HOST}:{self.port}"

    @property
    def log(self) -> Path:
        """Hive's own log."""
        return self._state / "logs" / "hive.log"

    def start(self, java: Java, jars: list[Path], emulator: str = "") -> None:
        """End what an earlier box left behind, write the settings, start the JVM. Raises `WarehouseFailed`.

        `emulator` is the address of a local object store that stands in for Google's.
        """
        remembered = self._remembered()
        self._take_over(remembered)
        self.port = self._choose_port(remembered)
        shutil.rmtree(self._state / "tmp", ignore_errors=True)
        conf = self._state / "conf"
        for folder in (conf, self._state / "logs", self._state / "tmp"):
            folder.mkdir(parents=True, exist_ok=True)
        (conf / "hive-site.xml").write_text(hive_site(self._state, self.port), encoding="utf-8")
        (conf / "core-site.xml").write_text(core_site(self._state, emulator), encoding="utf-8")
        (conf / "hive-log4j2.properties").write_text(log4j2_properties(self._state / "logs"), encoding="utf-8")
        # Google's connector is first in the lock: it must win over older copies of what it carries.
        classpath = os.pathsep.join([str(conf), *map(str, jars)])
        main_class = "org.apache.hive.service.server.HiveServer2"
        command = [str(java.executable), *jvm_flags(self._state), "-cp", classpath, main_class]
        try:
            self._jvm = GuardedJvm(command, self._state, self._output)
        except OSError as error:
            raise WarehouseFailed(f"Java could not be started ({command[0]}): {error.strerror}") from error
        self._remember()

    def death(self) -> str | None:
        """Why the JVM ended, in one sentence; None while it runs."""
        if self._jvm is None or self._jvm.exit_code is None:
            return None
        return f"Hive's JVM ended with code {self._jvm.exit_code}: {self._last_words()}"

    def stop(self) -> None:
        """Ask the JVM to stop and wait for its end."""
        if self._jvm is not None:
            self._jvm.stop()
            self._jvm = None

    @property
    def _output(self) -> Path:
        return self._state / "logs" / "jvm.out"

    def _remembered(self) -> dict[str, Any]:
        try:
            remembered = json.loads((self._state / "warehouse.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return remembered if isinstance(remembered, dict) else {}

    def _remember(self) -> None:
        assert self._jvm is not None
        document = {
            "port": self.port,
            "box": [os.getpid(), psutil.Process().create_time()],
            "jvm": [self._jvm.pid, self._jvm.started_s],
        }
        new = self._state / "warehouse.json.new"
        new.write_text(json.dumps(document), encoding="utf-8")
        new.replace(self._state / "warehouse.json")

    def _take_over(self, remembered: dict[str, Any]) -> None:
        """Two servers on one Derby metastore would lock each other out."""
        try:
            (box_pid, box_started), (jvm_pid, jvm_started) = remembered["box"], remembered["jvm"]
        except (KeyError, TypeError, ValueError):
            return
        if box_pid != os.getpid() and jvm_guard.same_process(box_pid, box_started):
            raise WarehouseFailed(f"{self._state} is in use by the warehouse of process {box_pid}; stop that one first")
        jvm_guard.end(jvm_pid, jvm_started)

    def _choose_port(self, remembered: dict[str, Any]) -> int:
        if self._wanted_port:
            if not _is_free(self._wanted_port):
                raise WarehouseFailed(f"port {self._wanted_port} is taken by another program; choose one with --port")
            return self._wanted_port
        last = remembered.get("port")
        candidates = [last] if isinstance(last, int) else []
        for port in (*candidates, *random.sample(_PORTS, 200)):
            if _is_free(port):
                return port
        raise WarehouseFailed(f"no free port between {_PORTS.start} and {_PORTS.stop} on {HOST}")

    def _last_words(self) -> str:
        for path, mark in ((self.log, " ERROR "), (self._output, "")):
            with contextlib.suppress(OSError):
                lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[-200:]
                told = [line.strip() for line in lines if mark in line and line.strip()]
                if told:
                    return told[-1][:300]
        return "it left no message"


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        if os.name != "nt":
            # As Java does: connections of the server before that still linger do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
