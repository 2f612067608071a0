"""How a plant's Kafka is reached: the table `[kafka]` of plant.toml, checked, in the words of both clients.

[kafka]
bootstrap = "kafka1:9093,kafka2:9093"
security = "sasl_ssl"                # plaintext (default), ssl, sasl_plaintext, sasl_ssl
mechanism = "SCRAM-SHA-256"          # PLAIN, SCRAM-SHA-256, SCRAM-SHA-512
username = "sim-r1-viewer"
password_env = "SINOPTICO_KAFKA_PASSWORD"    # or password_file = "kafka.password"; never the password itself
ca_file = "ca.pem"
partitions = 3                       # of a new topic; never changed afterwards
replication = 3                      # default: what the cluster does by itself
retention_h = 72                     # at least 48
plc4x_topic = "ref1.telemetry"       # records of the stock PLC4X Kafka connector, where a plant already runs it

A person who knows none of this writes no table at all: that is a broker on this machine, unencrypted.

The broker that `demo` and `stack` start says so of itself in Kafka's own notation, `PLAINTEXT://127.0.0.1:PORT`.
Whoever is sent to such an address leaves the table's security, user, replication and plc4x_topic aside: they are those
of the plant's own Kafka, and no password is sent to another.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from contracts.plant import BadPlant, Plant

SECURITIES: Final = ("plaintext", "ssl", "sasl_plaintext", "sasl_ssl")
MECHANISMS: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
PLAIN: Final = "PLAINTEXT://"
"""Before `host:port`: a broker without security, whatever the table says."""
LEAST_RETENTION_H: Final = 48
"""History's open days are read back from Kafka until the daily load has run, which may fail once."""

KEYS: Final = frozenset(
    {
        "bootstrap",
        "security",
        "mechanism",
        "username",
        "password_env",
        "password_file",
        "ca_file",
        "partitions",
        "replication",
        "retention_h",
        "plc4x_topic",
    }
)


@dataclass(frozen=True)
class KafkaSettings:
    """A checked `[kafka]` table."""

    bootstrap: str
    """`host:port,…`; empty where the table names none, and the command line must."""
    security: str
    mechanism: str
    username: str
    password: str
    ca_file: Path | None
    partitions: int
    replication: int | None
    retention_h: float
    plc4x_topic: str
    """Where the stock PLC4X connector writes; empty where the gateway polls all devices itself."""

    def for_kafka_python(self) -> dict[str, Any]:
        """Security as kafka-python's keyword arguments."""
        arguments: dict[str, Any] = {"security_protocol": self.security.upper()}
        if self.ca_file:
            arguments["ssl_cafile"] = str(self.ca_file)
        if self.security.startswith("sasl"):
            arguments |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
            }
        return arguments

    def for_librdkafka(self) -> dict[str, str]:
        """Security as librdkafka's (confluent-kafka's) configuration."""
        configuration = {"security.protocol": self.security}
        if self.ca_file:
            configuration["ssl.ca.location"] = str(self.ca_file)
        if self.security.startswith("sasl"):
            configuration |= {
                "sasl.mechanism": self.mechanism,
                "sasl.username": self.username,
                "sasl.password": self.password,
            }
        return configuration


def reached(plants: Iterable[Plant], bootstrap: str = "") -> KafkaSettings:
    """How one client reaches the Kafka of all `plants`; `bootstrap` replaces the tables' own. Raises `BadPlant`."""
    first, *others = plants
    settings = of(first, bootstrap)
    if not settings.bootstrap:
        raise BadPlant(f"{first.folder / 'plant.toml'}: [kafka] names no bootstrap; give --bootstrap H:P")
    for other in others:
        its = of(other, bootstrap)
        if (its.bootstrap, its.for_librdkafka()) != (settings.bootstrap, settings.for_librdkafka()):
            raise BadPlant(f"the [kafka] tables of {first.folder} and {other.folder} differ; run one process for each")
    return settings


def of(plant: Plant, bootstrap: str = "") -> KafkaSettings:
    """The plant's settings, at `bootstrap` where the command line gives one. Raises `BadPlant`."""
    table = plant.services.get("kafka", {})
    where = f"{plant.folder / 'plant.toml'}, [kafka]"
    unknown = sorted(set(table) - KEYS)
    if unknown:
        raise BadPlant(f"{where}: {unknown[0]} is not known; use {', '.join(sorted(KEYS))}")
    security = str(table.get("security", "plaintext"))
    if security not in SECURITIES:
        raise BadPlant(f"{where}: security {security!r} is not one of {', '.join(SECURITIES)}")
    mechanism = str(table.get("mechanism", "SCRAM-SHA-256"))
    if mechanism not in MECHANISMS:
        raise BadPlant(f"{where}: mechanism {mechanism!r} is not one of {', '.join(MECHANISMS)}")
    username = str(table.get("username", ""))
    if security.startswith("sasl") and not username:
        raise BadPlant(f"{where}: security {security} needs a username")
    ca_file = table.get("ca_file")
    replication = table.get("replication")
    retention_h = _number(table, "retention_h", LEAST_RETENTION_H, LEAST_RETENTION_H, where)
    plain = bootstrap.startswith(PLAIN)
    settings = KafkaSettings(
        bootstrap=bootstrap.removeprefix(PLAIN) or str(table.get("bootstrap", "")),
        security=security,
        mechanism=mechanism,
        username=username,
        password=_password(plant.folder, table, where) if security.startswith("sasl") and not plain else "",
        ca_file=plant.folder / str(ca_file) if ca_file else None,
        partitions=int(_number(table, "partitions", 3, 1, where)),
        replication=None if replication is None else int(_number(table, "replication", 1, 1, where)),
        retention_h=retention_h,
        plc4x_topic=str(table.get("plc4x_topic", "")),
    )
    if plain:
        return replace(settings, security="plaintext", username="", ca_file=None, replication=None, plc4x_topic="")
    return settings


def _number(table: Any, key: str, default: float, least: float, where: str) -> float:
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value < math.inf:
        raise BadPlant(f"{where}: {key} = {value!r}; it must be a number and at least {least:g}")
    return float(value)


def _password(folder: Path, table: Any, where: str) -> str:
    if variable := table.get("password_env"):
        password = os.environ.get(str(variable), "")
        if not password:
            raise BadPlant(f"{where}: the environment variable {variable} holds no password")
        return password
    if file := table.get("password_file"):
        try:
            return (folder / str(file)).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadPlant(f"{where}: password_file {folder / str(file)} cannot be read: {error}") from error
    raise BadPlant(f"{where}: give password_env or password_file")
