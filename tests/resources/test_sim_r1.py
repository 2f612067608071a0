"""The reference plant: its drawing, signal list, model and strapping table agree with each other."""

import csv
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree

from contracts.kks import parse
from contracts.modbus_address import parse_address, parse_connection
from contracts.plant import load
from resources.plants import draw
from resources.plants.symbols import SYMBOLS

ROOT = Path(__file__).parents[2]
SIM_R1 = ROOT / "resources" / "plants" / "sim-r1"
SCHEMAS = ROOT.parent / "shared" / "samples" / "xsd"


@pytest.fixture(scope="module")
def plant():
    return load(SIM_R1)


@pytest.fixture(scope="module")
def sheet():
    return etree.parse(SIM_R1 / "tank-farm.xml").getroot()


def _kks(element) -> str:
    rows = element.findall("GenericAttributes/GenericAttribute[@Name='KKS']")
    return rows[0].get("Value") if rows else ""


def _drawn(sheet) -> set[str]:
    """KKS of everything drawn that is not a value's place."""
    return {_kks(element) for element in sheet.iter() if element.tag != "Label" and _kks(element)}


def test_the_committed_sheet_is_what_the_script_draws():
    assert (SIM_R1 / "tank-farm.xml").read_bytes() == draw.tank_farm()


@pytest.mark.shared
@pytest.mark.skipif(not SCHEMAS.exists(), reason="the public Proteus schemas (shared/samples/xsd) are not here")
def test_the_sheet_is_valid_proteus_4_1(sheet):
    schema = etree.XMLSchema(etree.parse(SCHEMAS / "ProteusPIDSchema 4.1.xsd"))
    schema.assertValid(sheet.getroottree())


def test_every_kks_of_the_plant_parses_and_has_its_length(plant):
    for signal in plant.signals:
        code = parse(signal.kks)
        assert str(code) == signal.kks
        assert code.component_key[:1] == "X", f"{signal.kks} is not of signal length"
        assert (code.component_key == "XQ") == (signal.kind == "analog")
        for other in (signal.equipment, signal.loop):
            assert not other or not parse(other).component_key


def test_every_signal_binds_to_an_element_of_the_sheet_and_every_element_to_a_signal(plant, sheet):
    drawn = _drawn(sheet)
    for kks in drawn:
        assert not parse(kks).component_key, f"{kks}: a sheet carries equipment and circuits, not signals"
    bound = set()
    for signal in plant.signals:
        prefixes = [kks for kks in drawn if signal.kks.startswith(kks)]
        assert prefixes, f"{signal.kks} is not on the sheet"
        bound |= {max(prefixes, key=len), signal.equipment}
    silent = {kks for kks in drawn - bound if parse(kks).unit_key not in {"BR", "BB"}}
    assert not silent, "only pipes and vessels may be without a signal of their own"
    assert {tank.kks for tank in plant.tanks} <= drawn


def test_each_kks_stands_on_one_element(sheet):
    codes = [_kks(element) for element in sheet.iter() if element.tag != "Label" and _kks(element)]
    assert len(codes) == len(set(codes))
    tags = [element.get("TagName") for element in sheet.iter() if element.get("TagName")]
    assert sorted(tags) == sorted(codes)


def test_every_value_s_place_names_a_signal_and_lies_free_on_the_sheet(plant, sheet):
    places = []
    for label in sheet.iter("Label"):
        if not label.get("ComponentClass").endswith("ValueLabel"):
            continue
        role = label.find("GenericAttributes/GenericAttribute[@Name='Role']")
        assert _kks(label) in plant.by_kks or role.get("Value") in {"volume", "rate"}
        low, high = label.find("Extent/Min"), label.find("Extent/Max")
        box = tuple(float(corner.get(axis)) for corner in (low, high) for axis in "XY")
        assert 0 < box[0] < box[2] < 840
        assert 0 < box[1] < box[3] < 460
        places.append(box)
    assert len(places) >= 60
    for index, one in enumerate(places):
        for other in places[index + 1 :]:
            assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        for line in sheet.iter("CenterLine"):
            points = [(float(c.get("X")), float(c.get("Y"))) for c in line.iter("Coordinate")]
            for (x1, y1), (x2, y2) in pairwise(points):
                clear = max(x1, x2) <= one[0] or min(x1, x2) >= one[2] or max(y1, y2) <= one[1] or min(y1, y2) >= one[3]
                assert clear, f"a line runs through the plate at {one}"
        for symbol in sheet.iter("ProcessInstrumentationFunction", "ActuatingSystemComponent", "PipingComponent"):
            at = symbol.find("Position/Location")
            if at is not None:
                inside = one[0] < float(at.get("X")) < one[2] and one[1] < float(at.get("Y")) < one[3]
                assert not inside, f"{symbol.get('ID')} stands on the plate at {one}"


def test_every_text_can_be_read_where_the_sheet_fits_the_window(sheet):
    """10.5 px is the smallest type; the canvas of a 1920 × 1080 window is some 1260 × 690 px."""
    far = sheet.find("Drawing/Extent/Max")
    px_per_mm = min(1236 / float(far.get("X")), 666 / float(far.get("Y")))
    heights = {float(text.get("Height")) for text in sheet.iter("Text") if text.get("String")}
    assert min(heights) * px_per_mm >= 10.5


