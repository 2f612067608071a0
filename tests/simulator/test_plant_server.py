"""The simulator over the wire, read and written by a real Modbus client."""

import asyncio
import contextlib
import io
import json
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from pymodbus.client import AsyncModbusTcpClient, ModbusTcpClient

from analysis.noise import left_noise_band
from contracts.modbus_address import parse_address, parse_connection
from contracts.names import SIMULATOR_PRODUCT_CODE, SIMULATOR_VENDOR
from contracts.plant import load
from contracts.sample import now_us
from contracts.signal_list import Signal
from simulator.plant_server import BadTrainingPlant, PlantServer
from tests.simulator import farm

FREE_PORTS = ("--port", "plc1=0", "--port", "plc2=0")
SIM_R1 = Path(__file__).parents[2] / "resources" / "plants" / "sim-r1"


@contextlib.asynccontextmanager
async def _served(server: PlantServer, plc: str):
    await server.start()
    place = parse_connection(server.connections[plc])
    client = AsyncModbusTcpClient(place.host, port=place.port, timeout=5, retries=0)
    try:
        assert await client.connect()
        yield client
    finally:
        client.close()
        await server.stop()


def _sim_r1(**options) -> PlantServer:
    return PlantServer(load(SIM_R1), {"plc1": 0, "plc2": 0}, **options)


def _real(words: list[int]) -> float:
    return struct.unpack(">f", struct.pack(">2H", *words))[0]


def test_every_signal_of_the_reference_plant_reads_back_what_the_model_says():
    """Each register and bit decoded by the signal list alone, on both PLCs, to half a step of its type."""

    async def scenario():
        plant = load(SIM_R1)
        server = _sim_r1()
        checked = 0
        for plc in plant.plcs:
            async with _served(server, plc) as client:
                for _ in range(10):
                    server.step()
                for index, signal in enumerate(plant.signals):
                    if signal.plc == plc:
                        step = max(1e-6 * signal.high, (signal.high - signal.low) / ((signal.raw_high or 1e9) * 2.0))
                        assert await _read(client, signal) == pytest.approx(server.values.now[index], abs=1.01 * step)
                        checked += 1
        assert checked == len(plant.signals)

    asyncio.run(scenario())


async def _read(client: AsyncModbusTcpClient, signal: Signal) -> float:
    address = parse_address(signal.address)
    if address.is_bit:
        read = client.read_coils if address.bank == "coil" else client.read_discrete_inputs
        return float((await read(address.offset, count=1)).bits[0])
    read = client.read_input_registers if address.bank == "input-register" else client.read_holding_registers
    words = (await read(address.offset, count=address.length)).registers
    (raw,) = struct.unpack(address.format, struct.pack(f">{len(words)}H", *words))
    if signal.raw_low is None or signal.raw_high is None:
        return float(raw)
    part = (raw - signal.raw_low) / (signal.raw_high - signal.raw_low)
    return signal.low + part * (signal.high - signal.low)


def test_it_says_by_device_identification_that_it_is_a_simulator():
    async def scenario():
        async with _served(_sim_r1(), "plc1") as client:
            answer = await client.read_device_information(read_code=1, object_id=0)
            assert answer.information[0] == SIMULATOR_VENDOR.encode()
            assert answer.information[1] == SIMULATOR_PRODUCT_CODE.encode()

    asyncio.run(scenario())


def test_a_command_reaches_the_model_and_a_setpoint_the_controller():
    async def scenario():
        server = _sim_r1()
        async with _served(server, "plc1") as tanks:
            assert (await tanks.read_coils(0, count=2)).bits[:2] == [True, True]
            assert not (await tanks.write_coils(0, [False, True])).isError()
        async with _served(server, "plc2") as pumps:
            assert not (await pumps.write_coils(0, [False, False])).isError()
            high, low = struct.unpack(">2H", struct.pack(">f", 900.0))
            assert not (await pumps.write_registers(0, [high, low])).isError()
        for _ in range(300):
            server.step()
        now = dict(zip((s.kks for s in load(SIM_R1).signals), server.values.now, strict=True))
        assert now["10EGC11AP001XB01"] == 0.0
        assert now["10EGC10CF001XQ01"] < 20.0
        assert now["10EGB11AA001XB02"] == 1.0, "the inlet valve has closed"
        assert now["10EGB11AA002XB01"] == 1.0
        assert now["10EGC10DF001XQ01"] == 900.0, "the schedule leaves an operator's setpoint alone"
        assert server.counters["writes"] == 3
        assert server.values.process.unsolved_steps == 0

    asyncio.run(scenario())


