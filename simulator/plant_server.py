"""A whole training plant: its values, advanced ten times a second, behind one Modbus server a PLC."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TextIO

import numpy as np
from numpy.typing import NDArray

from contracts.modbus_address import Bank, ModbusConnection, parse_connection
from contracts.plant import Plant
from contracts.sample import now_us
from simulator import process_file
from simulator.device import Device
from simulator.registers import BadRegisters, RefusedWrite, Registers
from simulator.values import ModelValues, Values, WalkValues

PERIOD_S: Final = 0.1
HOST: Final = "127.0.0.1"
_CATCH_UP_S: Final = 5.0


class BadTrainingPlant(ValueError):
    """A plant the simulator will not serve; says why."""


@dataclass
class _Served:
    """One PLC: its device, its registers, and which of the plant's signals it holds."""

    device: Device
    registers: Registers
    connection: ModbusConnection
    members: NDArray[np.intp]


class PlantServer:
    """Serves `plant` on the loopback; `ports` overrides a PLC's port (0: any free one).

    `tick_hz`, if given, puts a tick counter into every register in place of values, that many counts a second; then
    `read_log` gets a line `time_us,plc,bank,offset,count,tick` for each read that was answered, offset from 0.
    Raises `BadTrainingPlant`, `BadModel`, `BadAddress` or `BadRegisters` for a plant that cannot be served.
    """

    def __init__(
        self,
        plant: Plant,
        ports: Mapping[str, int],
        *,
        speed: float = 1.0,
        seed: int = 1,
        tick_hz: float | None = None,
        read_log: TextIO | None = None,
    ) -> None:
        if not plant.is_training:
            raise BadTrainingPlant(
                f"{plant.refinery} is not a training plant: give it an id that begins with sim-, "
                "so that simulated data never enter a real refinery's history"
            )
        for name in ports:
            if name not in plant.plcs:
                raise BadTrainingPlant(
                    f"--port {name}: the plant has no PLC of that name, only {', '.join(plant.plcs)}"
                )
        self._speed = speed
        self._read_log = read_log if tick_hz is not None else None
        self._period_s = PERIOD_S if tick_hz is None else 1.0 / tick_hz
        self.values = None if tick_hz is not None else _values(plant, seed)
        self.steps = 0
        self.late_steps = 0
        self._served: dict[str, _Served] = {}
        for name, plc in plant.plcs.items():
            members = [index for index, signal in enumerate(plant.signals) if signal.plc == name]
            connection = parse_connection(plc.connection)
            if "LITTLE_ENDIAN" in connection.query or "BYTE_SWAP" in connection.query:
                raise BadRegisters(
                    f"[plc.{name}]: the simulator's registers are big-endian; drop the byte order option"
                )
            registers = Registers([plant.signals[index] for index in members])
            served = np.array(members, dtype=np.intp)
            on_read = None if self._read_log is None else partial(self._log_read, name)
            port = ports.get(name, connection.port)
            device = Device(registers, HOST, port, connection.unit, self._writer(name), on_read)
            self._served[name] = _Served(device, registers, connection, served)
        self._store()

    @property
    def connections(self) -> dict[str, str]:
        """PLC → PLC4X connection string with the port that was really taken."""
        return {
            name: f"modbus-tcp://{HOST}:{served.device.port}"
            + (f"?{query}" if (query := served.connection.query) else "")
            for name, served in self._served.items()
        }

    @property
    def counters(self) -> dict[str, int]:
        """What happened since the start: `steps`, `late_steps`, client `reads`, `writes`, `refused`, `unsolved`."""
        devices = [served.device for served in self._served.values()]
        process = self.values.process if isinstance(self.values, ModelValues) else None
        return {
            "steps": self.steps,
            "late_steps": self.late_steps,
            "reads": sum(device.reads for device in devices),
            "writes": sum(device.writes for device in devices),
            "refused": sum(device.refused for device in devices),
            "unsolved": process.unsolved_steps if process else 0,
        }

    async def start(self) -> None:
        """Open all ports. Raises `CannotListen`."""
        for served in self._served.values():
            await served.device.start()

    async def stop(self) -> None:
        """Close all ports."""
        for served in self._served.values():
            await served.device.stop()

    async def run(self) -> None:
        """Step at the plant's rate until cancelled; a stall up to `_CATCH_UP_S` is caught up, a longer one dropped."""
        due = time.monotonic()
        while True:
            due += self._period_s
            wait = due - time.monotonic()
            if wait < -self._period_s:
                self.late_steps += 1
            if wait < -_CATCH_UP_S:
                due = time.monotonic()
            await asyncio.sleep(max(wait, 0.0))
            self.step()

    def step(self) -> None:
        """One period: advance the values, or the tick, and fill every register at once."""
        self.steps += 1
        if self.values is not None:
            self.values.advance(self._period_s * self._speed)
        self._store()

    def _store(self) -> None:
        for served in self._served.values():
            if self.values is None:
                served.registers.store_tick(self.steps)
            else:
                served.registers.store(self.values.now[served.members])

    def _log_read(self, plc: str, bank: Bank, offset: int, count: int) -> None:
        assert self._read_log is not None
        self._read_log.write(f"{now_us()},{plc},{bank},{offset},{count},{self.steps}\n")

    def _writer(self, name: str) -> _Writer:
        return _Writer(self, name)

    def write(self, name: str, changes: Mapping[int, float]) -> None:
        """A client's write to PLC `name`: its signal index → value. Readable again at once. Raises `RefusedWrite`."""
        if self.values is None:
            raise RefusedWrite("every register counts ticks; nothing can be written", illegal_value=False)
        members: Sequence[int] = self._served[name].members.tolist()
        self.values.write({members[index]: value for index, value in changes.items()})
        self._store()


@dataclass(frozen=True)
class _Writer:
    server: PlantServer
    name: str

    def __call__(self, changes: Mapping[int, float]) -> None:
        self.server.write(self.name, changes)


def _values(plant: Plant, seed: int) -> Values:
    file = process_file.read(plant.folder, plant.signals)
    if file is None:
        return WalkValues(plant.signals, seed)
    return ModelValues(plant.signals, file, seed)
