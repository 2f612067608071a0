"""What a PLC4X connection string says of the device, and whether it may be read: asked before PLC4X connects.

A PLC4J connection attempt to a device that does not answer leaks memory and threads.
"""

from __future__ import annotations

from typing import Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

from contracts import names
from runtime import modbus_identity
from runtime.modbus_identity import Unreachable

__all__ = ["Endpoint", "Unreachable", "endpoint", "refusal"]

_DEFAULT_PORTS: Final = {"modbus-tcp": 502, "opcua": 4840, "s7": 102, "s7-light": 102}


class Endpoint(NamedTuple):
    """What a PLC4X connection string says of the device."""

    scheme: str
    host: str
    port: int
    options: dict[str, str]

    @property
    def unit(self) -> int:
        """Modbus unit id."""
        return int(self.options.get("default-unit-identifier", "1"))


def endpoint(connection: str) -> Endpoint:
    """The parts of a connection string such as `modbus-tcp://10.0.0.7:502?request-timeout=1000`. Raises ValueError."""
    scheme, _, rest = connection.partition(":")
    # A transport may stand between scheme and host: `opcua:tcp://host`.
    parts = urlsplit(rest[rest.index("//") :] if "//" in rest else "")
    if not scheme or not parts.hostname:
        raise ValueError(f"connection {connection!r} names no host; expected e.g. modbus-tcp://10.0.0.7:502")
    port = parts.port or _DEFAULT_PORTS.get(scheme)
    if port is None:
        raise ValueError(f"connection {connection!r} names no port")
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return Endpoint(scheme, parts.hostname, port, options)


def refusal(refinery: str, plc: str, device: Endpoint, timeout_s: float) -> str | None:
    """Why `plc` must not be read for `refinery`, or None. Raises `Unreachable` if the device does not answer."""
    if device.scheme == "modbus-tcp":
        return modbus_identity.refusal(refinery, plc, device.host, device.port, device.unit, timeout_s)
    modbus_identity.connected(device.host, device.port, timeout_s).close()
    if names.is_training(refinery):
        return f"{plc}: {refinery} is a training plant; only by Modbus TCP can a device prove to be its simulator"
    return None
