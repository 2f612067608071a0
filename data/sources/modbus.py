"""The plant's signals straight from its PLCs into the live store, without gateway and Kafka: direct mode.

It only reads. Each PLC has a thread of its own, so that a slow one delays no other; values, limits and qualities are
made as the gateway makes them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

import numpy as np
from pymodbus.client import ModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from contracts.modbus_address import BadAddress, ModbusConnection, parse_address, parse_connection
from contracts.plant import BadPlant, Plant
from contracts.quality import Quality
from contracts.sample import now_us
from contracts.signal_list import Signal
from data.live_store import LiveStore
from data.sources.modbus_blocks import BYTE_ORDERS, Block, Point, plan
from data.sources.tally import Tally
from runtime.modbus_identity import Unreachable, refusal

_log = logging.getLogger(__name__)

TIMEOUT_S: Final = 1.0
RECONNECT_S: Final = 0.5
_RECHECK_REFUSED_S: Final = 10.0
_ADDRESS_CODES: Final = frozenset({1, 2, 3})
"""Modbus exceptions that speak of the address or how it is read; the others speak of the device."""


class ModbusSource:
    """Fills `store` from the plant's PLCs until told to stop; `connections` replace those of plant.toml by name."""

    def __init__(self, plant: Plant, store: LiveStore, connections: Mapping[str, str]) -> None:
        for name in connections:
            if name not in plant.plcs:
                raise BadPlant(f"--plc {name}: plant.toml has no [plc.{name}], only {', '.join(plant.plcs)}")
        self.tally = Tally()
        self._store = store
        self._devices = []
        for name, plc in plant.plcs.items():
            signals = [signal for signal in plant.signals if signal.plc == name]
            if signals:
                connection = connections.get(name, plc.connection)
                self._devices.append(_Device(plant.refinery, name, connection, signals, store, self.tally))

    def run(self, stop: threading.Event) -> None:
        """Poll until `stop`; a PLC that does not answer is told by the store's source state and its tags' quality."""
        logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
        self._store.set_source("connecting", "Connecting to " + ", ".join(map(str, self._devices)))
        threads = [
            threading.Thread(target=device.run, args=(stop,), name=f"plc {device.name}") for device in self._devices
        ]
        for thread in threads:
            thread.start()
        while not stop.wait(0.1):
            if all(thread.is_alive() for thread in threads):
                self.tally.turn()
            self._say()
        for thread in threads:
            thread.join()

    def _say(self) -> None:
        if why_not := next((device.why_not for device in self._devices if device.why_not), ""):
            self._store.set_source("failed", why_not)
            return
        lost = [device for device in self._devices if device.answers is False]
        if lost:
            who = ", ".join(map(str, lost))
            self._store.set_source("lost", f"{who} {'does' if len(lost) == 1 else 'do'} not answer")
        elif all(device.answers for device in self._devices):
            refused = [tag for device in self._devices for tag in sorted(device.refused)]
            more = f" and {len(refused) - 1} more" if len(refused) > 1 else ""
            self._store.set_source("live", f"The PLC refuses the address of {refused[0]}{more}" if refused else "")


