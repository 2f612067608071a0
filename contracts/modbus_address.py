"""PLC4X's Modbus addresses (`input-register:13:REAL`, `4x00001:INT`) and the PLC's place on the network.

Gateway, desktop and simulator must agree on these to the register. Numbers count from 1, on the wire from 0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, get_args
from urllib.parse import parse_qsl, urlsplit

Bank = Literal["coil", "discrete-input", "input-register", "holding-register"]

TYPES: Final[dict[str, str]] = {
    "BOOL": ">H",
    "INT": ">h",
    "UINT": ">H",
    "WORD": ">H",
    "DINT": ">i",
    "UDINT": ">I",
    "DWORD": ">I",
    "LINT": ">q",
    "ULINT": ">Q",
    "REAL": ">f",
    "LREAL": ">d",
}
"""PLC4X type → `struct` format of its registers, big-endian. In coils and discrete inputs a BOOL is one bit."""

_SHORT: Final[dict[str, Bank]] = {
    "0": "coil",
    "1": "discrete-input",
    "3": "input-register",
    "4": "holding-register",
}
_ADDRESS: Final = re.compile(
    r"(?:(?P<bank>[a-z-]+):|(?P<short>[0134])x?(?=\d{4,5}\b))(?P<number>\d{1,5})(?::(?P<type>[A-Z]+))?"
)
_LAST: Final = 65_536


class BadAddress(ValueError):
    """An address or connection that is not Modbus as PLC4X writes it; says what is expected."""


@dataclass(frozen=True, slots=True)
class ModbusAddress:
    """One value's place in a device."""

    bank: Bank
    offset: int
    """As on the wire, from 0: registers, or bits in coils and discrete inputs."""
    type: str

    @property
    def is_bit(self) -> bool:
        """True for coils and discrete inputs."""
        return self.bank in {"coil", "discrete-input"}

    @property
    def format(self) -> str:
        """`struct` format of the registers."""
        return TYPES[self.type]

    @property
    def length(self) -> int:
        """How many registers (or bits) it takes."""
        return 1 if self.is_bit else {"h": 1, "i": 2, "f": 2, "q": 4, "d": 4}[self.format[1].lower()]


@dataclass(frozen=True, slots=True)
class ModbusConnection:
    """Where a device answers."""

    host: str
    port: int
    unit: int
    query: str
    """The connection string's options as written, without `?`."""


def parse_address(text: str) -> ModbusAddress:
    """The place `text` names; without a type a register holds an INT, as in PLC4X. Raises `BadAddress`."""
    match = _ADDRESS.fullmatch(text)
    bank = (match["bank"] or _SHORT[match["short"]]) if match else ""
    if match is None or bank not in get_args(Bank):
        raise BadAddress(f"{text!r} is not a Modbus address; expected e.g. input-register:1:REAL or coil:3:BOOL")
    is_bit = bank in {"coil", "discrete-input"}
    kind = match["type"] or ("BOOL" if is_bit else "INT")
    if kind not in TYPES or (is_bit and kind != "BOOL"):
        allowed = "BOOL" if is_bit else ", ".join(TYPES)
        raise BadAddress(f"{text!r}: type {kind} cannot be read from a {bank}; use {allowed}")
    address = ModbusAddress(bank, int(match["number"]) - 1, kind)  # type: ignore[arg-type]
    if address.offset < 0 or address.offset + address.length > _LAST:
        raise BadAddress(f"{text!r}: addresses run from 1 to {_LAST}")
    return address


def parse_connection(text: str) -> ModbusConnection:
    """Host, port and unit of `modbus-tcp://HOST[:PORT][?default-unit-identifier=N]`. Raises `BadAddress`."""
    try:
        parts = urlsplit(text.replace("modbus-tcp:tcp:", "modbus-tcp:", 1))
        port = 502 if parts.port is None else parts.port
        options = dict(parse_qsl(parts.query))
        unit = int(options.get("default-unit-identifier", options.get("unit-identifier", "1")))
    except ValueError as error:
        raise BadAddress(f"connection {text!r}: {error}") from error
    if parts.scheme != "modbus-tcp" or not parts.hostname:
        raise BadAddress(f"connection {text!r} is not Modbus TCP; expected e.g. modbus-tcp://127.0.0.1:5020")
    if not 0 <= unit <= 255:
        raise BadAddress(f"connection {text!r}: unit {unit} is not between 0 and 255")
    return ModbusConnection(parts.hostname, port, unit, parts.query)
