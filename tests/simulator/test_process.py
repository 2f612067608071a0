import re
from pathlib import Path

import numpy as np
import pytest

from contracts.plant import load
from simulator import process_file
from simulator.exchangers import Exchangers
from simulator.hydraulics import GRAVITY
from simulator.operation import Operation
from simulator.process import Process
from simulator.process_file import BadModel, ExchangerData
from simulator.properties import ANTOINE, density, vapour_pressure_bar
from tests.simulator import farm


@pytest.fixture
def process(tmp_path):
    return _process(farm.write(tmp_path))


def _process(folder) -> Process:
    file = process_file.read(folder, load(folder).signals)
    assert file is not None
    return Process(file)


def _quantity(process: Process, name: str) -> float:
    return float(process.quantities[process.indices([name])[0]])


def test_mass_leaves_the_tanks_only_through_the_boundary(process):
    for step in range(2000):
        if step == 300:
            process.set_input("10EGC12AP001.command", 1.0)
        if step == 900:
            process.set_input("10EGB11AA002.demand", 0.0)
        if step == 1500:
            process.set_input("10EGC11AP001.command", 0.0)
        before = process.mass_kg.sum()
        process.step(0.1)
        out = _quantity(process, "line.mass_flow_kg_h") * 0.1 / 3600.0
        moved = np.abs(process.mass_flow_kg_h).sum() * 0.1 / 3600.0
        assert abs(process.mass_kg.sum() + out - before) <= 1e-9 * max(moved, 1.0)
        assert abs(process.mass_kg.sum() + out - before) <= 1e-9 * before
    assert process.unsolved_steps == 0


SIM_R1 = Path(__file__).parents[2] / "resources" / "plants" / "sim-r1"


@pytest.mark.parametrize("operator", ["schedule", "hands"])
def test_the_whole_farm_conserves_mass_in_every_step(operator):
    file = process_file.read(SIM_R1, load(SIM_R1).signals)
    assert file is not None
    process, random = Process(file), np.random.default_rng(11)
    operation = Operation(file.data, process)
    boundaries = {boundary.name for boundary in file.data.boundary}
    sign = np.array([(b.start in boundaries) * 1.0 - (b.end in boundaries) for b in file.data.branch])
    inputs = [f"{valve.kks}.demand" for valve in file.data.valve] + [f"{pump.kks}.command" for pump in file.data.pump]
    for step in range(1500):
        if operator == "hands" and step % 5 == 0:
            for name in random.choice(inputs, 4):
                process.set_input(str(name), float(random.integers(0, 2)))
        elif operator == "schedule":
            operation.step(0.5)
        before = process.mass_kg.sum() + process.spilled_kg
        process.step(0.5)
        entered = float(sign @ process.mass_flow_kg_h) * 0.5 / 3600.0
        lost = process.mass_kg.sum() + process.spilled_kg - before - entered
        moved = np.abs(process.mass_flow_kg_h).sum() * 0.5 / 3600.0
        # A sum of 10⁷ kg in float64 is rounded to some 10⁻⁸ kg by itself.
        assert abs(lost) <= 1e-9 * max(moved, 1.0) + 4.0 * np.spacing(before)
    assert process.unsolved_steps == 0
    assert np.all(np.isfinite(process.quantities))


def test_a_sphere_stands_under_its_liquid_s_vapour_pressure():
    """Saturation pressures of propane and n-butane (NIST Chemistry WebBook), absolute bar."""
    for fluid, celsius, expected in (("propane", 15.0, 7.32), ("propane", 40.0, 13.7), ("butane", 15.0, 1.76)):
        gauge = vapour_pressure_bar(np.array([ANTOINE[fluid]]), np.array([celsius]))[0]
        assert gauge + 1.01325 == pytest.approx(expected, rel=0.01)
    assert vapour_pressure_bar(np.zeros((1, 3)), np.array([20.0]))[0] == 0.0


