"""A Modbus device that can be killed, frozen and slowed, for tests of what polls it."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

from contracts import names

ROOT = Path(__file__).parents[2]
SIMULATOR = f"{names.SIMULATOR_VENDOR}/{names.SIMULATOR_PRODUCT_CODE}"


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ModbusDevice:
    """`python -m tests.engines.plc_server`; the port stays the same over restarts."""

    def __init__(self, identity: str = SIMULATOR, ports: int = 1) -> None:
        self.ports = [free_port() for _ in range(ports)]
        self.identity = identity
        self._commands: list[str] = []
        self.start()

    @property
    def connections(self) -> list[str]:
        return [f"modbus-tcp://127.0.0.1:{port}" for port in self.ports]

    @property
    def connection(self) -> str:
        return self.connections[0]

    def start(self) -> None:
        """(Re)start it; what it was told to be before, it is again."""
        command = [sys.executable, "-m", "tests.engines.plc_server", ",".join(map(str, self.ports)), self.identity]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._expect_ok()
        for line in self._commands:
            self._send(line)

    def tell(self, **command: object) -> None:
        """Send one command of plc_server and wait until it is obeyed."""
        line = json.dumps(command)
        if "hang_up" not in command:
            self._commands.append(line)
        self._send(line)

    def set_real(self, address: int, *values: float, area: str = "h") -> None:
        """Floats, big-endian, from the one-based register `address` on."""
        registers = struct.unpack(f">{2 * len(values)}H", struct.pack(f">{len(values)}f", *values))
        self.tell(set=[[area, address - 1, list(registers)]])

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._close()

    def freeze(self) -> None:
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.kill()

    def _send(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        self._expect_ok()

    def _expect_ok(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ok\n", "the Modbus device did not start or obey"

    def _close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
