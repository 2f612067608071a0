"""PLC4X inside this process: PLC4J's drivers in a JVM, by JPype. It reads; there is no way to write here.

What was measured on PLC4J 0.13.1 shapes this file: blocks are read past the driver's optimizer, which at times never
answers, one request in flight; a connection that timed out once is dead though it says it is connected; `close()`
blocks for two seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import jpype
import numpy as np
from numpy.typing import NDArray

from cloud.mtu.blocks import BIT_AREAS, BYTE_ORDERS, FORMATS, Limits, Point
from cloud.mtu.identity import Endpoint
from contracts.quality import PLC_RESPONSE_QUALITY, Quality

_JVM_OPTIONS: Final = (
    # A small heap that grows only if what lives in it does (14 MB at 20 devices): by itself Java would take all of it
    # before it collects for the first time, and memory would seem to leak.
    "-Xms32m",
    "-Xmn12m",
    "-Xmx96m",
    "-XX:MinHeapFreeRatio=20",
    "-XX:MaxHeapFreeRatio=40",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    # Signals stay Python's: a JVM that catches SIGTERM ends the process before the buffers are closed.
    "-Xrs",
    # A heap that is full never recovers by itself; the supervisor starts a new process.
    "-XX:+ExitOnOutOfMemoryError",
)
_NAME: Final = "b"
_AREA_OF_CLASS: Final = {
    "ModbusTagCoil": "coil",
    "ModbusTagDiscreteInput": "discrete-input",
    "ModbusTagHoldingRegister": "holding-register",
    "ModbusTagInputRegister": "input-register",
}


class PlcLost(ConnectionError):
    """The connection is of no use any more; the text says why."""


class Refused(ValueError):
    """A device answered a read with an error."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        """PLC4X's `PlcResponseCode`."""

    @property
    def quality(self) -> Quality:
        """What the code means for the tags that were asked for."""
        return PLC_RESPONSE_QUALITY.get(self.code, Quality.COMM_FAILURE)


class BadAddress(ValueError):
    """An address that can never be read; the text says what is wrong with it."""


def start_jvm(library: Path, classpath: Sequence[Path]) -> None:
    """Start the JVM of this process; it can be done once. Raises OSError or a Java exception."""
    jpype.startJVM(
        *_JVM_OPTIONS, jvmpath=str(library), classpath=[str(path) for path in classpath], convertStrings=False
    )
    # Netty prints a stack trace a refused connection; what matters of it is in our one sentence.
    nowhere = jpype.java.io.OutputStream.nullOutputStream()
    jpype.java.lang.System.setErr(jpype.java.io.PrintStream(nowhere))


def end_thread() -> None:
    """To be called by a thread that used Java, as its last act: or its Java half stays for ever."""
    jpype.java.lang.Thread.detach()


def modbus_point(row: int, address: str, default_order: str) -> Point:
    """Where `address` lies, as PLC4J's Modbus driver understands it. Raises `BadAddress`."""
    try:
        tag = jpype.JClass("org.apache.plc4x.java.modbus.base.tag.ModbusTag").of(address)
    except jpype.JException as error:
        raise BadAddress(
            f"{address!r} is not a PLC4X Modbus address ({_reason(error)}); expected e.g. holding-register:1:REAL"
        ) from error
    area = _AREA_OF_CLASS.get(str(tag.getClass().getSimpleName()))
    if area is None:
        raise BadAddress(f"{address!r}: extended registers are not read; use holding or input registers")
    form = "BOOL" if area in BIT_AREAS else str(tag.getDataType())
    if form not in FORMATS:
        raise BadAddress(f"{address!r}: {form} is not a number; use one of {', '.join(FORMATS)}")
    if tag.getNumberOfElements() != 1:
        raise BadAddress(f"{address!r} names {tag.getNumberOfElements()} values; a signal is one")
    unit, order = tag.getUnitId(), tag.getByteOrder()
    return Point(
        row,
        area,
        None if unit is None else int(unit),
        int(tag.getAddress()),
        form,
        default_order if order is None else str(order),
    )


def modbus_limits(device: Endpoint) -> Limits:
    """How much the device answers at once, by the options of its connection string. Raises ValueError."""
    default = Limits()
    return Limits(
        min(default.registers, int(device.options.get("max-registers-per-request", default.registers))),
        min(default.bits, int(device.options.get("max-coils-per-request", default.bits))),
    )


def modbus_byte_order(device: Endpoint) -> str:
    """The byte order of numbers, by the connection string. Raises ValueError."""
    order = device.options.get("default-payload-byte-order", BYTE_ORDERS[0])
    if order not in BYTE_ORDERS:
        raise ValueError(f"default-payload-byte-order {order!r} is not one of {', '.join(BYTE_ORDERS)}")
    return order


