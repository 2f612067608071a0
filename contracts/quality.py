"""How far a value may be trusted: OPC DA quality codes, and what the PLC's answer means in them.

Codes: OPC Data Access 3.00 §6.8 (quality byte QQSSSSLL; the two limit bits are masked away here).
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class Quality(IntEnum):
    """The OPC DA codes this product uses."""

    BAD = 0
    CONFIGURATION_ERROR = 4
    NOT_CONNECTED = 8
    DEVICE_FAILURE = 12
    SENSOR_FAILURE = 16
    LAST_KNOWN = 20
    COMM_FAILURE = 24
    OUT_OF_SERVICE = 28
    WAITING = 32
    UNCERTAIN = 64
    LAST_USABLE = 68
    SENSOR_NOT_ACCURATE = 80
    RANGE_EXCEEDED = 84
    SUB_NORMAL = 88
    GOOD = 192
    LOCAL_OVERRIDE = 216


_LIMIT_BITS: Final = 0b11


def is_good(code: int) -> bool:
    """True for every code of the Good class (192 and above)."""
    return code & 0xC0 == 0xC0


def is_uncertain(code: int) -> bool:
    """True for every code of the Uncertain class (64 to 127)."""
    return code & 0xC0 == 0x40


def is_bad(code: int) -> bool:
    """True for every code of the Bad class (0 to 63)."""
    return code & 0xC0 == 0


def known(code: int) -> Quality:
    """The named code behind `code`: limit bits dropped, an unknown sub-status becomes its class."""
    try:
        return Quality(code & ~_LIMIT_BITS & 0xFF)
    except ValueError:
        return Quality.GOOD if is_good(code) else Quality.UNCERTAIN if is_uncertain(code) else Quality.BAD


PLC_RESPONSE_QUALITY: Final[dict[str, Quality]] = {
    "OK": Quality.GOOD,
    "NOT_FOUND": Quality.CONFIGURATION_ERROR,
    "ACCESS_DENIED": Quality.CONFIGURATION_ERROR,
    "INVALID_ADDRESS": Quality.CONFIGURATION_ERROR,
    "INVALID_DATATYPE": Quality.CONFIGURATION_ERROR,
    "INVALID_DATA": Quality.SENSOR_FAILURE,
    "UNSUPPORTED": Quality.CONFIGURATION_ERROR,
    "INTERNAL_ERROR": Quality.DEVICE_FAILURE,
    "REMOTE_BUSY": Quality.COMM_FAILURE,
    "REMOTE_ERROR": Quality.DEVICE_FAILURE,
    "RESPONSE_PENDING": Quality.WAITING,
}
"""PLC4X `PlcResponseCode` → quality. A code missing here is COMM_FAILURE; a time-out or a lost connection too."""
