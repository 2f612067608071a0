"""The gateway with real PLC4J drivers, a real Modbus server and a real broker."""

from __future__ import annotations

import itertools
import math
import time
from pathlib import Path

import pytest
from kafka.partitioner.default import murmur2

from contracts import plant as plants
from tests.engines.broker import BrokerBox, wait_until
from tests.engines.events import Listener
from tests.engines.mtu import MtuBox, write_plant
from tests.engines.plc import SIMULATOR, ModbusDevice

pytestmark = pytest.mark.engine

SCAN_S = 1.0


def tag(number: int, plc: str = "plc1") -> str:
    return f"10EGB{plc[-1:]}1CL{number:03d}XQ01"


def signal(number: int, address: str, plc: str = "plc1", **more: object) -> dict[str, object]:
    return {"kks": tag(number, plc), "address": address, "plc": plc, **more}


@pytest.fixture
def device():
    device = ModbusDevice()
    yield device
    device.stop()


class Chain:
    """A plant's topics, its gateway and a listener, stopped together."""

    def __init__(self, broker: BrokerBox, plant: Path, state: Path, *arguments: str) -> None:
        broker.add_topics(plant)
        self.mtu = MtuBox(plant, state, broker.bootstrap, *arguments)
        self.events = Listener(broker.bootstrap, plants.load(plant).topics)

    def wait_newest(self, kks: str, quality: int, within_s: float = 20.0) -> None:
        try:
            wait_until(lambda: (newest := self.events.newest(kks)) is not None and newest.q == quality, within_s)
        except TimeoutError:
            raise AssertionError(f"{self.events.newest(kks)}, {self.mtu.last}, {self.mtu.log}") from None

    def close(self) -> int:
        code = self.mtu.stop()
        self.events.close()
        return code


def test_each_signal_becomes_events_and_a_bad_address_harms_only_its_own_tag(broker, device, tmp_path):
    device.set_real(1, 1.5, 2.3, math.nan, math.inf)
    device.tell(
        set=[["h", 8, [12000, 21000, 65533]], ["c", 4, [1, 0]], ["d", 0, [1]], ["i", 99, [0x0000, 0x41CC]]],
        bad=[["h", 19], ["h", 700]],
    )
    plant = write_plant(
        tmp_path / "plant",
        "sim-values",
        {"plc1": "modbus-tcp://127.0.0.1:1"},
        [
            signal(1, "holding-register:1:REAL", zone="crude"),
            signal(2, "holding-register:3:REAL", low=0, high=20),
            signal(3, "holding-register:5:REAL"),
            signal(4, "holding-register:7:REAL"),
            signal(5, "holding-register:9:UINT", low=0, high=12.5, raw_low=4000, raw_high=20000),
            signal(6, "holding-register:10:UINT", low=0, high=12.5, raw_low=4000, raw_high=20000),
            signal(7, "400011:INT"),
            signal(8, "coil:5", kind="binary"),
            signal(9, "coil:6", kind="binary"),
            signal(10, "discrete-input:1", kind="binary"),
            signal(11, "input-register:100:REAL{byte-order: 'LITTLE_ENDIAN_BYTE_SWAP'}"),
            signal(12, "holding-register:19:REAL"),
            signal(13, "holding-register:20:INT"),
            signal(14, "holding-register:21:REAL"),
            signal(15, "holding-register:701:REAL"),
            signal(16, "holding-register:1:STRING[4]"),
            signal(17, "nonsense"),
            signal(18, "holding-register:1:REAL[2]"),
        ],
    )
    chain = Chain(broker, plant, tmp_path / "state", "--plc", f"plc1={device.connection}")
    try:
        chain.mtu.wait_for("ready")
        wait_until(lambda: len(chain.events.by_kks) == 18)
        newest = {number: chain.events.newest(tag(number)) for number in range(1, 19)}
        found = chain.events.by_kks[tag(1)][0]
        state = chain.mtu.last["plcs"]["plc1"]
    finally:
        code = chain.close()
    float32 = 2.299999952316284
    expected = {
        1: (1.5, 192),
        2: (float32, 192),
        3: (None, 16),
        4: (None, 16),
        5: (6.25, 192),
        6: (13.28125, 84),
        7: (-3.0, 192),
        8: (1.0, 192),
        9: (0.0, 192),
        10: (1.0, 192),
        11: (25.5, 192),
        12: (None, 4),
        13: (None, 4),
        14: (0.0, 192),
        15: (None, 4),
        16: (None, 4),
        17: (None, 4),
        18: (None, 4),
    }
    assert {number: (each.v, each.q) for number, each in newest.items() if each} == expected
    assert code == 0
    assert found.key == tag(1).encode()
    assert found.headers == [("v", b"1")]
    assert found.time_ms == found.event.ts // 1000
    assert abs(found.event.ts / 1e6 - time.time()) < 60
    assert found.partition == (murmur2(found.key) & 0x7FFFFFFF) % 3
    assert state == "good, but 6 of 18 addresses cannot be read"
    told = "".join(chain.mtu.log)
    assert "'nonsense' is not a PLC4X Modbus address" in told
    assert f"refuses {tag(12)} (holding-register:19:REAL: INVALID_ADDRESS)" in told
    assert "Traceback" not in told