def test_the_farm_has_what_a_terminal_has(plant, sheet):
    kinds = [element.get("ComponentName") for element in sheet.iter("Equipment") if element.get("ComponentClass")]
    assert kinds.count("FLOATING_ROOF_TANK_SHAPE") == 5
    assert kinds.count("CONE_ROOF_TANK_SHAPE") == 4
    assert kinds.count("SPHERE_SHAPE") == 1
    assert kinds.count("CENTRIFUGAL_PUMP_SHAPE") == 6
    assert kinds.count("HEAT_EXCHANGER_SHAPE") == 2
    fitted = sheet.iter("PipingComponent")
    valves = [element.get("ComponentName") for element in fitted if element.get("ComponentClass")]
    assert valves.count("MOTOR_VALVE_SHAPE") == 2 * len(plant.tanks)
    assert valves.count("CONTROL_VALVE_SHAPE") == 4
    assert 100 <= len(plant.signals) <= 130
    assert plant.zones == ("tank-farm", "lpg")
    for zone in plant.zones:
        assert any(signal.writable for signal in plant.signals if signal.zone == zone)
    assert {signal.plc for signal in plant.signals} == {"plc1", "plc2"}
    assert {tank.service for tank in plant.tanks} == {"crude", "slop", "residue", "naphtha", "distillate", "lpg"}


def test_every_reference_in_the_sheet_leads_somewhere(sheet):
    nodes = {e.get("ID"): len(e.findall("ConnectionPoints/Node")) for e in sheet.iter() if e.get("ID")}
    for element in sheet.iter("Association", "ObjectAttributesReference"):
        assert element.get("ItemID") in nodes
    for connection in sheet.iter("Connection"):
        for end in ("From", "To"):
            assert int(connection.get(f"{end}Node")) < nodes[connection.get(f"{end}ID")]
    for element in sheet.iter():
        assert element.get("ComponentName") is None or element.get("ComponentName") in SYMBOLS


def test_pipes_meet_what_they_connect(sheet):
    """Each segment's drawn way begins and ends on its connection's nodes, and has no gap but its components."""
    nodes = {}
    for element in sheet.iter():
        for index, node in enumerate(element.findall("ConnectionPoints/Node")):
            at = node.find("Position/Location")
            if at is not None:
                nodes[element.get("ID"), index] = (float(at.get("X")), float(at.get("Y")))
    for segment in sheet.iter("PipingNetworkSegment"):
        ways = [
            [(float(c.get("X")), float(c.get("Y"))) for c in line.iter("Coordinate")]
            for line in segment.findall("CenterLine")
        ]
        connection = segment.find("Connection")
        ends = (connection.get("FromID"), connection.get("ToID"))
        assert ways[0][0] == nodes[connection.get("FromID"), int(connection.get("FromNode"))]
        assert ways[-1][-1] == nodes[connection.get("ToID"), int(connection.get("ToNode"))]
        fitted = [component.get("ID") for component in segment.findall("PipingComponent")]
        fitted = [component for component in fitted if component not in ends]
        for component, (before, after) in zip(fitted, pairwise(ways), strict=True):
            assert before[-1] == pytest.approx(nodes[component, 1])
            assert after[0] == pytest.approx(nodes[component, 2])


def test_equipment_carries_its_design_data_with_units(sheet):
    wanted = {
        "Tank": {"UpperLimitDesignPressure", "LowerLimitDesignTemperature", "NominalCapacity(Volume)"},
        "Vessel": {"UpperLimitDesignPressure", "LowerLimitDesignTemperature", "NominalCapacity(Volume)"},
        "CentrifugalPump": {"DesignVolumeFlowRate", "DesignPressureHead", "DesignShaftPower"},
        "ShellAndTubeHeatExchanger": {"DesignHeatFlowRate", "DesignHeatTransferArea", "UpperLimitDesignPressure"},
    }
    for kind, names in wanted.items():
        items = sheet.findall(f".//Equipment[@ComponentClass='{kind}']")
        assert items
        for item in items:
            rows = {a.get("Name"): a for a in item.findall("GenericAttributes/GenericAttribute")}
            assert names <= set(rows)
            assert all(float(rows[name].get("Value")) is not None and rows[name].get("Units") for name in names)


def test_limits_stand_in_their_order_and_inside_the_range(plant):
    for signal in plant.signals:
        limits = [x for x in (signal.low, signal.ll, signal.l, signal.h, signal.hh, signal.high) if x is not None]
        assert limits == sorted(limits), signal.kks
        design = [
            x for x in (signal.low, signal.design_min, signal.design, signal.design_max, signal.high) if x is not None
        ]
        assert design == sorted(design), signal.kks


def test_addresses_parse_and_use_every_bank_and_a_scaled_integer(plant):
    for plc in plant.plcs:
        here = [signal for signal in plant.signals if signal.plc == plc]
        addresses = [parse_address(signal.address) for signal in here]
        assert {address.bank for address in addresses} == {
            "coil",
            "discrete-input",
            "input-register",
            "holding-register",
        }
        scaled = {address.type for address, signal in zip(addresses, here, strict=True) if signal.raw_high is not None}
        assert "INT" in scaled
        assert "REAL" in {address.type for address in addresses}
    for signal in plant.signals:
        assert signal.writable == (parse_address(signal.address).bank in {"coil", "holding-register"}), signal.kks
    ports = {name: parse_connection(plc.connection).port for name, plc in plant.plcs.items()}
    assert ports == {"plc1": 5020, "plc2": 5021}


def test_the_strapping_table_reaches_over_the_level_s_range(plant):
    for tank in plant.tanks:
        with tank.strapping.open(encoding="utf-8") as file:
            rows = [(float(row["level_m"]), float(row["volume_m3"])) for row in csv.DictReader(file)]
        assert rows[0] == (0.0, 0.0)
        assert rows[-1][0] >= plant.by_kks[tank.level].high
        assert all(one[0] < two[0] and one[1] < two[1] for one, two in pairwise(rows))