class _Device:
    """One PLC: its connection, its blocks by scan period, and its thread."""

    def __init__(
        self, refinery: str, name: str, connection: str, signals: list[Signal], store: LiveStore, tally: Tally
    ) -> None:
        self.name = name
        self.answers: bool | None = None
        """None before the first try."""
        self.refused: set[str] = set()
        """Tags whose address the PLC refuses."""
        self.why_not = ""
        """Why it must not be read: a simulator for a real refinery, or the other way round."""
        self._refinery = refinery
        self._last_us = 0
        self._lost_as: Quality | None = None
        self._store = store
        self._tally = tally
        try:
            self._place = parse_connection(connection)
            order = _byte_order(self._place)
            points = [Point(store.rows[each.kks], parse_address(each.address), each) for each in signals]
        except BadAddress as error:
            raise BadPlant(f"[plc.{name}]: {error}") from error
        except KeyError as error:
            raise BadPlant(
                f"[plc.{name}]: {error.args[0]} is not in the live store; it was made for another"
            ) from error
        self._rows = np.array([point.row for point in points])
        periods = sorted({each.scan_s for each in signals})
        self._blocks = {
            period_s: plan((point for point in points if point.signal.scan_s == period_s), order)
            for period_s in periods
        }

    def __str__(self) -> str:
        return f"{self.name} at {self._place.host}:{self._place.port}"

    def run(self, stop: threading.Event) -> None:
        """Connect, poll each scan period on time, tell what is lost, connect again."""
        client = ModbusTcpClient(self._place.host, port=self._place.port, timeout=TIMEOUT_S, retries=0)
        while not stop.is_set():
            try:
                if self._may_be_read() and client.connect():  # type: ignore[no-untyped-call]
                    self._poll(client, stop)
            except (ModbusException, OSError):
                pass
            except Exception:  # noqa: BLE001 - a surprise with one device must show on its tags, not end them
                _log.exception("%s", self)
            finally:
                client.close()  # type: ignore[no-untyped-call]
            if not stop.is_set():
                self._lose()
                stop.wait(_RECHECK_REFUSED_S if self.why_not else RECONNECT_S)

    def _may_be_read(self) -> bool:
        place = self._place
        try:
            self.why_not = refusal(self._refinery, self.name, place.host, place.port, place.unit, TIMEOUT_S) or ""
        except Unreachable:
            self.why_not = ""
            raise
        return not self.why_not

    def _poll(self, client: ModbusTcpClient, stop: threading.Event) -> None:
        due = dict.fromkeys(self._blocks, time.monotonic())
        while not stop.wait(max(0.0, min(due.values()) - time.monotonic())):
            period_s = min(due, key=lambda each: due[each])
            self._blocks[period_s] = [read for block in self._blocks[period_s] for read in self._read(client, block)]
            self.answers, self._lost_as = True, None
            due[period_s] = max(due[period_s] + period_s, time.monotonic())

    def _read(self, client: ModbusTcpClient, block: Block) -> list[Block]:
        """Read a block into the store and return how to read it next time: in two where the PLC refuses a part.

        Raises ModbusException or OSError if the PLC does not answer.
        """
        answer = _ask(client, block, self._place.unit)
        time_us = self._stamp()
        if not answer.isError():
            found = answer.bits if block.points[0].address.is_bit else answer.registers
            if len(found) < block.length:
                raise ModbusException(f"{block.length} values were asked for, {len(found)} came")
            values, qualities = block.decode(found)
            self.refused.difference_update(point.signal.kks for point in block.points)
            self._tell(block, values, qualities, time_us)
            return [block]
        refuses_address = answer.exception_code in _ADDRESS_CODES
        if refuses_address and len(block.points) > 1:
            return [part for half in block.halves() for part in self._read(client, half)]
        if refuses_address:
            self.refused.add(block.points[0].signal.kks)
        quality = Quality.CONFIGURATION_ERROR if refuses_address else Quality.DEVICE_FAILURE
        self._tell(block, np.full(len(block.points), np.nan), np.full(len(block.points), quality), time_us)
        return [block]

    def _tell(self, block: Block, values: object, qualities: object, time_us: int) -> None:
        times_us = np.full(len(block.points), time_us)
        self._tally.stored(self._store.write(block.rows, values, times_us, qualities), times_us)  # type: ignore[arg-type]

    def _lose(self) -> None:
        self.answers = False
        quality = Quality.CONFIGURATION_ERROR if self.why_not else Quality.COMM_FAILURE
        if quality == self._lost_as:
            return
        self._lost_as = quality
        size = self._rows.size
        self._store.write(self._rows, np.full(size, np.nan), np.full(size, self._stamp()), np.full(size, quality))

    def _stamp(self) -> int:
        """The time now, later than the last: a clock that was set back must not freeze the last value on the screen."""
        self._last_us = max(now_us(), self._last_us + 1)
        return self._last_us


def _ask(client: ModbusTcpClient, block: Block, unit: int) -> ModbusPDU:
    read = {
        "coil": client.read_coils,
        "discrete-input": client.read_discrete_inputs,
        "input-register": client.read_input_registers,
        "holding-register": client.read_holding_registers,
    }[block.bank]
    return read(block.start, count=block.length, device_id=unit)


def _byte_order(place: ModbusConnection) -> str:
    order = dict(parse_qsl(place.query)).get("default-payload-byte-order", BYTE_ORDERS[0])
    if order not in BYTE_ORDERS:
        raise BadAddress(f"default-payload-byte-order {order!r} is not one of {', '.join(BYTE_ORDERS)}")
    return order
