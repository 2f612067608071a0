"""Draws the reference plants' sheets: `python -m resources.plants.draw` writes `sim-r1/tank-farm.xml`.

The file is committed; a test draws it again and compares the bytes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from resources.plants import exchanger_lines, pump_pair
from resources.plants.exchanger_lines import CooledReception
from resources.plants.proteus_elements import Quantity
from resources.plants.proteus_pipes import TEXT_MM, Port
from resources.plants.proteus_sheet import Sheet
from resources.plants.pump_pair import PumpPair
from resources.plants.symbols import Point
from resources.plants.vessels import Vessel, VesselPorts, bubble_over, draw_vessel

HERE: Final = Path(__file__).parent
TANK_FARM: Final = HERE / "sim-r1" / "tank-farm.xml"

_WIDTH, _HEIGHT = 840.0, 460.0
_COLUMNS: Final = (85.0, 201.0, 317.0, 433.0, 549.0)
_TOP_FOOT, _BOTTOM_FOOT = 310.0, 86.0
_TOP_HEADER, _BOTTOM_HEADER = 423.0, 214.0
_CRUDE_SUCTION, _PRODUCT_SUCTION = 259.0, 35.0

_LINE_DESIGN: Final[dict[str, Quantity]] = {
    "UpperLimitDesignPressure": (16.0, "Bar"),
    "LowerLimitDesignTemperature": (-10.0, "DegreeCelsius"),
    "UpperLimitDesignTemperature": (120.0, "DegreeCelsius"),
}
_LPG_DESIGN: Final[dict[str, Quantity]] = {
    "UpperLimitDesignPressure": (25.0, "Bar"),
    "LowerLimitDesignTemperature": (-45.0, "DegreeCelsius"),
    "UpperLimitDesignTemperature": (60.0, "DegreeCelsius"),
}

_TOP_ROW: Final = (
    Vessel("10EGB11", "Crudo Arabian Light", 14.0, 18.0, 2730.0, 90.0, floating=True),
    Vessel("10EGB12", "Crudo Maya", 16.0, 18.0, 3600.0, 90.0, floating=True),
    Vessel("10EGB13", "Crudo Brent", 14.0, 18.0, 2760.0, 90.0, floating=True),
    Vessel("10EGB14", "Slop", 8.0, 16.0, 800.0, 110.0),
    Vessel("10EGB15", "Fuelóleo BIA", 7.0, 16.0, 613.0, 140.0),
)
_BOTTOM_ROW: Final = (
    Vessel("10EGB16", "Nafta ligera", 12.0, 18.0, 2030.0, 60.0, floating=True),
    Vessel("10EGB17", "Gasolina 95", 10.0, 18.0, 1410.0, 60.0, floating=True),
    Vessel("10EGB18", "Queroseno Jet A-1", 10.0, 18.0, 1410.0, 70.0),
    Vessel("10EGB19", "Gasóleo A", 11.0, 18.0, 1700.0, 80.0),
    Vessel("10EKF11", "Propano", 9.0, 9.0, 380.0, 60.0, sphere=True),
)


def tank_farm() -> bytes:
    """The sheet `tank-farm.xml` of sim-r1."""
    sheet = Sheet(
        name="tank-farm",
        number="PID-10EGB-001",
        title="Parque de tanques",
        plant="Refinería Cabo Norte",
        revision="2",
        date="2026-11-23",
        width=_WIDTH,
        height=_HEIGHT,
    )
    _frame(sheet)
    top = [draw_vessel(sheet, vessel, (x, _TOP_FOOT)) for vessel, x in zip(_TOP_ROW, _COLUMNS, strict=True)]
    bottom = [draw_vessel(sheet, vessel, (x, _BOTTOM_FOOT)) for vessel, x in zip(_BOTTOM_ROW, _COLUMNS, strict=True)]
    _reception(sheet, "10EGA20BR001", "Recepción atraque 2", "10EGA · hoja 1", "crude", 600, "10EGA20CF001",
               (14.0, _TOP_HEADER), top[:3])  # fmt: skip
    _reception(sheet, "10EGA60BR001", "Slop", "10GMA · hoja 2", "slop", 150, "", (355.0, _TOP_HEADER), top[3:4])
    _reception(sheet, "10EGA50BR001", "Residuo de vacío", "10RDA · hoja 9", "residue", 250, "",
               (470.0, _TOP_HEADER), top[4:])  # fmt: skip
    _reception(sheet, "10EGA30BR001", "Nafta", "10RCA · hoja 4", "naphtha", 300, "10EGA30CF001",
               (14.0, _BOTTOM_HEADER), bottom[:2])  # fmt: skip
    cooled = CooledReception(
        "10EGA40BR001", "Destilados de HDS", "10RHA · hoja 6", "10EGA40CF001", "10EGA40AC001", "10EGA40CT001"
    )
    exchanger_lines.cooled_reception(sheet, cooled, (174.0, _BOTTOM_HEADER), bottom[2:4], _LINE_DESIGN)
    _reception(sheet, "10EKA10BR001", "GLP", "10RGA · hoja 8", "lpg", 150, "10EKA10CF001",
               (436.0, _BOTTOM_HEADER), bottom[4:])  # fmt: skip
    crude = _suction(
        sheet, "10EGC10BR010", "Aspiración de crudo", "crude", 500, _CRUDE_SUCTION, top[:4], (622.0, 279.0)
    )
    products = _suction(sheet, "10EGC20BR010", "Aspiración de productos", "distillate", 350, _PRODUCT_SUCTION,
                        bottom[1:4], (622.0, 48.0))  # fmt: skip
    lpg = _lpg_suction(sheet, bottom[4], (622.0, 162.0))
    _gravity_line(sheet, bottom[0])
    exchanger_lines.fuel_oil_heater(sheet, top[4], 615.0, 390.0, _LINE_DESIGN)
    for pair, ports, y in ((_CRUDE_PUMPS, crude, 303.0), (_LPG_PUMPS, lpg, 186.0), (_PRODUCT_PUMPS, products, 72.0)):
        pump_pair.draw(sheet, pair, ports, (622.0, y))
    return sheet.document()


_CRUDE_PUMPS: Final = PumpPair(
    duty="10EGC11AP001", standby="10EGC12AP001", fluid="crude", delivery="10EGC10BR020", suction="10EGC10BR010",
    pressure="10EGC11CP001", flow="10EGC10CF001", controller="10EGC10DF001", valve="10EGC11AA003",
    goes_to="A destilación", sheet_reference="10RDA · hoja 3", power=True,
    flow_m3_h=1100.0, head_m=120.0, shaft_kw=480.0, speed_rpm=1480.0, pressure_bar=25.0,
)  # fmt: skip
_PRODUCT_PUMPS: Final = PumpPair(
    duty="10EGC21AP001", standby="10EGC22AP001", fluid="distillate", delivery="10EGC20BR020", suction="10EGC20BR010",
    pressure="10EGC21CP001", flow="10EGC20CF001", controller="10EGC20DF001", valve="10EGC21AA003",
    goes_to="A cargadero", sheet_reference="10EKA · hoja 5", power=True,
    flow_m3_h=450.0, head_m=110.0, shaft_kw=180.0, speed_rpm=2960.0, pressure_bar=20.0,
)  # fmt: skip
_LPG_PUMPS: Final = PumpPair(
    duty="10EKH11AP001", standby="10EKH12AP001", fluid="lpg", delivery="10EKH10BR020", suction="10EKH10BR010",
    pressure="10EKH11CP001", flow="10EKH10CF001", controller="10EKH10DF001", valve="10EKH11AA003",
    goes_to="A cisternas", sheet_reference="10EKK · hoja 7", power=False,
    flow_m3_h=130.0, head_m=180.0, shaft_kw=55.0, speed_rpm=2960.0, pressure_bar=40.0,
)  # fmt: skip


def _frame(sheet: Sheet) -> None:
    left, bottom, right, top = 3.0, 3.0, _WIDTH - 3.0, _HEIGHT - 3.0
    sheet.border([(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)], 0.7)
    title_left, title_top = 570.0, 15.0
    sheet.border([(title_left, bottom), (title_left, title_top), (right, title_top)])
    text = f"{sheet.plant} · {sheet.title} · {sheet.number} rev. {sheet.revision}"
    sheet.border_text(text, (title_left + 5, 9.0), TEXT_MM)


def _reception(
    sheet: Sheet,
    number: str,
    name: str,
    reference: str,
    fluid: str,
    diameter_mm: int,
    meter: str,
    at: Point,
    vessels: list[VesselPorts],
) -> None:
    """A header from another sheet over its vessels, with a flow meter where `meter` names one."""
    line = sheet.line(number, fluid, diameter_mm, "CS150", _LPG_DESIGN if fluid == "lpg" else _LINE_DESIGN)
    pipe = line.segment_from_page(reference, at)
    label_x = at[0] - 9
    if meter:
        meter_x = at[0] + 9
        element = pipe.fit("VolumeFlowMeter", "FLOW_ELEMENT_SHAPE", (meter_x, at[1]))
        bubble_over(sheet, meter, "F", element.get("ID"), (meter_x, at[1] + 18), at[1] + 4)
        label_x = meter_x + 66
    sheet.label(
        line.system, f"{name} · {number}", (label_x, at[1] + 9.5), TEXT_MM, "PipingNetworkSystemLabel", "LeftCenter"
    )
    ports = [pipe.tee((vessel.riser_x, at[1])) for vessel in vessels]
    pipe.end_at_cap((vessels[-1].riser_x + 8, at[1]))
    for vessel, port in zip(vessels, ports, strict=True):
        vessel.fill(sheet, line.segment(port), diameter_mm)


def _suction(
    sheet: Sheet,
    number: str,
    name: str,
    fluid: str,
    diameter_mm: int,
    y: float,
    vessels: list[VesselPorts],
    manifold: Point,
) -> tuple[Port, Port]:
    """A header under its vessels that leads to a pump pair's manifold; gives the manifold's two ports."""
    line = sheet.line(number, fluid, diameter_mm, "CS150", _LINE_DESIGN)
    first = vessels[0].drop_x
    sheet.label(
        line.system, f"{name} · {number}", (first + 6, y - 9), TEXT_MM, "PipingNetworkSystemLabel", "LeftCenter"
    )
    header = line.segment_from_cap((first - 8, y))
    ports = [header.tee((vessel.drop_x, y)) for vessel in vessels]
    header.to((manifold[0], y))
    ends = header.end_at_tee(manifold)
    for vessel, port in zip(vessels, ports, strict=True):
        pipe = line.segment(vessel.outlet)
        vessel.drain(sheet, pipe, diameter_mm)
        pipe.to((vessel.drop_x, y))
        pipe.end(port)
    return ends


def _lpg_suction(sheet: Sheet, sphere: VesselPorts, manifold: Point) -> tuple[Port, Port]:
    """From the sphere's foot to the LPG pumps."""
    line = sheet.line("10EKH10BR010", "lpg", 200, "CS300", _LPG_DESIGN)
    pipe = line.segment(sphere.outlet)
    y = sphere.outlet.at[1] - 12
    pipe.to((sphere.outlet.at[0], y))
    sphere.drain(sheet, pipe, 200, (sphere.drop_x, y))
    pipe.to((sphere.drop_x + 17, y), (sphere.drop_x + 17, manifold[1]))
    return pipe.end_at_tee(manifold)


def _gravity_line(sheet: Sheet, vessel: VesselPorts) -> None:
    """Naphtha to the reformer's own pumps on another sheet."""
    line = sheet.line("10EGC15BR010", "naphtha", 300, "CS150", _LINE_DESIGN)
    pipe = line.segment(vessel.outlet)
    vessel.drain(sheet, pipe, 300)
    y = 32.0
    pipe.to((vessel.drop_x, y))
    pipe.to_page("A reformado", "10RCA · hoja 4", (vessel.drop_x + 12, y))


if __name__ == "__main__":
    TANK_FARM.write_bytes(tank_farm())