def test_an_exchanger_gives_the_heat_its_effectiveness_allows():
    """Condensing steam: ε = 1 − e^(−NTU); counter-flow with equal capacities: ε = NTU/(1 + NTU)."""
    mass, volume = np.array([90_000.0]), np.array([100.0])
    capacity_kw_k = 90_000.0 * 2.0 / 3600.0
    heater = Exchangers([ExchangerData("H", "b", ua_kw_k=capacity_kw_k, medium_c=150.0)], np.array([70.0]))
    heater.step(np.array([70.0]), mass, volume, np.array([1.0]), 1e6)
    assert heater.outlet_c[0] == pytest.approx(70.0 + 80.0 * (1.0 - np.exp(-1.0)))
    assert heater.duty_kw[0] == pytest.approx(capacity_kw_k * (heater.outlet_c[0] - 70.0))
    water = capacity_kw_k * 3600.0 / 4.19
    cooler = Exchangers(
        [ExchangerData("C", "b", ua_kw_k=capacity_kw_k, medium_c=20.0, medium_kg_h=water)], np.array([60.0])
    )
    cooler.step(np.array([60.0]), mass, volume, np.array([1.0]), 1e6)
    assert cooler.outlet_c[0] == pytest.approx(40.0, abs=0.01)
    held = cooler.outlet_c[0]
    cooler.step(np.array([60.0]), np.zeros(1), np.zeros(1), np.array([1.0]), 60.0)
    assert cooler.outlet_c[0] == held, "without flow nothing is renewed"


def test_what_enters_a_junction_leaves_it(process):
    process.set_input("10EGC12AP001.command", 1.0)
    for _ in range(100):
        process.step(0.1)
    flow = {
        name: _quantity(process, f"{name}.mass_flow_kg_h") for name in ("from11", "from12", "pump1", "pump2", "line")
    }
    assert flow["line"] > 1e5
    assert flow["from11"] + flow["from12"] == pytest.approx(flow["pump1"] + flow["pump2"], rel=1e-9)
    assert flow["pump1"] + flow["pump2"] == pytest.approx(flow["line"], rel=1e-9)


def test_the_network_is_solved_whatever_an_operator_does(process):
    random = np.random.default_rng(7)
    names = ["10EGB11AA002.demand", "10EGB12AA002.demand", "10EGC11AP001.command", "10EGC12AP001.command"]
    for _ in range(300):
        for name in names:
            process.set_input(name, float(random.integers(0, 2)))
        before = process.mass_kg.sum()
        for _ in range(3):
            process.step(float(random.choice([0.1, 0.5, 5.0])))
        assert np.all(np.isfinite(process.quantities))
        assert process.mass_kg.sum() <= before * (1.0 + 1e-12)
    assert process.unsolved_steps == 0


def test_the_pump_works_where_its_curve_meets_the_system(process):
    for _ in range(50):
        process.step(0.1)
    flow = _quantity(process, "pump1.flow_m3_h")
    rho = density(np.array([850.0]), np.array([20.0]))[0]
    head = 120.0 - 20.0 / 800.0**2 * flow**2
    suction, discharge = _quantity(process, "suction.pressure_bar"), _quantity(process, "10EGC11AP001.discharge_bar")
    # The junction's liquid is a mix of both tanks, a little heavier than tank 11's.
    assert discharge - suction == pytest.approx(rho * GRAVITY * head / 1e5, rel=0.04)
    drop = discharge - _quantity(process, "discharge.pressure_bar")
    assert drop == pytest.approx((flow / 1200.0) ** 2 * rho / 1000.0, rel=0.04)
    assert _quantity(process, "10EGC11AP001.power_kw") > 100.0


def test_a_stopped_pump_behind_its_check_valve_passes_nothing_backward(process):
    for _ in range(100):
        process.step(0.1)
    assert _quantity(process, "10EGC12AP001.running") == 0.0
    assert _quantity(process, "pump2.flow_m3_h") == 0.0
    assert _quantity(process, "10EGC12AP001.power_kw") == 0.0


