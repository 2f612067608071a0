"""A Modbus TCP device of the tests' making, in a process of its own.

python -m tests.engines.plc_server PORT[,PORT…] VENDOR/PRODUCT

Four areas of 10,000 registers or bits. Commands come as JSON lines on standard input, each answered by `ok`:
{"set": [[area, address, [registers or bits]], …]}, {"bad": [[area, address], …]} (addresses it refuses),
{"delay_s": 0.2}, {"churn": true} (every register pair is a float that changes every second) and {"hang_up": true}
(close all connections). Areas: c d h i; addresses are zero-based. Several ports are several devices with the same
registers.
"""

from __future__ import annotations

import asyncio
import json
import logging
import struct
import sys
import time
from typing import Any

from pymodbus.constants import ExcCodes
from pymodbus.pdu.device import ModbusDeviceIdentification
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

SIZE = 10_000
AREA_OF_FUNCTION = {1: "c", 2: "d", 3: "h", 4: "i"}


class Device:
    """What the device holds and how it misbehaves."""

    def __init__(self) -> None:
        self.bad: set[tuple[str, int]] = set()
        self.delay_s = 0.0
        self.churn = False
        self.pending: list[tuple[str, int, list[int]]] = []
        self.values: dict[str, list[int]] = {area: [0] * SIZE for area in "cdhi"}
        self._churned = 0

    async def answer(
        self, function: int, start: int, address: int, count: int, registers: list[int], values: Any
    ) -> ExcCodes | None:
        area = AREA_OF_FUNCTION.get(function)
        if area is None or values is not None:
            return ExcCodes.ILLEGAL_FUNCTION
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        # Bit areas are called with registers of sixteen bits.
        length = count if area in "hi" else 16 * count
        if any((area, each) in self.bad for each in range(address, address + length)):
            return ExcCodes.ILLEGAL_ADDRESS
        if self.churn and area in "hi":
            self._change()
        own = self.values[area]
        if area in "hi":
            registers[address - start : address - start + count] = own[address : address + count]
        else:
            first = address // 16
            for place in range(first, first + count + 1):
                bits = own[16 * place : 16 * place + 16]
                registers[place - start] = sum(bit << position for position, bit in enumerate(bits))
        return None

    def _change(self) -> None:
        second = int(time.time())
        if second == self._churned:
            return
        self._churned = second
        floats = [float(second % 1000 + place % 7) for place in range(SIZE // 2)]
        registers = list(struct.unpack(f">{SIZE}H", struct.pack(f">{SIZE // 2}f", *floats)))
        self.values["h"], self.values["i"] = registers, list(registers)

    def obey(self, command: dict[str, Any]) -> None:
        for area, address, values in command.get("set", ()):
            self.values[area][address : address + len(values)] = values
        if "bad" in command:
            self.bad = {(area, address) for area, address in command["bad"]}
        self.delay_s = command.get("delay_s", self.delay_s)
        self.churn = command.get("churn", self.churn)


async def serve(ports: list[int], identity: str) -> None:
    """Serve until standard input closes."""
    logging.disable(logging.CRITICAL)  # pymodbus prints every packet once a client hangs up
    device = Device()
    bits = [SimData(0, values=[False] * SIZE, datatype=DataType.BITS)]
    registers = [SimData(0, values=[0] * SIZE, datatype=DataType.REGISTERS)]
    context = SimDevice(1, simdata=(bits, bits, registers, registers), action=device.answer)
    vendor, _, product = identity.partition("/")
    names = ModbusDeviceIdentification(info_name={"VendorName": vendor, "ProductCode": product})
    servers = [ModbusTcpServer(context, identity=names, address=("127.0.0.1", port)) for port in ports]
    for server in servers:
        await server.serve_forever(background=True)
    print("ok", flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        command = json.loads(line)
        device.obey(command)
        if command.get("hang_up"):
            for server in servers:
                for connection in list(server.active_connections.values()):
                    connection.close()
        print("ok", flush=True)
    for server in servers:
        await server.shutdown()


if __name__ == "__main__":
    asyncio.run(serve([int(port) for port in sys.argv[1].split(",")], sys.argv[2]))
