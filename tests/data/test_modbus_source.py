from __future__ import annotations

import socket
import threading

import numpy as np
import pytest
from pymodbus import ModbusDeviceIdentification
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from contracts import names, plant
from contracts.modbus_address import parse_address
from contracts.plant import BadPlant
from contracts.quality import Quality
from contracts.sample import now_us
from data.live_store import LiveStore
from data.sources.modbus import ModbusSource
from data.sources.modbus_blocks import Point, plan
from tests.engines.broker import wait_until

HEAD = "kks,kind,role,low,high,raw_low,raw_high,plc,address,zone,scan_s,heartbeat_s\n"
SIGNALS = """\
10EGB11CL001XQ01,analog,level,0,18,,,plc1,holding-register:1:REAL,tanks,0.05,1
10EGB11CT001XQ01,analog,temperature,0,120,0,27648,plc1,holding-register:3:INT,tanks,0.05,1
10EGB11CP001XQ01,analog,pressure,0,10,,,plc1,holding-register:4:REAL,tanks,0.05,1
10EGC11AP001XB01,binary,running,0,1,,,plc1,holding-register:6:BOOL,tanks,0.05,1
10EGC11AP001XB02,binary,fault,0,1,,,plc1,holding-register:7:BOOL,tanks,0.05,1
10EGB12CL001XQ01,analog,level,0,18,,,plc1,holding-register:11:REAL,tanks,0.05,1
"""


def write_plant(folder, signals=SIGNALS, port=1, refinery="sim-m"):
    (folder / "plant.toml").write_text(
        f'[refinery]\nid = "{refinery}"\nheartbeat_s = 1\n[plc.plc1]\nconnection = "modbus-tcp://127.0.0.1:{port}"\n'
    )
    (folder / "signals.csv").write_text(HEAD + signals)
    return plant.load(folder)


def floats(*values):
    return np.array(values, ">f4").view(">u2").tolist()


class Plc:
    """A pymodbus server in a thread of its own; registers 1 to 8 exist, the others are refused."""

    def __init__(self, port, vendor=names.SIMULATOR_VENDOR):
        self._identity = ModbusDeviceIdentification(
            info_name={"VendorName": vendor, "ProductCode": names.SIMULATOR_PRODUCT_CODE}
        )
        self.registers = [*floats(12.5), 13824, *floats(99.0), 1, 2, 0]
        self._port = port
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._started.wait(10)

    def _run(self):
        import asyncio

        async def serve():
            self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
            device = SimDevice(1, [SimData(0, values=self.registers, datatype=DataType.REGISTERS)])
            server = ModbusTcpServer(device, identity=self._identity, address=("127.0.0.1", self._port))
            await server.serve_forever(background=True)
            self._started.set()
            await self._end.wait()
            await server.shutdown()

        asyncio.run(serve())

    def stop(self):
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def running(request, tmp_path, port):
    """A source on a PLC that is not there yet."""
    loaded = write_plant(tmp_path, port=port, refinery=getattr(request, "param", "sim-m"))
    store = LiveStore.create([signal.kks for signal in loaded.signals])
    source, stop = ModbusSource(loaded, store, {}), threading.Event()
    thread = threading.Thread(target=source.run, args=(stop,))
    thread.start()
    yield store, source
    stop.set()
    thread.join()
    store.close()
    store.unlink()


def test_values_are_scaled_and_judged_as_the_gateway_does(running, port):
    store, source = running
    plc = Plc(port)
    try:
        wait_until(lambda: store.source_state == "live" and store.sample(0).value is not None)
        snapshot = store.snapshot()
        assert snapshot.value[:5].tolist() == [12.5, 60.0, 99.0, 1.0, 0.0]
        assert snapshot.quality.tolist() == [192, 192, Quality.RANGE_EXCEEDED, 192, 192, Quality.CONFIGURATION_ERROR]
        assert np.isnan(snapshot.value[5])
        assert abs(now_us() - snapshot.time_us[0]) < 5e6
        assert "10EGB12CL001XQ01" in store.source_detail
        assert source.tally.events > 0
    finally:
        plc.stop()