def test_a_motor_valve_travels_its_stroke_and_reports_both_ends(process):
    assert _quantity(process, "10EGB12AA002.open") == 1.0
    process.set_input("10EGB12AA002.demand", 0.0)
    for _ in range(40):
        process.step(0.1)
    assert _quantity(process, "10EGB12AA002.position_pct") == pytest.approx(60.0, abs=1e-6)
    assert _quantity(process, "10EGB12AA002.open") == 0.0
    assert _quantity(process, "10EGB12AA002.closed") == 0.0
    for _ in range(61):
        process.step(0.1)
    assert _quantity(process, "10EGB12AA002.closed") == 1.0
    assert _quantity(process, "from12.flow_m3_h") == 0.0


def test_a_tank_is_not_drawn_below_its_nozzle(tmp_path):
    model = farm.MODEL.replace("level_m = 12.0", "level_m = 1.2\nnozzle_m = 1.0").replace(
        "level_m = 9.0", "level_m = 1.1\nnozzle_m = 1.0"
    )
    process = _process(farm.write(tmp_path, model=model))
    for _ in range(3000):
        process.step(0.5)
    levels = process.level_m()
    assert np.all(levels > 0.99)
    assert np.all(levels < 1.1)
    assert process.mass_kg.min() > 0.0


def test_an_overfilled_tank_stays_full_and_what_spills_is_counted(tmp_path):
    model = farm.MODEL.replace("pressure_bar = 3.0", "pressure_bar = 9.0").replace("running = true", "")
    process = _process(farm.write(tmp_path, model=model))
    for branch in ("pump1", "pump2"):
        process.step(0.1)
        assert _quantity(process, f"{branch}.flow_m3_h") == 0.0, "check valves hold the unit's pressure"
    model = model.replace("check = true", "").replace("level_m = 12.0", "level_m = 19.9")
    process = _process(farm.write(tmp_path, model=model))
    for _ in range(1000):
        process.step(1.0)
        if process.spilled_kg:
            break
    before = process.mass_kg.sum() + process.spilled_kg
    process.step(1.0)
    entered = -_quantity(process, "line.mass_flow_kg_h") / 3600.0
    assert process.mass_kg.sum() + process.spilled_kg - before == pytest.approx(entered, rel=1e-6)
    assert process.spilled_kg > 0.0
    assert process.level_m().max() == pytest.approx(20.0, abs=1e-9)


def test_a_warm_inflow_warms_the_tank_by_its_share_of_the_mass(tmp_path):
    # Tank 12 (40 °C) stands higher and runs over the junction into tank 11 (20 °C).
    model = farm.MODEL.replace("level_m = 9.0", "level_m = 19.0").replace("running = true", "")
    model = model.replace("heat_loss_kw_k = 2.0", "")
    process = _process(farm.write(tmp_path, model=model.replace("pressure_bar = 3.0", "pressure_bar = 30.0")))
    for _ in range(5):
        process.step(0.1)  # the junction holds nothing; it takes the inflow's temperature within a step or two
    mass, warm = process.mass_kg.copy(), _quantity(process, "10EGB11BB001.temperature_c")
    for _ in range(1000):
        process.step(0.1)
    gained = process.mass_kg[0] - mass[0]
    assert gained > 1000.0
    expected = (mass[0] * warm + gained * 40.0) / process.mass_kg[0]
    assert _quantity(process, "10EGB11BB001.temperature_c") == pytest.approx(expected, abs=1e-6)


