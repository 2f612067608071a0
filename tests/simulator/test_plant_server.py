"""The simulator over the wire, read and written by a real Modbus client."""

import asyncio
import contextlib
import json
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from pymodbus.client import AsyncModbusTcpClient, ModbusTcpClient

from contracts.modbus_address import parse_connection
from contracts.names import SIMULATOR_PRODUCT_CODE, SIMULATOR_VENDOR
from contracts.plant import load
from simulator.plant_server import BadTrainingPlant, PlantServer
from tests.simulator import farm

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
    async def scenario():
        server = _sim_r1()
        async with _served(server, "plc1") as client:
            for _ in range(10):
                server.step()
            values = dict(zip((s.kks for s in load(SIM_R1).signals), server.values.now, strict=True))
            inputs = (await client.read_input_registers(0, count=16)).registers
            assert _real(inputs[0:2]) == pytest.approx(values["10EGB11CL001XQ01"], abs=1e-5)
            assert inputs[2] * 100 / 27648 == pytest.approx(values["10EGB11CT001XQ01"], abs=0.01)
            assert _real(inputs[10:12]) == pytest.approx(values["10EGC11CP001XQ01"], abs=1e-5)
            discrete = (await client.read_discrete_inputs(0, count=6)).bits[:6]
            assert discrete == [True, False, True, False, True, False]
            coils = (await client.read_coils(0, count=3)).bits[:3]
            assert coils == [True, True, True]
            holding = (await client.read_holding_registers(0, count=5)).registers
            assert _real(holding[0:2]) == 1085.0
            assert holding[4] == 1

    asyncio.run(scenario())


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
        async with _served(server, "plc1") as client:
            assert not (await client.write_coil(2, False)).isError()
            assert (await client.read_coils(0, count=3)).bits[:3] == [True, True, False]
            assert not (await client.write_coils(0, [False, True])).isError()
            high, low = struct.unpack(">2H", struct.pack(">f", 900.0))
            assert not (await client.write_registers(0, [high, low])).isError()
            for _ in range(300):
                server.step()
            signals = [s.kks for s in load(SIM_R1).signals]
            now = dict(zip(signals, server.values.now, strict=True))
            assert now["10EGC11AP001XB01"] == 0.0
            assert now["10EGC10CF001XQ01"] < 20.0
            assert now["10EGB11AA001XB02"] == 1.0, "the inlet valve has closed"
            assert now["10EGB11AA002XB01"] == 1.0
            assert now["10EGC10DF001XQ01"] == 900.0, "the schedule leaves an operator's setpoint alone"
            assert server.counters["writes"] == 3

    asyncio.run(scenario())


def test_a_write_out_of_range_or_not_allowed_is_refused_and_changes_nothing():
    async def scenario():
        server = _sim_r1()
        async with _served(server, "plc1") as client:
            high, low = struct.unpack(">2H", struct.pack(">f", 5000.0))
            assert (await client.write_registers(0, [high, low])).exception_code == 3
            assert (await client.write_register(0, 0x4489)).exception_code == 3
            assert (await client.write_coil(9, True)).exception_code == 2
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
    start = plain.values.process.level_m()[0]
    for _ in range(400):
        plain.step()
    for _ in range(20):
        fast.step()
    assert plain.values.process.level_m()[0] - start > 0.1
    assert fast.values.process.level_m()[0] == pytest.approx(plain.values.process.level_m()[0], abs=0.003)


def test_the_demo_plant_shows_life_within_a_minute():
    server = _sim_r1()
    plant = load(SIM_R1)
    seen = []
    for _ in range(600):
        server.step()
        seen.append(server.values.now.copy())
    span = np.ptp(np.array(seen), axis=0)
    by_kks = dict(zip((s.kks for s in plant.signals), span, strict=True))
    assert by_kks["10EGB11CL001XQ01"] > 0.15
    assert by_kks["10EGC10CF001XQ01"] > 100.0
    assert by_kks["10EGC11CP001XQ01"] > 0.3
    assert by_kks["10EGC11AA003XQ01"] > 3.0
    assert server.values.process.unsolved_steps == 0


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
    child = _start("--plant", str(SIM_R1), "--port", "plc1=0", "--ticks", "--tick-hz", "50")
    try:
        reports = (json.loads(line) for line in child.stdout)
        ready = next(report for report in reports if report["state"] == "ready")
        place = parse_connection(ready["plcs"]["plc1"])
        client = ModbusTcpClient(place.host, port=place.port)
        assert client.connect()
        ticks, deadline = [], time.monotonic() + 10
        while len(set(ticks)) < 20 and time.monotonic() < deadline:
            words = client.read_input_registers(0, count=16).registers
            tick = int(_real(words[0:2]))
            assert words[2] == tick % 2**15
            assert words[6] == words[7] == tick
            assert [_real(words[at : at + 2]) for at in (4, 8, 10, 12, 14)] == [tick] * 5
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


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--plant", "no-such-folder"), 2, "plant.toml: not found"),
        (("--plant", str(SIM_R1), "--port", "plc9=0"), 2, "has no PLC of that name"),
        (("--plant", str(SIM_R1), "--port", "plc1=x"), 2, "is not NAME=N"),
        (("--plant", str(SIM_R1), "--speed", "-1"), 2, "is not between 0 and 1000"),
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
            child = _start("--plant", str(SIM_R1), "--port", f"plc1={port}")
            output, errors = await asyncio.to_thread(child.communicate, timeout=20)
            assert child.returncode == 1
            assert f"cannot listen on 127.0.0.1:{port}" in errors
            assert json.loads(output.splitlines()[-1])["state"] == "failed"

    asyncio.run(scenario())
