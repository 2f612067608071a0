"""Lines with a heat exchanger: a reception behind a cooler, and fuel oil through a steam heater."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from resources.plants.proteus_elements import Quantity
from resources.plants.proteus_pipes import TEXT_MM
from resources.plants.proteus_sheet import Sheet
from resources.plants.symbols import Point
from resources.plants.vessels import VesselPorts, bubble_over, valve_design


@dataclass(frozen=True)
class CooledReception:
    """A reception header and its cooler, by KKS."""

    line: str
    name: str
    reference: str
    flow: str
    cooler: str
    temperature: str


def cooled_reception(
    sheet: Sheet, what: CooledReception, at: Point, vessels: list[VesselPorts], design: Mapping[str, Quantity]
) -> None:
    """From another sheet through flow meter and cooler to the vessels; `at` is the off-page arrow's tip."""
    x, y = at
    line = sheet.line(what.line, "distillate", 300, "CS150", design)
    pipe = line.segment_from_page(what.reference, at)
    meter = pipe.fit("VolumeFlowMeter", "FLOW_ELEMENT_SHAPE", (x + 9, y))
    bubble_over(sheet, what.flow, "F", meter.get("ID"), (x + 9, y + 18), y + 4)
    cooler_at = (x + 50, y)
    cooler = sheet.equipment(
        "ShellAndTubeHeatExchanger",
        "HEAT_EXCHANGER_SHAPE",
        what.cooler,
        cooler_at,
        name="Refrigerante de destilados",
        design={
            "DesignHeatFlowRate": (5200.0, "Kilowatt"),
            "DesignHeatTransferArea": (320.0, "MetreSquared"),
            "UpperLimitDesignPressure": (16.0, "Bar"),
            "UpperLimitDesignTemperature": (120.0, "DegreeCelsius"),
        },
    )
    sheet.label(cooler, what.cooler, (cooler_at[0], y - 16), 8, "EquipmentTagNameLabel")
    pipe.end(sheet.nozzle(cooler, "N1", (cooler_at[0] - 11, y), (-1, 0), 300))
    pipe = line.segment(sheet.nozzle(cooler, "N2", (cooler_at[0] + 11, y), (1, 0), 300))
    tap_x = x + 80
    tap = pipe.fit("PipeTee", "TAPPING_SHAPE", (tap_x, y))
    bubble_over(sheet, what.temperature, "T", tap.get("ID"), (tap_x, y + 18), y)
    label_at = (tap_x + 63, y + 9.5)
    sheet.label(line.system, f"{what.name} · {what.line}", label_at, TEXT_MM, "PipingNetworkSystemLabel", "LeftCenter")
    ports = [pipe.tee((vessel.riser_x, y)) for vessel in vessels]
    pipe.end_at_cap((vessels[-1].riser_x + 8, y))
    for vessel, port in zip(vessels, ports, strict=True):
        vessel.fill(sheet, line.segment(port), 300)


def fuel_oil_heater(sheet: Sheet, tank: VesselPorts, riser_x: float, y: float, design: Mapping[str, Quantity]) -> None:
    """From the fuel oil tank up to the lane at `y`, through the steam heater 10EGC30AC001, to the boilers."""
    line = sheet.line("10EGC30BR010", "residue", 200, "CS150", design)
    pipe = line.segment(tank.outlet)
    tank.drain(sheet, pipe, 200, motor_side=-1)
    low = tank.outlet.at[1] - 38
    pipe.to((tank.drop_x, low), (riser_x, low), (riser_x, y))
    at = (riser_x + 30, y)
    heater = sheet.equipment(
        "ShellAndTubeHeatExchanger",
        "HEAT_EXCHANGER_SHAPE",
        "10EGC30AC001",
        at,
        name="Calentador de fuelóleo",
        design={
            "DesignHeatFlowRate": (2200.0, "Kilowatt"),
            "DesignHeatTransferArea": (68.0, "MetreSquared"),
            "UpperLimitDesignPressure": (16.0, "Bar"),
            "UpperLimitDesignTemperature": (180.0, "DegreeCelsius"),
        },
    )
    sheet.label(heater, "10EGC30AC001", (at[0] + 1, y - 16.5), 8, "EquipmentTagNameLabel")
    pipe.end(sheet.nozzle(heater, "N1", (at[0] - 11, y), (-1, 0), 200))
    pipe = line.segment(sheet.nozzle(heater, "N2", (at[0] + 11, y), (1, 0), 200))
    _steam(sheet, heater, at)
    tap_x, meter_x = riser_x + 88, riser_x + 149
    tap = pipe.fit("PipeTee", "TAPPING_SHAPE", (tap_x, y))
    measured = bubble_over(sheet, "10EGC30CT001", "T", tap.get("ID"), (tap_x, y + 35), y, loop="10EGC30DT001",
                           value_at=(tap_x + 8, y + 18))  # fmt: skip
    meter = pipe.fit("VolumeFlowMeter", "FLOW_ELEMENT_SHAPE", (meter_x, y))
    bubble_over(sheet, "10EGC30CF001", "F", meter.get("ID"), (meter_x, y + 35), y + 4)
    sheet.label(line.system, "10EGC30BR010", (tap_x + 4, y - 9), TEXT_MM, "PipingNetworkSystemLabel", "LeftCenter")
    pipe.to_page("A calderas", "10HHA · hoja 6", (riser_x + 159, y))
    control_at = (riser_x + 62, y + 35)
    control = sheet.instrument("10EGC30DT001", "DCS_INSTRUMENT_SHAPE", control_at, category="T", functions="IC")
    sheet.value(control, "10EGC30DT001XQ01", (control_at[0], y + 54), anchor="CenterCenter", size=(40.0, 12.0))
    way = [(tap_x - 11, y + 35), (control_at[0] + 11, y + 35)]
    sheet.signal_line(control, "SignalConveyingFunction", measured.get("ID"), control.get("ID"), way, dashed=True)
    order = [(control_at[0] - 11, y + 35), (at[0] + 16.5, y + 35)]
    sheet.signal_line(
        control, "SignalConveyingFunction", control.get("ID"), "ActuatingSystem-10EGC30AA003", order, dashed=True
    )


def _steam(sheet: Sheet, heater: etree._Element, at: Point) -> None:
    """Steam from above through its control valve into the heater."""
    x, y = at
    line = sheet.line("10LBG40BR010", "steam", 80, "CS150", {"UpperLimitDesignPressure": (6.0, "Bar")})
    pipe = line.segment_from_page("10LBG · hoja 2", (x - 12, y + 60))
    sheet.label(line.system, "Vapor BP", (x - 24, y + 60), TEXT_MM, "PipingNetworkSystemLabel", "RightCenter")
    pipe.to((x, y + 60))
    valve = pipe.fit("GlobeValve", "CONTROL_VALVE_SHAPE", (x, y + 35), "10EGC30AA003", valve_design(80))
    sheet.value(valve, "10EGC30AA003XQ01", (x - 8, y + 35), anchor="RightCenter", size=(34.0, 12.0))
    sheet.actuator(
        "10EGC30AA003", "DIAPHRAGM_ACTUATOR_SHAPE", (x + 11, y + 35), valve.get("ID"), (x, y + 35), "FailClose"
    )
    pipe.end(sheet.nozzle(heater, "N3", (x, y + 11), (0, 1), 80))
