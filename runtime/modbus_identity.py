"""Is a Modbus device there, and is it our simulator? Asked before anything else is read from it.

Training data never enter a real refinery's lake or screen, nor real data a training one. Two read-only requests over a
plain socket, because PLC4X has no client for function 43/14 (read device identification). Format: MODBUS Messaging on
TCP/IP 1.0b §3.1, MODBUS Application Protocol 1.1b3 §6.3 and §6.21.
"""

from __future__ import annotations

import socket
import struct
from typing import Final

from contracts import names

_MBAP: Final = struct.Struct(">HHHB")
_READ_HOLDING_REGISTER: Final = bytes((3, 0, 0, 0, 1))
_READ_IDENTIFICATION: Final = bytes((0x2B, 0x0E, 0x01, 0x00))
_LONGEST_PDU: Final = 253


class Unreachable(OSError):
    """A device that does not answer; the text says how."""


def refusal(refinery: str, plc: str, host: str, port: int, unit: int, timeout_s: float) -> str | None:
    """Why `plc` must not be read for `refinery`, or None. Raises `Unreachable` if the device does not answer.

    An id that begins with `sim-` needs a device that says it is our simulator, any other id a device that does not.
    """
    with connected(host, port, timeout_s) as link:
        _ask(link, unit, _READ_HOLDING_REGISTER)
        try:
            simulated = _is_simulator(_ask(link, unit, _READ_IDENTIFICATION))
        except Unreachable:
            # It answered a read a moment ago: a device that ignores functions it does not know is not our simulator.
            simulated = False
    where, training = f"{host}:{port}", names.is_training(refinery)
    if training and not simulated:
        return f"{plc}: {refinery} is a training plant, but {where} does not identify itself as its simulator; not read"
    if simulated and not training:
        return f"{plc}: {where} is a simulator, but {refinery} has no {names.TRAINING_PREFIX} and is real; not read"
    return None


def connected(host: str, port: int, timeout_s: float) -> socket.socket:
    """A connection that waits `timeout_s` for each answer. Raises `Unreachable`."""
    try:
        return socket.create_connection((host, port), timeout=timeout_s)
    except OSError as error:
        raise Unreachable(f"{host}:{port}: {error.strerror or error}") from error


def _ask(link: socket.socket, unit: int, request: bytes) -> bytes:
    """The answer's PDU (function code and data); an exception answer is an answer. Raises `Unreachable`."""
    try:
        link.sendall(_MBAP.pack(1, 0, len(request) + 1, unit) + request)
        head = _receive(link, _MBAP.size)
        _transaction, protocol, length, _unit = _MBAP.unpack(head or bytes(_MBAP.size))
        answer = _receive(link, length - 1) if protocol == 0 and 2 <= length <= _LONGEST_PDU + 1 else b""
    except TimeoutError as error:
        raise Unreachable("it connects, but does not answer a read") from error
    except OSError as error:
        raise Unreachable(f"it closed the connection ({error.strerror or error})") from error
    if not head:
        raise Unreachable("it closed the connection")
    if not answer:
        raise Unreachable("it answers, but not in Modbus TCP")
    return answer


def _receive(link: socket.socket, count: int) -> bytes:
    """`count` bytes, or none if the other side closes before."""
    data = b""
    while len(data) < count:
        piece = link.recv(count - len(data))
        if not piece:
            return b""
        data += piece
    return data


def _is_simulator(answer: bytes) -> bool:
    """Whether a 43/14 answer carries our vendor name (object 0) and product code (object 1)."""
    if len(answer) < 7 or answer[0] != _READ_IDENTIFICATION[0]:
        return False
    objects: dict[int, bytes] = {}
    place = 7
    for _ in range(answer[6]):
        if place + 2 > len(answer):
            return False
        number, length = answer[place], answer[place + 1]
        objects[number] = answer[place + 2 : place + 2 + length]
        place += 2 + length
    return objects.get(0) == names.SIMULATOR_VENDOR.encode() and objects.get(1) == names.SIMULATOR_PRODUCT_CODE.encode()