def test_a_lost_plc_is_bad_within_two_scans_and_good_two_seconds_after_its_return(broker, tmp_path):
    lost, slow = ModbusDevice(), ModbusDevice()
    slow.tell(churn=True, delay_s=0.3)
    plant = write_plant(
        tmp_path / "plant",
        "sim-lost",
        {"plc1": lost.connection, "plc2": slow.connection},
        [
            *(signal(number, f"holding-register:{2 * number}:REAL", heartbeat_s=60) for number in range(1, 101)),
            *(signal(number, f"holding-register:{2 * number}:REAL", "plc2", high=2000) for number in (1, 2, 200)),
        ],
    )
    chain = Chain(broker, plant, tmp_path / "state")

    def seconds_until(quality: int) -> float:
        started = time.time()
        for number in (1, 100):
            chain.wait_newest(tag(number), quality, 10)
        return max(chain.events.newest(tag(number)).ts for number in (1, 100)) / 1e6 - started

    try:
        chain.mtu.wait_for("ready")
        chain.wait_newest(tag(100), 192)
        lost.freeze()
        assert seconds_until(24) <= 2 * SCAN_S + 0.3
        wait_until(lambda: chain.mtu.last["state"] == "degraded")
        assert "plc1 is lost" in chain.mtu.last["detail"]
        lost.thaw()
        assert seconds_until(192) <= 2.0
        lost.kill()
        assert seconds_until(24) <= 2 * SCAN_S + 0.3
        wait_until(lambda: "plc1 is lost" in chain.mtu.last["plcs"]["plc1"])
        lost.start()
        assert seconds_until(192) <= 2.0
        chain.mtu.wait_for("ready")
        slow_scans = [found.event for found in chain.events.by_kks[tag(200, "plc2")]]
        history = [(found.event.v, found.event.q) for found in chain.events.by_kks[tag(50)]]
    finally:
        code = chain.close()
        lost.stop()
        slow.stop()
    assert code == 0
    assert {event.q for event in slow_scans} == {192}
    gaps_s = [(later.ts - earlier.ts) / 1e6 for earlier, later in itertools.pairwise(slow_scans)]
    assert max(gaps_s) < 1.9, "a frozen device held up another one"
    assert history.count((None, 24)) == 2, "one event a tag and outage"


def test_a_simulator_and_a_real_plant_never_meet(broker, device, tmp_path):
    stranger = ModbusDevice("Schneider Electric/TSXETY4102")
    plant = write_plant(
        tmp_path / "plant",
        "sim-strict",
        {"plc1": device.connection, "plc2": stranger.connection},
        [signal(1, "holding-register:1:REAL"), signal(1, "holding-register:1:REAL", "plc2")],
    )
    real = write_plant(tmp_path / "real", "strict", {"plc1": device.connection}, [signal(1, "holding-register:1:REAL")])
    chain, real_chain = (
        Chain(broker, plant, tmp_path / "state"),
        Chain(broker, real, tmp_path / "real-state"),
    )
    try:
        chain.wait_newest(tag(1), 192)
        chain.wait_newest(tag(1, "plc2"), 4)
        real_chain.wait_newest(tag(1), 4)
        real_chain.mtu.wait_for("degraded")
        assert "is a simulator" in real_chain.mtu.last["detail"]
        assert {found.event.v for found in real_chain.events.by_kks[tag(1)]} == {None}
        assert "does not identify itself" in chain.mtu.last["plcs"]["plc2"]
    finally:
        chain.close()
        real_chain.close()
        stranger.stop()