def test_a_plc_that_goes_marks_its_tags_and_returns_by_itself(running, port):
    store, _source = running
    wait_until(lambda: store.source_state == "lost")
    assert store.source_detail == f"plc1 at 127.0.0.1:{port} does not answer"
    assert store.sample(0).quality == Quality.COMM_FAILURE
    plc = Plc(port)
    wait_until(lambda: store.source_state == "live")
    plc.stop()
    wait_until(lambda: store.source_state == "lost")
    assert store.sample(0)[::2] == (None, Quality.COMM_FAILURE)
    assert store.last_good(0).value == 12.5
    plc = Plc(port)
    wait_until(lambda: store.source_state == "live")
    assert store.sample(0).value == 12.5
    plc.stop()


@pytest.mark.parametrize(
    ("running", "vendor", "reason"),
    [
        ("sim-m", "Schneider Electric", "does not identify itself as its simulator; not read"),
        ("m", names.SIMULATOR_VENDOR, "is a simulator, but m has no sim- and is real; not read"),
    ],
    indirect=["running"],
)
def test_training_and_plant_never_meet_on_one_screen(running, port, vendor, reason):
    store, source = running
    wait_until(lambda: store.source_state == "lost")
    plc = Plc(port, vendor)
    try:
        wait_until(lambda: store.source_state == "failed" and store.sample(0).quality != Quality.COMM_FAILURE)
        assert reason in store.source_detail
        assert store.sample(0)[::2] == (None, Quality.CONFIGURATION_ERROR)
        assert source.tally.events == 0
    finally:
        plc.stop()


def test_a_clock_that_is_set_back_does_not_freeze_the_screen(running, port, monkeypatch):
    store, _source = running
    plc = Plc(port)
    try:
        wait_until(lambda: store.source_state == "live" and store.sample(0).value is not None)
        monkeypatch.setattr("data.sources.modbus.now_us", lambda: now_us() - 3_600_000_000)
        before = store.sample(0).time_us
        wait_until(lambda: store.sample(0).time_us > before + 3)
        assert store.sample(0).time_us - before < 1_000_000
    finally:
        plc.stop()


def test_blocks_keep_to_the_protocols_limits_and_leave_wide_gaps(tmp_path):
    addresses = [f"holding-register:{1 + 2 * n}:REAL" for n in range(200)] + ["holding-register:900:INT", "coil:1:BOOL"]
    signal = write_plant(tmp_path).signals[0]
    blocks = plan([Point(row, parse_address(text), signal) for row, text in enumerate(addresses)], "BIG_ENDIAN")
    assert [(block.bank, block.start, block.length) for block in blocks] == [
        ("coil", 0, 1),
        ("holding-register", 0, 124),
        ("holding-register", 124, 124),
        ("holding-register", 248, 124),
        ("holding-register", 372, 28),
        ("holding-register", 899, 1),
    ]


@pytest.mark.parametrize(
    ("order", "registers"),
    [
        ("BIG_ENDIAN", [0x4148, 0x0000]),
        ("LITTLE_ENDIAN", [0x0000, 0x4841]),
        ("BIG_ENDIAN_BYTE_SWAP", [0x4841, 0x0000]),
        ("LITTLE_ENDIAN_BYTE_SWAP", [0x0000, 0x4148]),
    ],
)
def test_every_byte_order_of_plc4x_is_read(tmp_path, order, registers):
    signal = write_plant(tmp_path).signals[0]
    (block,) = plan([Point(0, parse_address(signal.address), signal)], order)
    assert block.decode(registers)[0].tolist() == [12.5]


def test_not_a_number_is_a_sensor_failure_without_a_value(tmp_path):
    signal = write_plant(tmp_path).signals[0]
    (block,) = plan([Point(0, parse_address(signal.address), signal)], "BIG_ENDIAN")
    value, quality = block.decode(floats(np.nan))
    assert np.isnan(value[0])
    assert quality.tolist() == [Quality.SENSOR_FAILURE]


def test_an_unknown_plc_on_the_command_line_is_named(tmp_path):
    loaded = write_plant(tmp_path)
    store = LiveStore.create([signal.kks for signal in loaded.signals])
    with pytest.raises(BadPlant, match=r"plant.toml has no \[plc.plc9\], only plc1"):
        ModbusSource(loaded, store, {"plc9": "modbus-tcp://127.0.0.1:5020"})
    store.close()
    store.unlink()
