"""Is the device there, and is it a simulator? Asked over a socket, of a real Modbus server."""

from __future__ import annotations

import socket
import threading

import pytest

from cloud.mtu.identity import Unreachable, endpoint, refusal
from tests.engines.plc import SIMULATOR, ModbusDevice, free_port


@pytest.fixture(scope="module")
def simulator():
    device = ModbusDevice(SIMULATOR)
    yield device
    device.stop()


@pytest.fixture(scope="module")
def real_plc():
    device = ModbusDevice("Schneider Electric/TSXETY4102")
    yield device
    device.stop()


def ask(refinery: str, device: ModbusDevice) -> str | None:
    return refusal(refinery, "plc1", endpoint(device.connection), 2.0)


def test_a_training_plant_reads_its_simulator_and_a_real_one_its_plc(simulator, real_plc):
    assert ask("sim-r1", simulator) is None
    assert ask("r1", real_plc) is None


def test_a_training_plant_refuses_a_real_plc(real_plc):
    assert "does not identify itself as its simulator" in (ask("sim-r1", real_plc) or "")


def test_a_real_refinery_refuses_a_simulator(simulator):
    assert "is a simulator, but r1 has no sim-" in (ask("r1", simulator) or "")


def test_a_training_plant_refuses_what_cannot_prove_to_be_its_simulator():
    with socket.create_server(("127.0.0.1", 0)) as server:
        device = endpoint(f"opcua:tcp://127.0.0.1:{server.getsockname()[1]}/plant")
        assert "only by Modbus TCP" in (refusal("sim-r1", "plc1", device, 1.0) or "")
        assert refusal("r1", "plc1", device, 1.0) is None


def test_a_closed_port_is_unreachable():
    with pytest.raises(Unreachable, match="refused"):
        refusal("r1", "plc1", endpoint(f"modbus-tcp://127.0.0.1:{free_port()}"), 1.0)


def test_a_frozen_device_is_unreachable_though_it_accepts_connections(real_plc):
    real_plc.freeze()
    try:
        with pytest.raises(Unreachable, match="does not answer a read"):
            refusal("r1", "plc1", endpoint(real_plc.connection), 0.2)
    finally:
        real_plc.thaw()


@pytest.mark.parametrize(
    ("answer", "says"), [(b"", "closed the connection"), (b"HTTP/1.1 400 Bad Request\r\n", "not in Modbus TCP")]
)
def test_a_server_that_speaks_something_else_is_unreachable(answer, says):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            link, _ = server.accept()
            with link:
                link.recv(100)
                link.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(Unreachable, match=says):
            refusal("r1", "plc1", endpoint(f"modbus-tcp://127.0.0.1:{server.getsockname()[1]}"), 2.0)
        thread.join()


@pytest.mark.parametrize(
    ("connection", "scheme", "host", "port", "unit"),
    [
        ("modbus-tcp://10.0.0.7", "modbus-tcp", "10.0.0.7", 502, 1),
        ("modbus-tcp:tcp://plc.local:1502?default-unit-identifier=7", "modbus-tcp", "plc.local", 1502, 7),
        ("opcua:tcp://127.0.0.1:4841/plant?discovery=true", "opcua", "127.0.0.1", 4841, 1),
        ("s7://10.0.0.8?remote-rack=0&remote-slot=1", "s7", "10.0.0.8", 102, 1),
    ],
)
def test_connection_strings_are_taken_apart(connection, scheme, host, port, unit):
    device = endpoint(connection)
    assert (device.scheme, device.host, device.port, device.unit) == (scheme, host, port, unit)


@pytest.mark.parametrize("connection", ["", "modbus-tcp", "modbus-tcp://", "modbus-tcp://h:99999", "ads://10.0.0.1"])
def test_a_connection_string_that_leads_nowhere_is_refused(connection):
    with pytest.raises(ValueError, match=r"connection|Port|port"):
        endpoint(connection)