class Connection:
    """One live connection to one device; used by one thread."""

    def __init__(self, connection: str, timeout_ms: int) -> None:
        """Connect. `timeout_ms`: how long one answer may take. Raises `PlcLost`."""
        self._timeout_ms = timeout_ms
        self._modbus = connection.startswith("modbus")
        self._requests: dict[object, Any] = {}
        self._milliseconds = jpype.JClass("java.util.concurrent.TimeUnit").MILLISECONDS
        self._ok = jpype.JClass("org.apache.plc4x.java.api.types.PlcResponseCode").OK
        self._name = jpype.JString(_NAME)
        manager = jpype.JClass("org.apache.plc4x.java.api.PlcDriverManager").getDefault().getConnectionManager()
        try:
            self._connection = manager.getConnection(connection)
        except jpype.JException as error:
            raise PlcLost(f"PLC4X cannot connect: {_reason(error)}") from error
        self._timer = self._timeout_timer()

    def check(self) -> None:
        """Raises `PlcLost` if the other side has closed; silence says nothing."""
        if not self._connection.isConnected():
            raise PlcLost("it closed the connection")

    def parses(self, address: str) -> str | None:
        """What is wrong with `address`, or None."""
        try:
            return None if self._connection.parseTagAddress(address).isPresent() else "is not an address of this driver"
        except jpype.JException as error:
            return _reason(error)

    def read_raw(self, address: str) -> bytes:
        """The data bytes of one Modbus answer. Raises `Refused` or `PlcLost`."""
        request = self._requests.get(address)
        if request is None:
            request = self._connection.readRequestBuilder().addTagAddress(_NAME, address).build()
            self._requests[address] = request
        try:
            answer = self._connection.getProtocol().read(request).get(self._timeout_ms + 500, self._milliseconds)
            code = answer.getResponseCode(self._name)
            if code == self._ok:
                return bytes(answer.getPlcValue(self._name).getRaw())
        except jpype.JException as error:
            raise PlcLost(_reason(error)) from error
        raise Refused(str(code))

    def read_tags(self, addresses: tuple[str, ...]) -> tuple[NDArray[np.float64], list[str]]:
        """Values and PLC4X response codes of single addresses, for drivers without blocks. Raises `PlcLost`.

        A value that is no number is NaN.
        """
        try:
            request = self._requests.get(addresses)
            if request is None:
                builder = self._connection.readRequestBuilder()
                for place, address in enumerate(addresses):
                    builder.addTagAddress(str(place), address)
                request = self._requests[addresses] = builder.build()
            answer = request.execute().get(self._timeout_ms + 500, self._milliseconds)
            values, codes = np.full(len(addresses), np.nan), []
            for place in range(len(addresses)):
                name = jpype.JString(str(place))
                code = str(answer.getResponseCode(name))
                codes.append(code)
                if code == "OK":
                    value = answer.getPlcValue(name)
                    if value.isDouble() or value.isLong():
                        values[place] = float(value.getDouble())
                    elif value.isBoolean():
                        values[place] = float(value.getBoolean())
        except jpype.JException as error:
            raise PlcLost(_reason(error)) from error
        return values, codes

    def _timeout_timer(self) -> Any:
        """The driver's timer, a thread of its own: once the other side has closed, PLC4J no longer ends it itself."""
        wrapper = jpype.JClass("org.apache.plc4x.java.spi.Plc4xNettyWrapper").class_
        try:
            handler = self._connection.getChannel().pipeline().get(wrapper)
            if handler is None:
                return None
            field = wrapper.getDeclaredField("timeoutManager")
            field.setAccessible(True)
            return field.get(handler)
        except jpype.JException:
            return None

    def drop(self) -> None:
        """Let the connection go, healthy or not: Modbus at once, others within some seconds."""
        self._requests.clear()
        try:
            if self._timer is not None:
                self._timer.stop()
            if not self._modbus:
                # S7 would reconnect by itself for ever, and an OPC UA server keep the session.
                self._connection.close()
                return
            channel, protocol = self._connection.getChannel(), self._connection.getProtocol()
            if channel is not None:
                channel.close()
            protocol.close(None)
        except jpype.JException:
            # Already gone: after a reset its parts throw NullPointerException, and nothing is left to close.
            return


def _reason(error: Any) -> str:
    """The innermost Java exception as a few words."""
    cause = error
    while cause.getCause() is not None:
        cause = cause.getCause()
    name, message = str(cause.getClass().getSimpleName()), cause.getMessage()
    if name == "TimeoutException":
        return "no answer in time"
    return f"{name}: {message}" if message is not None else name
