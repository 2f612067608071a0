from pathlib import Path

from app import processes
from app.processes import Served
from app.stack_processes import environment, stack
from runtime.supervisor import Status, Supervisor
from tests.app.plants import write_plant

KNOWN = {
    "simulator sim-t1": {"plcs": {"plc1": "modbus-tcp://127.0.0.1:40001"}},
    "broker": {"bootstrap": "127.0.0.1:9"},
    "hive": {"hive": "127.0.0.1:10000"},
    "loader": {"url": "http://127.0.0.1:1/"},
}


def command(process):
    argv = process.argv(KNOWN) if callable(process.argv) else process.argv
    return [str(word) for word in argv]


def by_name(made):
    return {process.name: process for process in made}


def test_the_demo_goes_simulator_broker_gateway_ingest_lake(tmp_path):
    plant = write_plant(tmp_path / "p")
    made = by_name(processes.demo([Served(plant, "store1")], tmp_path, tmp_path / "lake", direct=False))
    assert list(made) == ["simulator sim-t1", "broker", "mtu sim-t1", "ingest sim-t1", "lake"]
    gateway = command(made["mtu sim-t1"])
    assert "plc1=modbus-tcp://127.0.0.1:40001" in gateway
    assert "127.0.0.1:9" in gateway
    ingest = command(made["ingest sim-t1"])
    assert ingest[ingest.index("--source") + 1] == "kafka"
    assert ingest[ingest.index("--store") + 1] == "store1"


def test_the_direct_demo_has_no_kafka(tmp_path):
    plant = write_plant(tmp_path / "p")
    made = by_name(processes.demo([Served(plant, "s")], tmp_path, tmp_path, direct=True))
    assert list(made) == ["simulator sim-t1", "ingest sim-t1"]
    assert "modbus" in command(made["ingest sim-t1"])


def test_a_restarted_simulator_and_broker_keep_their_ports(tmp_path):
    plant = write_plant(tmp_path / "p")
    made = by_name(processes.demo([Served(plant, "s")], tmp_path, tmp_path, direct=False))
    assert "plc1=40001" in command(made["simulator sim-t1"])
    broker = command(made["broker"])
    assert broker[broker.index("--port") + 1] == "9"


def test_a_plants_own_kafka_and_plcs_are_used_when_only_looking(tmp_path):
    plant = write_plant(tmp_path / "p", "r1")
    [ingest] = processes.view([Served(plant, "s")], direct=False, bootstrap="kafka.example:9092")
    assert "kafka.example:9092" in command(ingest)
    [direct] = processes.view([Served(plant, "s")], direct=True, bootstrap="")
    assert "--plc" not in command(direct)


def test_two_plants_have_a_chain_each_and_share_broker_and_lake(tmp_path):
    served = [Served(write_plant(tmp_path / name, f"sim-{name}"), name) for name in ("a", "b")]
    made = by_name(processes.demo(served, tmp_path, tmp_path / "lake", direct=False))
    assert {"mtu sim-a", "mtu sim-b", "ingest sim-a", "ingest sim-b"} <= set(made)
    assert command(made["lake"]).count("--plant") == 2


def test_the_stack_has_every_box_in_an_order_the_supervisor_accepts(tmp_path):
    plant = write_plant(tmp_path / "p")
    made = stack([Served(plant, "s")], tmp_path, tmp_path / "sheets", 4443)
    Supervisor(made, logs=tmp_path / "logs")
    names = by_name(made)
    assert {"store", "lake", "hive", "loader", "schedule", "panel"} <= set(names)
    assert "gs://lake" in command(names["lake"])
    assert names["lake"].env == environment(4443)
    assert "http://127.0.0.1:1/" in command(names["schedule"])
    assert str(tmp_path / "sheets") in command(names["panel"])
    for process in made:
        assert Path(command(process)[0]).exists()


def test_missing_parts_are_those_that_failed_with_their_reason():
    states = {"broker": Status("broker", "failed", "Java was not found"), "ingest r1": Status("ingest r1", "waiting")}
    assert processes.failed_parts(states) == {"broker": "Java was not found"}
    assert processes.spoken("mtu sim-r1") == "MTU (PLC4X) sim-r1"


def test_a_hops_counter_is_summed_over_its_processes():
    states = {
        "mtu a": Status("mtu a", "ready", report={"sent": 3, "acked": 2}),
        "mtu b": Status("mtu b", "ready", report={"sent": 5}),
    }
    assert processes.counter(states, "mtu", "acked", "sent") == 7