def test_a_write_out_of_range_or_not_allowed_is_refused_and_changes_nothing():
    async def scenario():
        server = _sim_r1()
        async with _served(server, "plc2") as client:
            high, low = struct.unpack(">2H", struct.pack(">f", 5000.0))
            assert (await client.write_registers(0, [high, low])).exception_code == 3
            assert (await client.write_register(0, 0x4489)).exception_code == 3
            assert (await client.write_coil(900, True)).exception_code == 2
            assert (await client.write_registers(100, [1])).exception_code == 2
            assert (await client.read_input_registers(100, count=2)).exception_code == 2
            assert _real((await client.read_holding_registers(0, count=2)).registers) == 1085.0
            assert server.counters["refused"] >= 2
            assert server.counters["writes"] == 0

    asyncio.run(scenario())


def test_a_plant_without_a_model_walks_within_its_limits_on_all_its_plcs(tmp_path):
    async def scenario():
        folder = farm.write(tmp_path, model=None)
        server = PlantServer(load(folder), {}, seed=3)
        async with _served(server, "plc2") as client:
            seen, previous = set(), server.values.now.copy()
            for _ in range(3000):
                server.step()
                now = server.values.now
                assert 0.0 <= now[0] <= 20.0
                assert -100.0 <= now[2] <= 3000.0
                assert abs(now[0] - previous[0]) < 0.5, "it walks, it does not jump"
                previous = now.copy()
                seen.add(round(float(now[0]), 1))
            assert len(seen) > 30
            unit7 = await client.read_input_registers(0, count=1, device_id=7)
            assert unit7.registers[0] * 3100 / 27648 - 100 == pytest.approx(server.values.now[2], abs=0.2)
            assert not (await client.write_coil(1, True, device_id=7)).isError()
            server.step()
            assert server.values.now[4] == 1.0
            assert "default-unit-identifier=7" in server.connections["plc2"]

    asyncio.run(scenario())


def test_the_same_seed_gives_the_same_plant_and_speed_zero_freezes_it():
    first, second, other = _sim_r1(seed=5), _sim_r1(seed=5), _sim_r1(seed=6)
    for server in (first, second, other):
        for _ in range(50):
            server.step()
    assert np.array_equal(first.values.now, second.values.now)
    assert not np.array_equal(first.values.now, other.values.now)
    frozen = _sim_r1(speed=0.0)
    before = frozen.values.now.copy()
    for _ in range(20):
        frozen.step()
    assert np.array_equal(before, frozen.values.now)


def test_speed_multiplies_the_process_time():
    plain, fast = _sim_r1(), _sim_r1(speed=20.0)
    start = plain.values.process.level_m()
    for _ in range(400):
        plain.step()
    for _ in range(20):
        fast.step()
    moved = plain.values.process.level_m() - start
    assert np.abs(moved).max() > 0.1
    assert fast.values.process.level_m() - start == pytest.approx(moved, abs=0.003)


def test_twenty_process_values_leave_their_noise_band_within_twenty_seconds_of_a_cold_start():
    """As the demo asks of thirty seconds: what is measured, not what a person or a controller sets."""
    server, plant = _sim_r1(), load(SIM_R1)
    seen = []
    for _ in range(40):
        for _ in range(5):
            server.step()
        seen.append(server.values.now.copy())
    history = np.array(seen)
    measured = [
        index
        for index, signal in enumerate(plant.signals)
        if signal.role in {"level", "flow", "pressure", "temperature", "power"}
    ]
    moved = [index for index in measured if left_noise_band(history[:, index], plant.signals[index].deadband)]
    assert len(moved) >= 20
    levels = [index for index in moved if plant.signals[index].role == "level"]
    assert len(levels) >= 6, "levels move in their last decimal"


