"""Draws the reference plants' sheets: `python -m resources.plants.draw` writes `sim-r1/tank-farm.xml`.

The file is committed; a test draws it again and compares the bytes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from lxml import etree

from resources.plants.proteus_elements import Quantity
from resources.plants.proteus_sheet import Port, Sheet
from resources.plants.symbols import Point

HERE: Final = Path(__file__).parent
TANK_FARM: Final = HERE / "sim-r1" / "tank-farm.xml"

_WIDTH, _HEIGHT = 840.0, 460.0
_INLET_Y, _SUCTION_Y = 400.0, 92.0

_CRUDE_LINE: Final[dict[str, Quantity]] = {
    "UpperLimitDesignPressure": (16.0, "Bar"),
    "LowerLimitDesignTemperature": (-10.0, "DegreeCelsius"),
    "UpperLimitDesignTemperature": (90.0, "DegreeCelsius"),
}


def tank_farm() -> bytes:
    """The sheet `tank-farm.xml` of sim-r1."""
    sheet = Sheet(
        name="tank-farm",
        number="PID-10EGB-001",
        title="Parque de tanques",
        plant="Refinería Cabo Norte",
        revision="1",
        date="2026-11-23",
        width=_WIDTH,
        height=_HEIGHT,
    )
    _frame(sheet)
    tank_inlet, tank_outlet = _crude_tank(sheet)
    _reception(sheet, tank_inlet)
    _to_distillation(sheet, tank_outlet)
    return sheet.document()


def _frame(sheet: Sheet) -> None:
    left, bottom, right, top = 4.0, 4.0, _WIDTH - 4.0, _HEIGHT - 4.0
    sheet.border([(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)], 0.7)
    title_left, title_top = 560.0, 24.0
    sheet.border([(title_left, bottom), (title_left, title_top), (right, title_top)])
    sheet.border([(title_left + 130, bottom), (title_left + 130, title_top)])
    sheet.border_text(sheet.plant, (title_left + 5, 18), 6)
    sheet.border_text(sheet.title, (title_left + 5, 9.5), 6)
    sheet.border_text(f"{sheet.number} · rev. {sheet.revision}", (title_left + 135, 18), 6)
    sheet.border_text("DEXPI 1.3 · Proteus 4.1 · KKS", (title_left + 135, 9.5), 5)


def _crude_tank(sheet: Sheet) -> tuple[Port, Port]:
    """Tank 10EGB11BB001 with its gauges; gives its inlet and outlet nozzle."""
    kks, foot, width, height = "10EGB11BB001", (350.0, 148.0), 200.0, 170.0
    tank = sheet.equipment(
        "Tank",
        "FLOATING_ROOF_TANK_SHAPE",
        kks,
        foot,
        scale=(width / 100, height / 100),
        name="Crudo Arabian Light",
        text={"RoofType": "ExternalFloatingRoof"},
        design={
            "NominalCapacity(Volume)": (2730.0, "MetreCubed"),
            "NominalDiameter": (14000.0, "Millimetre"),
            "TangentToTangentLength": (18.0, "Metre"),
            "LowerLimitDesignPressure": (-0.005, "Bar"),
            "UpperLimitDesignPressure": (0.02, "Bar"),
            "LowerLimitDesignTemperature": (-5.0, "DegreeCelsius"),
            "UpperLimitDesignTemperature": (90.0, "DegreeCelsius"),
        },
    )
    sheet.part(tank, "FloatingRoof", "FLOATING_ROOF_SHAPE", (foot[0], foot[1] + height * 0.62), (width / 100, 1.6))
    sheet.label(tank, kks, (foot[0], foot[1] + height + 25), 9.5, "EquipmentTagNameLabel")
    sheet.label(tank, "Crudo Arabian Light", (foot[0], foot[1] + height + 12), 8, "EquipmentNameLabel")
    wall = foot[0] + width / 2
    inlet = sheet.nozzle(tank, "N1", (foot[0] - width / 2, foot[1] + 110), (-1, 0), 600)
    outlet = sheet.nozzle(tank, "N2", (wall, foot[1] + 18), (1, 0), 500)
    gauges = (
        ("10EGB11CL001", "L", "IT", foot[1] + 138),
        ("10EGB11CT001", "T", "IT", foot[1] + 98),
    )
    for circuit, category, functions, y in gauges:
        at = (wall + 45, y)
        bubble = sheet.instrument(
            circuit, "FIELD_INSTRUMENT_SHAPE", at, category=category, functions=functions, located_in=tank.get("ID")
        )
        sheet.signal_line(
            bubble,
            "MeasuringLineFunction",
            f"PSGF-{circuit}",
            bubble.get("ID"),
            [(wall, y), (at[0] - 11, y)],
            dashed=False,
        )
        sheet.value(bubble, f"{circuit}XQ01", (at[0] + 15, y))
        if category == "L":
            sheet.value(
                tank,
                f"{circuit}XQ01",
                (foot[0], foot[1] + 62),
                kind="LevelValueLabel",
                anchor="CenterCenter",
                size=(110.0, 32.0),
                source=bubble.get("ID"),
            )
    return inlet, outlet


def _reception(sheet: Sheet, tank_inlet: Port) -> None:
    """The line from the berth to the tank, with its flow meter and inlet valve."""
    line = sheet.line("10EGA20BR001", "crude", 600, "CS150", _CRUDE_LINE)
    sheet.label(line.system, "10EGA20BR001 · DN 600", (190, _INLET_Y + 9), 6.5, "PipingNetworkSystemLabel")
    pipe = line.segment_from_page("Recepción atraque 2", "10EGA · hoja 1", (92, _INLET_Y))
    meter = pipe.fit("VolumeFlowMeter", "FLOW_ELEMENT_SHAPE", (128, _INLET_Y))
    _bubble_above(sheet, "10EGA20CF001", "F", meter.get("ID"), (128, _INLET_Y + 32), _INLET_Y + 6)
    riser = 210.0
    pipe.to((riser, _INLET_Y))
    pipe.flow_arrow((172, _INLET_Y), (1, 0))
    at = (riser, 340.0)
    valve = pipe.fit("GateValve", "MOTOR_VALVE_SHAPE", at, "10EGB11AA001", _valve(600))
    _motor_valve(sheet, valve, "10EGB11AA001", at, -1)
    pipe.to((riser, tank_inlet.at[1]))
    pipe.end(tank_inlet)


def _to_distillation(sheet: Sheet, tank_outlet: Port) -> None:
    """From the tank through outlet valve, pump and control valve to the distillation unit."""
    suction = sheet.line("10EGC10BR010", "crude", 500, "CS150", _CRUDE_LINE)
    sheet.label(
        suction.system, "10EGC10BR010 · DN 500", (504, _SUCTION_Y - 9), 6.5, "PipingNetworkSystemLabel", "CenterCenter"
    )
    y, pump_x, drop = _SUCTION_Y, 592.0, tank_outlet.at[0] + 14
    pump = sheet.equipment(
        "CentrifugalPump",
        "CENTRIFUGAL_PUMP_SHAPE",
        "10EGC11AP001",
        (pump_x, y),
        name="Bomba de crudo",
        design={
            "DesignVolumeFlowRate": (1100.0, "MetreCubedPerHour"),
            "DesignPressureHead": (120.0, "Metre"),
            "DesignShaftPower": (480.0, "Kilowatt"),
            "DesignRotationalSpeed": (1480.0, "ReciprocalMinute"),
            "UpperLimitDesignPressure": (25.0, "Bar"),
            "LowerLimitDesignTemperature": (-10.0, "DegreeCelsius"),
            "UpperLimitDesignTemperature": (120.0, "DegreeCelsius"),
        },
    )
    sheet.label(pump, "10EGC11AP001", (pump_x, y + 27), 8, "EquipmentTagNameLabel")
    sheet.label(pump, "Bomba de crudo", (pump_x, y - 25), 7, "EquipmentNameLabel")
    sheet.value(pump, "10EGC11AP001XQ01", (pump_x, y - 39), anchor="CenterCenter")
    pipe = suction.segment(tank_outlet)
    pipe.to((drop, tank_outlet.at[1]))
    at = (drop, 130.0)
    valve = pipe.fit("GateValve", "MOTOR_VALVE_SHAPE", at, "10EGB11AA002", _valve(500))
    _motor_valve(sheet, valve, "10EGB11AA002", at, 1)
    pipe.to((drop, y))
    pipe.flow_arrow((514, y), (1, 0))
    pipe.fit("GateValve", "GATE_VALVE_SHAPE", (552, y))
    pipe.end(sheet.nozzle(pump, "N1", (pump_x - 16, y), (-1, 0), 500))

    line = sheet.line("10EGC10BR020", "crude", 400, "CS300", {**_CRUDE_LINE, "UpperLimitDesignPressure": (25.0, "Bar")})
    sheet.label(line.system, "10EGC10BR020 · DN 400", (790, y + 16), 6, "PipingNetworkSystemLabel")
    pipe = line.segment(sheet.nozzle(pump, "N2", (pump_x + 16, y), (1, 0), 400))
    pipe.fit("SwingCheckValve", "CHECK_VALVE_SHAPE", (628, y))
    tap = pipe.fit("PipeTee", "TAPPING_SHAPE", (648, y))
    _bubble_above(sheet, "10EGC11CP001", "P", tap.get("ID"), (648, y + 62), y, anchor="RightCenter")
    valve = pipe.fit("GlobeValve", "CONTROL_VALVE_SHAPE", (690, y), "10EGC11AA003", _valve(300))
    sheet.label(valve, "10EGC11AA003", (690, y - 15), 6.5, "ValveLabel")
    sheet.value(valve, "10EGC11AA003XQ01", (690, y - 28), anchor="CenterCenter")
    meter = pipe.fit("VolumeFlowMeter", "FLOW_ELEMENT_SHAPE", (734, y))
    circuit = "10EGC10CF001"
    flow = _bubble_above(sheet, circuit, "F", meter.get("ID"), (734, y + 36), y + 6, loop="10EGC10DF001")
    _flow_control(sheet, flow.get("ID"), valve.get("ID"), (734, y + 47), (690, y))
    pipe.to_page("A destilación", "10RDA · hoja 3", (758, y))


def _flow_control(sheet: Sheet, meter: str, valve: str, meter_top: Point, valve_at: Point) -> None:
    """The flow controller 10EGC10DF001: it reads `meter` and moves `valve`."""
    kks, at = "10EGC10DF001", (valve_at[0], valve_at[1] + 118)
    bubble = sheet.instrument(kks, "DCS_INSTRUMENT_SHAPE", at, category="F", functions="IC")
    sheet.value(bubble, f"{kks}XQ01", (at[0], at[1] + 23), anchor="CenterCenter")
    measured = [meter_top, (meter_top[0], at[1]), (at[0] + 11, at[1])]
    sheet.signal_line(bubble, "SignalConveyingFunction", meter, bubble.get("ID"), measured, dashed=True)
    sheet.actuator(
        "10EGC11AA003", "DIAPHRAGM_ACTUATOR_SHAPE", (valve_at[0], valve_at[1] + 16), valve, valve_at, "FailClose"
    )
    order = [(at[0], at[1] - 11), (at[0], valve_at[1] + 24)]
    sheet.signal_line(
        bubble, "SignalConveyingFunction", bubble.get("ID"), "ActuatingSystem-10EGC11AA003", order, dashed=True
    )


def _motor_valve(sheet: Sheet, valve: etree._Element, kks: str, at: Point, side: int) -> None:
    """Motor and tag of a valve in a vertical pipe; `side` -1 puts the motor left, 1 right of it."""
    sheet.actuator(kks, "MOTOR_ACTUATOR_SHAPE", (at[0] + side * 20, at[1]), valve.get("ID"), at)
    sheet.label(valve, kks, (at[0] + side * 30, at[1]), 6.5, "ValveLabel", "RightCenter" if side < 0 else "LeftCenter")


def _bubble_above(
    sheet: Sheet,
    kks: str,
    category: str,
    located_in: str,
    at: Point,
    pipe_y: float,
    *,
    loop: str = "",
    anchor: str = "LeftCenter",
) -> etree._Element:
    """A transmitter over a horizontal pipe, with its measuring line and its value at the side `anchor` says."""
    bubble = sheet.instrument(
        kks, "FIELD_INSTRUMENT_SHAPE", at, category=category, functions="IT", located_in=located_in, loop=loop
    )
    way = [(at[0], pipe_y), (at[0], at[1] - 11)]
    sheet.signal_line(bubble, "MeasuringLineFunction", f"PSGF-{kks}", bubble.get("ID"), way, dashed=False)
    sheet.value(bubble, f"{kks}XQ01", (at[0] + (15 if anchor.startswith("L") else -15), at[1]), anchor=anchor)
    return bubble


def _valve(diameter_mm: int) -> dict[str, Quantity]:
    return {"NominalDiameter": (float(diameter_mm), "Millimetre"), "UpperLimitDesignPressure": (16.0, "Bar")}


if __name__ == "__main__":
    TANK_FARM.write_bytes(tank_farm())