def test_the_controller_brings_the_flow_to_its_setpoint_and_lets_go_in_manual(tmp_path):
    model = (
        farm.MODEL.replace('path = ["out"]', 'path = ["out", "10EGC10AA001"]')
        + """
[[valve]]
kks = "10EGC10AA001"
kv = 900.0
stroke_s = 8.0
rangeability = 30.0
open = 0.7

[[controller]]
kks = "10EGC10DF001"
reads = "line.flow_m3_h"
valve = "10EGC10AA001"
setpoint = 600.0
gain = 0.0003
reset_s = 3.0
"""
    )
    process = _process(farm.write(tmp_path, model=model))
    for _ in range(1200):
        process.step(0.1)
    assert _quantity(process, "line.flow_m3_h") == pytest.approx(600.0, abs=1.0)
    held = _quantity(process, "10EGC10DF001.output_pct")
    process.set_input("10EGC10DF001.auto", 0.0)
    process.step(0.1)
    assert _quantity(process, "10EGC10DF001.output_pct") == held, "switching to manual is bumpless"
    process.set_input("10EGC10DF001.output_pct", 20.0)
    for _ in range(100):
        process.step(0.1)
    assert _quantity(process, "10EGC10AA001.position_pct") == pytest.approx(20.0)
    assert _quantity(process, "line.flow_m3_h") < 300.0


def test_a_pump_trips_on_low_level_and_is_reset_by_its_stop_command(tmp_path):
    model = farm.MODEL.replace("running = true", 'running = true\ntrip_on = "10EGB11BB001.level_m"\ntrip_below = 15.0')
    process = _process(farm.write(tmp_path, model=model))
    process.step(0.1)
    assert _quantity(process, "10EGC11AP001.tripped") == 1.0
    assert _quantity(process, "10EGC11AP001.running") == 0.0
    process.set_input("10EGC11AP001.command", 0.0)
    process.step(0.1)
    assert _quantity(process, "10EGC11AP001.tripped") == 0.0


def test_a_person_s_input_is_left_to_them_by_the_schedule(tmp_path):
    model = (
        farm.MODEL
        + """
[[cycle]]
period_s = 1.0
steps = [{ at_s = 0.5, set = { "10EGC11AP001.command" = 0, "10EGC12AP001.command" = 1 } }]
"""
    )
    folder = farm.write(tmp_path, model=model)
    file = process_file.read(folder, load(folder).signals)
    assert file is not None
    process = Process(file)
    operation = Operation(file.data, process)
    operation.take_over("10EGC11AP001.command")
    for _ in range(10):
        operation.step(0.1)
    assert process.input_value("10EGC11AP001.command") == 1.0
    assert process.input_value("10EGC12AP001.command") == 1.0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kv = 2000.0", "kv = 0.0", "p1: kv is 0; it must be above 0"),
        ('end = "unit"', 'end = "nowhere"', "nowhere is no tank, boundary or junction"),
        ('path = ["out"]', 'path = ["p1"]', "p1 is in branch from11 already"),
        ("stroke_s = 10.0", "strok_s = 10.0", "strok_s"),
        ('reads = "line.flow_m3_h"', 'reads = "line.flow"', "the model has no quantity line.flow"),
        ('= "10EGC12AP001.command"', '= "10EGC12AP001.start"', "the model has no input 10EGC12AP001.start"),
        ("shutoff_head_m = 120.0", "shutoff_head_m = 90.0", "shutoff_head_m must be above rated_head_m"),
        ('10EGB12CL001XQ01 = { reads = "10EGB12BB001.level_m" }', "", "10EGB12CL001XQ01 has no line under"),
        ('strapping = "tank.csv"', 'strapping = "none.csv"', "none.csv"),
        (
            'strapping = "tank.csv"',
            'strapping = "tank.csv"\nvapour = "air"',
            "vapour 'air' is not one of propane, butane",
        ),
    ],
)
def test_a_broken_model_is_refused_with_a_sentence(tmp_path, old, new, said):
    from simulator.plant_server import PlantServer

    assert old in farm.MODEL
    folder = farm.write(tmp_path, model=farm.MODEL.replace(old, new))
    with pytest.raises(BadModel, match=re.escape(said)):
        PlantServer(load(folder), {})