@pytest.fixture(scope="module")
def half_an_hour():
    """Every second of thirty minutes of the reference plant, by signal."""
    server, plant = _sim_r1(speed=5.0), load(SIM_R1)
    seen = []
    for _ in range(3600):
        server.step()
        seen.append(server.values.now.copy())
    assert server.values.process.unsolved_steps == 0
    assert server.values.process.spilled_kg == 0.0
    return dict(zip((s.kks for s in plant.signals), np.array(seen).T, strict=True))


def test_naphtha_rises_past_its_high_limit_and_comes_back(half_an_hour):
    high = load(SIM_R1).by_kks["10EGB16CL001XQ01"].h
    over = half_an_hour["10EGB16CL001XQ01"] > high
    assert 0.02 < over.mean() < 0.4
    assert not over[-1] or not over[0]


def test_no_other_level_and_no_pressure_reaches_a_limit_by_itself(half_an_hour):
    for signal in load(SIM_R1).signals:
        if signal.role in {"level", "pressure"} and signal.kks != "10EGB16CL001XQ01":
            values = half_an_hour[signal.kks]
            assert signal.h is None or values.max() < signal.h, signal.kks
            assert signal.l is None or values.min() > signal.l, signal.kks


def test_pump_pairs_change_over_and_valves_travel(half_an_hour):
    for duty, standby in (("10EGC11", "10EGC12"), ("10EGC21", "10EGC22"), ("10EKH11", "10EKH12")):
        one, other = half_an_hour[f"{duty}AP001XB01"], half_an_hour[f"{standby}AP001XB01"]
        assert 0.1 < other.mean() < 0.9
        assert np.all(one + other >= 1.0), "the stand-by runs before the duty pump stops"
        assert half_an_hour[f"{duty}AP001XB02"].max() == 0.0
    travelled = [kks for kks, values in half_an_hour.items() if kks.endswith("XB02") and "AA00" in kks and values.std()]
    assert len(travelled) >= 8
    assert np.ptp(half_an_hour["10EGB12CL001XQ01"]) < 0.01, "a tank at rest"


def test_a_real_refinery_is_not_simulated(tmp_path):
    folder = farm.write(tmp_path, plant=farm.PLANT.replace("sim-farm", "r1"))
    with pytest.raises(BadTrainingPlant, match="begins with sim-"):
        PlantServer(load(folder), {})


def test_a_hundred_signals_take_less_than_a_twentieth_of_a_core(tmp_path):
    header, *rows = farm.SIGNALS.splitlines()
    rows += [
        f"10EGB{n:02d}CL9{n:02d}XQ01,analog,level,0,20,m,plc1,input-register:{100 + 2 * n}:REAL,farm,,,"
        for n in range(1, 96)
    ]
    sensors = "".join(f'10EGB{n:02d}CL9{n:02d}XQ01 = {{ reads = "line.flow_m3_h" }}\n' for n in range(1, 96))
    model = farm.MODEL.replace("[sensors]\n", "[sensors]\n" + sensors)
    folder = farm.write(tmp_path, model=model, signals="\n".join([header, *rows]) + "\n")
    server = PlantServer(load(folder), {})
    for _ in range(50):
        server.step()
    start = time.process_time()
    for _ in range(200):
        server.step()
    assert (time.process_time() - start) / 200 / 0.1 < 0.05


def _start(*arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "simulator", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=SIM_R1.parents[2],
        text=True,
    )


def test_the_process_reports_ports_and_counters_counts_ticks_and_ends_with_its_input():
    child = _start("--plant", str(SIM_R1), *FREE_PORTS, "--ticks", "--tick-hz", "50")
    try:
        reports = (json.loads(line) for line in child.stdout)
        ready = next(report for report in reports if report["state"] == "ready")
        place = parse_connection(ready["plcs"]["plc1"])
        client = ModbusTcpClient(place.host, port=place.port)
        assert client.connect()
        ticks, deadline = [], time.monotonic() + 10
        while len(set(ticks)) < 20 and time.monotonic() < deadline:
            words = client.read_input_registers(0, count=8).registers
            tick = int(_real(words[0:2]))
            assert words[2] == tick % 2**15
            assert words[6] == words[7] == tick
            assert _real(words[4:6]) == tick
            ticks.append(tick)
        assert ticks == sorted(ticks)
        assert len(set(ticks)) >= 20
        assert client.write_coil(0, True).exception_code == 2
        client.close()
        later = next(report for report in reports if report["steps"] > ready["steps"])
        assert later["reads"] >= len(ticks)
        child.stdin.close()
        assert child.wait(timeout=10) == 0
        assert child.stderr.read().count("Traceback") == 0
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
        child.stderr.close()


