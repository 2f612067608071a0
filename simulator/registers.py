"""A device's memory: signals in engineering units on one side, Modbus registers and bits on the other.

Registers are big-endian, as PLC4X reads them by default. A signal with raw_low and raw_high is scaled between them.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from contracts.modbus_address import Bank, ModbusAddress, parse_address
from contracts.signal_list import Signal

Floats = NDArray[np.float64]

_INTEGER_LIMITS: Final[dict[str, tuple[int, int]]] = {
    "h": (-(2**15), 2**15 - 1),
    "H": (0, 2**16 - 1),
    "i": (-(2**31), 2**31 - 1),
    "I": (0, 2**32 - 1),
    "q": (-(2**63), 2**63 - 1),
    "Q": (0, 2**64 - 1),
}
TICK_MODULUS: Final[dict[str, int]] = {"h": 2**15, "H": 2**16, "i": 2**31, "I": 2**32, "q": 2**53, "Q": 2**53} | {
    "f": 2**24,
    "d": 2**53,
}
"""Counts from 0 up to here are exact in a register of that format (and, for the long ones, in a float64)."""


class BadRegisters(ValueError):
    """Signals that cannot share a device's memory; says which and why."""


class RefusedWrite(Exception):
    """A write the device refuses. `illegal_value` tells exception 3 from exception 2."""

    def __init__(self, reason: str, *, illegal_value: bool) -> None:
        super().__init__(reason)
        self.illegal_value = illegal_value


class Registers:
    """The memory of one device. `store` fills it; `words` and `bits` are what a client reads."""

    def __init__(self, signals: Sequence[Signal]) -> None:
        self.signals = tuple(signals)
        self.addresses = tuple(_address(signal) for signal in signals)
        self._at: dict[tuple[Bank, int], int] = {}
        for index, address in enumerate(self.addresses):
            for offset in range(address.offset, address.offset + address.length):
                other = self._at.setdefault((address.bank, offset), index)
                if other != index:
                    raise BadRegisters(
                        f"{signals[index].kks} at {signals[index].address} overlaps {signals[other].kks} "
                        f"at {signals[other].address}; give each signal its own registers"
                    )
        self.memory: dict[Bank, list[int]] = {
            bank: [0] * max((a.offset + a.length for a in self.addresses if a.bank == bank), default=0)
            for bank in ("coil", "discrete-input", "input-register", "holding-register")
        }
        self._groups = self._grouped()
        low = np.array([signal.low for signal in signals])
        span = np.array([signal.high for signal in signals]) - low
        scaled = np.array([signal.raw_low is not None for signal in signals], dtype=bool)
        raw_low = np.array([signal.raw_low or 0.0 for signal in signals])
        raw_span = np.array([signal.raw_high or 0.0 for signal in signals]) - raw_low
        self._gain = np.where(scaled, raw_span / span, 1.0)
        self._offset = np.where(scaled, raw_low - low * raw_span / span, 0.0)

    def _grouped(self) -> list[tuple[Bank, str, list[int], NDArray[np.intp]]]:
        """Signals of one bank and format together: bank, format, first registers' order, signal indices."""
        groups: dict[tuple[Bank, str], list[int]] = {}
        for index, address in enumerate(self.addresses):
            groups.setdefault((address.bank, "bit" if address.is_bit else address.format), []).append(index)
        return [
            (bank, code, [self.addresses[index].offset for index in members], np.array(members, dtype=np.intp))
            for (bank, code), members in groups.items()
        ]

    def store(self, values: Floats) -> None:
        """Write engineering `values`, one a signal, into memory: scaled, rounded and held at the type's limits.

        A value that is not finite stays NaN in a REAL or LREAL (a broken sensor) and leaves other types as they are.
        """
        self._store_raw(values * self._gain + self._offset)

    def store_tick(self, tick: int) -> None:
        """Write the same counter into every signal, reduced to what its type holds exactly (a bit: odd or even)."""
        raw = np.empty(len(self.signals))
        for _, code, _, members in self._groups:
            raw[members] = tick % (2 if code == "bit" else TICK_MODULUS[code[1]])
        self._store_raw(raw)

    def _store_raw(self, raw: Floats) -> None:
        for bank, code, offsets, members in self._groups:
            memory, part = self.memory[bank], raw[members]
            if code == "bit":
                for offset, on in zip(offsets, (part >= 0.5).tolist(), strict=True):
                    memory[offset] = int(on)
                continue
            width = struct.calcsize(code) // 2
            known = np.isfinite(part)
            words = _encoded(code, np.where(known, part, 0.0) if code[1] not in "fd" else part, width)
            for offset, row, good in zip(offsets, words.tolist(), known.tolist(), strict=True):
                if good or code[1] in "fd":
                    memory[offset : offset + width] = row

    def accept(self, bank: Bank, offset: int, written: Sequence[int]) -> dict[int, float]:
        """What a client's write of `written` registers or bits means: signal index → engineering value.

        Raises `RefusedWrite` if a signal is not writable, is written in part, or leaves low..high.
        """
        accepted: dict[int, float] = {}
        place, end = offset, offset + len(written)
        while place < end:
            index = self._at.get((bank, place))
            if index is None:
                raise RefusedWrite(f"nothing at {bank} {place + 1}", illegal_value=False)
            signal, address = self.signals[index], self.addresses[index]
            if not signal.writable:
                raise RefusedWrite(f"{signal.kks} is not writable", illegal_value=False)
            if address.offset < place or address.offset + address.length > end:
                raise RefusedWrite(f"{signal.kks} is written in part", illegal_value=True)
            first = address.offset - offset
            value = self._value(index, written[first : first + address.length])
            # A float32 or a scaled integer rarely meets a limit to the last digit.
            slack = 1e-6 * (signal.high - signal.low)
            if not signal.low - slack <= value <= signal.high + slack:
                raise RefusedWrite(
                    f"{signal.kks}: {value:g} is outside {signal.low:g}..{signal.high:g}", illegal_value=True
                )
            accepted[index] = min(max(value, signal.low), signal.high)
            place = address.offset + address.length
        return accepted

    def _value(self, index: int, words: Sequence[int]) -> float:
        address = self.addresses[index]
        if address.is_bit:
            return float(words[0])
        (raw,) = struct.unpack(address.format, struct.pack(f">{len(words)}H", *words))
        value = (raw - self._offset[index]) / self._gain[index]
        return float(value) if math.isfinite(value) else math.nan


def _address(signal: Signal) -> ModbusAddress:
    try:
        return parse_address(signal.address)
    except ValueError as error:
        raise BadRegisters(f"{signal.kks}: {error}") from error


def _encoded(code: str, raw: Floats, width: int) -> NDArray[np.uint16]:
    """`raw` as rows of `width` big-endian registers."""
    if code[1] in _INTEGER_LIMITS:
        low, high = _INTEGER_LIMITS[code[1]]
        # A float64 cannot hold 2**63-1: clip below it, or the cast wraps round.
        top = np.nextafter(float(high), 0.0) if float(high) > high else float(high)
        raw = np.clip(np.rint(raw), float(low), top)
    kind = {"h": ">i2", "H": ">u2", "i": ">i4", "I": ">u4", "q": ">i8", "Q": ">u8", "f": ">f4", "d": ">f8"}[code[1]]
    return raw.astype(kind).view(">u2").reshape(-1, width)
