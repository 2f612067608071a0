"""One simulated PLC: a Modbus TCP server on a device's registers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Final

from pymodbus.constants import ExcCodes
from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.device import ModbusDeviceIdentification
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from contracts.modbus_address import Bank
from contracts.names import SIMULATOR_PRODUCT_CODE, SIMULATOR_VENDOR
from simulator.registers import RefusedWrite, Registers

log = logging.getLogger(__name__)

_READ_BANK: Final[dict[int, Bank]] = {1: "coil", 2: "discrete-input", 3: "holding-register", 4: "input-register"}
_WRITE_BANK: Final[dict[int, Bank]] = {
    5: "coil",
    15: "coil",
    6: "holding-register",
    16: "holding-register",
    22: "holding-register",
    23: "holding-register",
}

OnRead = Callable[[Bank, int, int], None]
"""Told of every answered read: bank, offset, how many registers or bits were asked for."""

_asked: ContextVar[int] = ContextVar("asked")
"""Bits the request at hand asks for: `_access` learns only of whole words. Each request is a task with its own."""


class CannotListen(OSError):
    """A port that cannot be had; the text says which and what to do."""


class Device:
    """Serves `registers` as unit `unit` on `host:port` (port 0: a free one, see `port` after `start`).

    Every address from 1 to a bank's last signal can be read, as in a PLC's memory; beyond it the answer is exception 2.
    A write is first judged by `Registers.accept`; what it means goes to `on_write` as signal index → engineering value.
    """

    def __init__(
        self,
        registers: Registers,
        host: str,
        port: int,
        unit: int,
        on_write: Callable[[Mapping[int, float]], None],
        on_read: OnRead | None = None,
    ) -> None:
        self.port = port
        self.reads = 0
        self.writes = 0
        self.refused = 0
        self._registers = registers
        self._host = host
        self._unit = unit
        self._on_write = on_write
        self._on_read = on_read
        self._server: ModbusTcpServer | None = None

    async def start(self) -> None:
        """Listen. Raises `CannotListen`."""
        memory = self._registers.memory
        # A bank without signals still needs one cell in pymodbus; `_access` refuses to read it.
        size = {bank: max(len(cells), 1) for bank, cells in memory.items()}
        device = SimDevice(
            id=self._unit,
            simdata=(
                [SimData(0, values=[False] * size["coil"], datatype=DataType.BITS)],
                [SimData(0, values=[False] * size["discrete-input"], datatype=DataType.BITS)],
                [SimData(0, count=size["holding-register"], datatype=DataType.REGISTERS)],
                [SimData(0, count=size["input-register"], datatype=DataType.REGISTERS)],
            ),
            action=self._access,
        )
        server = ModbusTcpServer(device, address=(self._host, self.port), identity=_identification(), trace_pdu=_note)
        if not await server.listen():
            raise CannotListen(
                f"cannot listen on {self._host}:{self.port}: it is in use or not allowed; "
                "choose another with --port NAME=N (0 = any free port)"
            )
        self._server = server
        listener = server.transport
        if isinstance(listener, asyncio.Server):
            self.port = int(listener.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            await self._server.shutdown()  # type: ignore[no-untyped-call]

    async def _access(
        self,
        function: int,
        start: int,
        address: int,
        count: int,
        current: list[int],
        written: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        """pymodbus calls this before it reads or changes `current`, its copy of the bank, which begins at `start`."""
        if written is None:
            return self._read(function, start, address, count, current)
        try:
            self._on_write(self._registers.accept(_WRITE_BANK[function], address, [int(word) for word in written]))
        except RefusedWrite as refusal:
            self.refused += 1
            log.info("write refused: %s", refusal)
            return ExcCodes.ILLEGAL_VALUE if refusal.illegal_value else ExcCodes.ILLEGAL_ADDRESS
        self.writes += 1
        return None

    def _read(self, function: int, start: int, address: int, count: int, current: list[int]) -> ExcCodes | None:
        self.reads += 1
        # Functions 22 and 23 read holding registers too, under their own number.
        bank = _READ_BANK.get(function) or _WRITE_BANK[function]
        memory = self._registers.memory[bank]
        if bank in {"coil", "discrete-input"}:
            if address >= len(memory):
                return ExcCodes.ILLEGAL_ADDRESS
            first = address // 16
            for word in range(first, first + count):
                bits = memory[word * 16 : word * 16 + 16]
                current[word - start] = sum(bit << place for place, bit in enumerate(bits))
            if self._on_read is not None:
                self._on_read(bank, address, _asked.get())
            return None
        if address + count > len(memory):
            return ExcCodes.ILLEGAL_ADDRESS
        current[address - start : address - start + count] = memory[address : address + count]
        if self._on_read is not None:
            self._on_read(bank, address, count)
        return None


def _note(sending: bool, pdu: ModbusPDU) -> ModbusPDU:
    """pymodbus shows each message as it passes."""
    if not sending:
        _asked.set(pdu.count)
    return pdu


def _identification() -> ModbusDeviceIdentification:
    """Function 43/14: by this a gateway tells training from plant."""
    return ModbusDeviceIdentification(  # type: ignore[no-untyped-call]
        info_name={
            "VendorName": SIMULATOR_VENDOR,
            "ProductCode": SIMULATOR_PRODUCT_CODE,
            "MajorMinorRevision": "1.0",
            "ProductName": "Training plant",
        }
    )