def test_each_answered_read_is_logged_with_the_tick_it_saw(tmp_path):
    async def scenario():
        log = io.StringIO()
        server = PlantServer(load(SIM_R1), {"plc1": 0, "plc2": 0}, tick_hz=10.0, read_log=log)
        began = now_us()
        async with _served(server, "plc1") as client:
            seen = []
            for _ in range(5):
                server.step()
                words = (await client.read_input_registers(2, count=4)).registers
                seen.append(words[0])
                await client.read_discrete_inputs(3, count=21)
            await client.read_coils(0, count=1)
            assert (await client.read_input_registers(9000, count=1)).isError()
        rows = [line.split(",") for line in log.getvalue().splitlines()]
        assert [row[1:] for row in rows] == [
            row
            for tick in seen
            for row in (
                ["plc1", "input-register", "2", "4", str(tick)],
                ["plc1", "discrete-input", "3", "21", str(tick)],
            )
        ] + [["plc1", "coil", "0", "1", str(seen[-1])]]
        times = [int(row[0]) for row in rows]
        assert times == sorted(times)
        assert began <= times[0] <= times[-1] <= now_us()

    asyncio.run(scenario())


def test_the_read_log_is_appended_to_while_it_runs(tmp_path):
    path = tmp_path / "reads.csv"
    path.write_text("an earlier run\n", encoding="ascii")
    child = _start("--plant", str(SIM_R1), *FREE_PORTS, "--ticks", "--log-reads", str(path))
    try:
        ready = next(report for report in map(json.loads, child.stdout) if report["state"] == "ready")
        place = parse_connection(ready["plcs"]["plc2"])
        client = ModbusTcpClient(place.host, port=place.port)
        assert client.connect()
        word = client.read_input_registers(4, count=2).registers
        client.close()
        first, line = path.read_text(encoding="ascii").splitlines()
        assert first == "an earlier run"
        assert line.split(",")[1:] == ["plc2", "input-register", "4", "2", str(int(_real(word)))]
        child.stdin.close()
        assert child.wait(timeout=10) == 0
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
        child.stderr.close()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--plant", "no-such-folder"), 2, "plant.toml: not found"),
        (("--plant", str(SIM_R1), "--port", "plc9=0"), 2, "has no PLC of that name"),
        (("--plant", str(SIM_R1), "--port", "plc1=x"), 2, "is not NAME=N"),
        (("--plant", str(SIM_R1), "--speed", "-1"), 2, "is not between 0 and 1000"),
        (("--plant", str(SIM_R1), "--log-reads", "reads.csv"), 2, "--log-reads needs --ticks"),
        (("--plant", str(SIM_R1), "--ticks", "--log-reads", "no-such-folder/reads.csv"), 2, "no-such-folder"),
    ],
)
def test_bad_usage_ends_with_one_sentence(arguments, code, said):
    child = _start(*arguments)
    _, errors = child.communicate(timeout=20)
    assert child.returncode == code
    assert said in errors
    assert "Traceback" not in errors


def test_a_taken_port_is_named():
    async def scenario():
        server = _sim_r1()
        async with _served(server, "plc1"):
            port = parse_connection(server.connections["plc1"]).port
            child = _start("--plant", str(SIM_R1), "--port", f"plc1={port}", "--port", "plc2=0")
            output, errors = await asyncio.to_thread(child.communicate, timeout=20)
            assert child.returncode == 1
            assert f"cannot listen on 127.0.0.1:{port}" in errors
            assert json.loads(output.splitlines()[-1])["state"] == "failed"

    asyncio.run(scenario())
