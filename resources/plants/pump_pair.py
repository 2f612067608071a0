"""Two pumps, duty and stand-by, between a suction manifold and a controlled delivery that leaves the sheet."""

from __future__ import annotations

from dataclasses import dataclass

from resources.plants.proteus_elements import Quantity
from resources.plants.proteus_pipes import TEXT_MM, Port
from resources.plants.proteus_sheet import Sheet
from resources.plants.symbols import Point
from resources.plants.vessels import bubble_over, valve_design

_HALF_GAP = 24.0
_VALVE, _PUMP, _CHECK, _MERGE = 13.0, 38.0, 59.0, 71.0
_PRESSURE, _FLOW, _CONTROL, _ARROW = 86.0, 92.0, 126.0, 152.0


@dataclass(frozen=True)
class PumpPair:
    """A pair and its line, all by KKS; design data of each pump."""

    duty: str
    standby: str
    fluid: str
    suction: str
    delivery: str
    pressure: str
    flow: str
    controller: str
    valve: str
    goes_to: str
    sheet_reference: str
    power: bool
    """Whether the motors' power is measured."""
    flow_m3_h: float
    head_m: float
    shaft_kw: float
    speed_rpm: float
    pressure_bar: float


def draw(sheet: Sheet, pair: PumpPair, manifold: tuple[Port, Port], at: Point) -> None:
    """Draw `pair`; `at` is the suction side at the height of the delivery, half-way between both pumps."""
    x, y = at
    design: dict[str, Quantity] = {
        "UpperLimitDesignPressure": (pair.pressure_bar, "Bar"),
        "LowerLimitDesignTemperature": (-45.0 if pair.fluid == "lpg" else -10.0, "DegreeCelsius"),
        "UpperLimitDesignTemperature": (120.0, "DegreeCelsius"),
    }
    suction = sheet.line(f"{pair.duty[:7]}BR010", pair.fluid, 250, "CS150", design)
    delivery = sheet.line(pair.delivery, pair.fluid, 300, "CS300", design)
    out, first, second = delivery.segment_from_tee((x + _MERGE, y))
    rows = ((pair.duty, y + _HALF_GAP, manifold[1], first), (pair.standby, y - _HALF_GAP, manifold[0], second))
    for kks, row_y, start, end in rows:
        pump = sheet.equipment(
            "CentrifugalPump",
            "CENTRIFUGAL_PUMP_SHAPE",
            kks,
            (x + _PUMP, row_y),
            name="Bomba",
            design={
                **design,
                "DesignVolumeFlowRate": (pair.flow_m3_h, "MetreCubedPerHour"),
                "DesignPressureHead": (pair.head_m, "Metre"),
                "DesignShaftPower": (pair.shaft_kw, "Kilowatt"),
                "DesignRotationalSpeed": (pair.speed_rpm, "ReciprocalMinute"),
            },
        )
        sheet.label(pump, kks, (x + _PUMP, row_y + 16.5), 8, "EquipmentTagNameLabel")
        if pair.power:
            sheet.value(pump, f"{kks}XQ01", (x + _PUMP, row_y - 18), anchor="CenterCenter", size=(40.0, 12.0))
        pipe = suction.segment(start)
        pipe.to((x, row_y))
        pipe.fit("GateValve", "GATE_VALVE_SHAPE", (x + _VALVE, row_y))
        pipe.end(sheet.nozzle(pump, "N1", (x + _PUMP - 11, row_y), (-1, 0), 250))
        pipe = delivery.segment(sheet.nozzle(pump, "N2", (x + _PUMP + 11, row_y), (1, 0), 200))
        pipe.fit("SwingCheckValve", "CHECK_VALVE_SHAPE", (x + _CHECK, row_y))
        pipe.to((x + _MERGE, row_y))
        pipe.end(end)
    tap = out.fit("PipeTee", "TAPPING_SHAPE", (x + _PRESSURE, y))
    bubble_over(sheet, pair.pressure, "P", tap.get("ID"), (x + _PRESSURE, y - 34), y)
    meter = out.fit("VolumeFlowMeter", "FLOW_ELEMENT_SHAPE", (x + _FLOW, y))
    flow_at = (x + _FLOW, y + 34)
    flow = bubble_over(
        sheet, pair.flow, "F", meter.get("ID"), flow_at, y + 4, loop=pair.controller, value_at=(x + _FLOW - 11, y + 53)
    )
    valve_at = (x + _CONTROL, y)
    valve = out.fit("GlobeValve", "CONTROL_VALVE_SHAPE", valve_at, pair.valve, valve_design(250))
    sheet.value(valve, f"{pair.valve}XQ01", (x + _CONTROL + 1, y - 14), size=(34.0, 12.0), anchor="CenterCenter")
    sheet.actuator(
        pair.valve, "DIAPHRAGM_ACTUATOR_SHAPE", (valve_at[0], y + 11), valve.get("ID"), valve_at, "FailClose"
    )
    control_at = (x + _CONTROL, y + 34)
    control = sheet.instrument(pair.controller, "DCS_INSTRUMENT_SHAPE", control_at, category="F", functions="IC")
    sheet.value(control, f"{pair.controller}XQ01", (control_at[0] + 13, control_at[1]))
    measured = [(flow_at[0] + 11, flow_at[1]), (control_at[0] - 11, flow_at[1])]
    sheet.signal_line(control, "SignalConveyingFunction", flow.get("ID"), control.get("ID"), measured, dashed=True)
    order = [(control_at[0], control_at[1] - 11), (control_at[0], y + 16.5)]
    sheet.signal_line(
        control, "SignalConveyingFunction", control.get("ID"), f"ActuatingSystem-{pair.valve}", order, dashed=True
    )
    label_at = (x + _MERGE + 8, y - 50.5)
    sheet.label(delivery.system, pair.delivery, label_at, TEXT_MM, "PipingNetworkSystemLabel", "LeftCenter")
    out.to_page(pair.goes_to, pair.sheet_reference, (x + _ARROW, y))