def test_kafka_gone_and_the_gateway_killed_meanwhile_loses_nothing_and_keeps_the_order(tmp_path):
    device = ModbusDevice(SIMULATOR)
    device.tell(churn=True)
    numbers = range(1, 51)
    plant = write_plant(
        tmp_path / "plant",
        "sim-gone",
        {"plc1": device.connection},
        [signal(number, f"holding-register:{2 * number - 1}:REAL", scan_s=0.2, high=2000) for number in numbers],
    )
    broker = BrokerBox(tmp_path / "broker", plant)
    port = int(broker.bootstrap.rsplit(":", 1)[1])
    mtu = MtuBox(plant, tmp_path / "state", broker.bootstrap)
    try:
        mtu.wait_for("ready")
        wait_until(lambda: mtu.last["acked"] >= 100)
        broker.stop()
        wait_until(lambda: mtu.last["buffered"] >= 60)
        mtu.wait_for("degraded")
        assert "Kafka" in mtu.last["detail"]
        assert "buffered" in mtu.last["detail"]
        mtu.kill()
        mtu = MtuBox(plant, tmp_path / "state", broker.bootstrap)
        wait_until(lambda: mtu.last.get("buffered", 0) >= 120, 30)
        broker = BrokerBox(tmp_path / "broker", plant, port=port)
        events = Listener(broker.bootstrap, ("sim-gone.tanks",))
        mtu.wait_for("ready", 60)
        wait_until(lambda: mtu.last["buffered"] == 0, 30)
        newest = {number: max(f.event.ts for f in events.by_kks[tag(number)]) for number in numbers}
        wait_until(lambda: all(events.newest(tag(number)).ts >= newest[number] for number in numbers))
        dropped = mtu.last["dropped"]
        assert mtu.stop() == 0
        events.close()
    finally:
        mtu.process.kill()
        broker.stop()
        device.stop()
    assert dropped == 0
    for number in numbers:
        found = events.by_kks[tag(number)]
        unique = dict.fromkeys(each.value for each in found)
        assert len({each.event.ts for each in found}) == len(unique), "a repeat is the same bytes"
        times = [each.event.ts for each in found]
        firsts = list(dict.fromkeys(times))
        assert firsts == sorted(firsts)
        values = list(dict.fromkeys(each.event.v for each in found if each.event.v is not None))
        # The device counts seconds; the gateway was dead for a few between the kill and its next first poll.
        # It counts to 999 and begins anew.
        steps = [(later - earlier) % 1000 for earlier, later in itertools.pairwise(values)]
        assert sum(step != 1 for step in steps) <= 1, f"a gap besides the restart: {values}"


def test_a_plant_that_cannot_be_read_ends_with_one_sentence(tmp_path):
    mtu = MtuBox(tmp_path / "nowhere", tmp_path / "state", "127.0.0.1:1")
    assert mtu.stop() == 2
    assert mtu.last["state"] == "failed"
    assert "plant.toml: not found" in mtu.last["detail"]
    assert "Traceback" not in "".join(mtu.log)


@pytest.mark.parametrize(
    ("connection", "says"),
    [
        ("modbus-tcp", "names no host"),
        ("modbus-tcp://127.0.0.1:1?default-payload-byte-order=MIDDLE", "is not one of BIG_ENDIAN"),
    ],
)
def test_a_connection_that_makes_no_sense_ends_with_one_sentence(tmp_path, connection, says):
    plant = write_plant(tmp_path, "sim-x", {"plc1": connection}, [signal(1, "holding-register:1:REAL")])
    mtu = MtuBox(plant, tmp_path / "state", "127.0.0.1:1")
    mtu.process.wait(30)
    assert mtu.stop() == 2
    assert says in mtu.last["detail"]
    assert "Traceback" not in "".join(mtu.log)
