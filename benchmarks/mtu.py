"""The gateway at its size: 5,000 tags over 20 devices at a 1 s scan, and 300 reconnects.

python -m benchmarks.mtu    (JSON to stdout)
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from tests.engines.broker import BrokerBox, wait_until
from tests.engines.mtu import MtuBox, write_plant
from tests.engines.plc import ModbusDevice


def run(devices: int = 20, tags: int = 250, seconds: float = 30.0, reconnects: int = 300) -> dict[str, Any]:
    """Figures of one run: every tag changes every second; then every device hangs up again and again."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        plcs = ModbusDevice(ports=devices)
        plcs.tell(churn=True)
        plant = write_plant(
            folder / "plant",
            "sim-bench",
            {f"plc{number}": connection for number, connection in enumerate(plcs.connections)},
            (
                {
                    "kks": f"10EGB{number:02d}CL{place:03d}XQ01",
                    "plc": f"plc{number}",
                    "address": f"holding-register:{2 * place + 1}:REAL",
                    "zone": f"zone-{number % 4}",
                    "high": 2000,
                }
                for number in range(devices)
                for place in range(tags)
            ),
        )
        broker = BrokerBox(folder / "broker", plant)
        mtu = MtuBox(plant, folder / "mtu", broker.bootstrap)
        try:
            mtu.wait_for("ready", 60)
            time.sleep(10)  # the JVM's just-in-time compiler settles
            first, began = mtu.last, len(mtu.reports)
            time.sleep(seconds)
            last = mtu.last
            polls = [ms for report in mtu.reports[began:] for ms in report["poll_ms"].values()]
            events = last["acked"] - first["acked"]
            polled = last["polled"] - first["polled"]
            cpu_s = last["cpu_s"] - first["cpu_s"]
            wall_s = len(mtu.reports[began:]) * 1.0
            _hang_up(plcs, mtu, reconnects)
            end = mtu.last
        finally:
            code = mtu.stop()
            broker.stop()
            plcs.stop()
    return {
        "tags": devices * tags,
        "devices": devices,
        "events_per_s": round(events / wall_s),
        "polled_per_s": round(polled / wall_s),
        "cpu_us_per_event": round(1e6 * cpu_s / events, 1),
        "cpu_share_of_a_core": round(cpu_s / wall_s, 3),
        "poll_ms_p50": round(median(polls), 1),
        "poll_ms_max": round(max(polls), 1),
        "late_polls": last["late"] - first["late"],
        "reconnects": end["reconnects"],
        "rss_mb_before": last["rss_mb"],
        "rss_mb_after_reconnects": end["rss_mb"],
        "dropped": end["dropped"],
        "exit_code": code,
    }


def _hang_up(plcs: ModbusDevice, mtu: MtuBox, reconnects: int) -> None:
    wanted = 0
    while wanted < reconnects:
        wanted = mtu.last["reconnects"] + len(plcs.ports)
        plcs.tell(hang_up=True)
        wait_until(lambda: mtu.last["reconnects"] >= wanted, 30)  # noqa: B023 - called before the next round


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(), indent=1) + "\n")
