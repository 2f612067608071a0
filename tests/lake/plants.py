"""A small plant written to a folder, and its events."""

from __future__ import annotations

from pathlib import Path

from cloud.lake.judge import Record
from contracts.event import encode
from contracts.sample import Sample

LEVEL, PUMP, SLOW = "10EGB11CL001XQ01", "10EGC11AP001XB01", "10EGB11CT001XQ01"
HEARTBEAT_S = {LEVEL: 10.0, PUMP: 10.0, SLOW: 60.0}
TOPIC = "lake-test.tanks"


def write_plant(folder: Path, refinery: str = "lake-test", timezone: str = "Europe/Madrid") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plant.toml").write_text(
        f'[refinery]\nid = "{refinery}"\nname = "Test"\ntimezone = "{timezone}"\nheartbeat_s = 10\n'
        '[plc.p1]\nconnection = "modbus-tcp://127.0.0.1:1"\nscan_s = 1\n',
        encoding="utf-8",
    )
    header = "kks,kind,role,plc,address,zone,heartbeat_s\n"
    rows = [
        f"{LEVEL},analog,level,p1,input-register:1:REAL,tanks,10",
        f"{PUMP},binary,running,p1,discrete-input:1,tanks,10",
        f"{SLOW},analog,temperature,p1,input-register:3:REAL,tanks,60",
    ]
    (folder / "signals.csv").write_text(header + "\n".join(rows) + "\n", encoding="utf-8")
    return folder


def record(
    offset: int,
    ts_us: int,
    value: float | None = 1.0,
    kks: str = LEVEL,
    quality: int = 192,
    *,
    topic: str = TOPIC,
    partition: int = 0,
    arrived_us: int | None = None,
) -> Record:
    """A good record; it arrives a millisecond after its source time unless told otherwise."""
    arrived = ts_us + 1000 if arrived_us is None else arrived_us
    return Record(topic, partition, offset, arrived, kks.encode(), encode(kks, Sample(value, ts_us, quality)))
