"""A vessel on a sheet with its gauges, the valves at its nozzles, and the room for its figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lxml import etree

from resources.plants.proteus_elements import Quantity
from resources.plants.proteus_pipes import Port, Segment
from resources.plants.proteus_sheet import PLATE_MM, Sheet
from resources.plants.symbols import Point

_WIDTH, _HEIGHT = 72.0, 76.0
_CONE_HEIGHT = 68.0
_SPHERE = 66.0
_RISER_OFF, _DROP_OFF = 12.0, 13.0
_LINE_MM: Final = 13.5


@dataclass(frozen=True)
class Vessel:
    """What a tank or sphere is: `system` is its KKS down to the function, the vessel is BB001, its gauges CL001, …"""

    system: str
    name: str
    diameter_m: float
    height_m: float
    capacity_m3: float
    hottest_c: float
    floating: bool = False
    sphere: bool = False


@dataclass(frozen=True)
class VesselPorts:
    """A drawn vessel's nozzles, and how pipes reach them."""

    system: str
    inlet: Port
    outlet: Port
    riser_x: float
    """Where the pipe to the inlet comes down."""
    drop_x: float
    """Where the pipe from the outlet goes down."""
    valve_y: float

    def fill(self, sheet: Sheet, pipe: Segment, diameter_mm: int) -> None:
        """Lead `pipe`, which begins above, through the motor valve AA001 to the inlet."""
        at = (self.riser_x, self.valve_y)
        kks = f"{self.system}AA001"
        valve = pipe.fit("GateValve", "MOTOR_VALVE_SHAPE", at, kks, valve_design(diameter_mm))
        sheet.actuator(kks, "MOTOR_ACTUATOR_SHAPE", (at[0] - 13, at[1]), valve.get("ID"), at)
        pipe.to((self.riser_x, self.inlet.at[1]))
        pipe.end(self.inlet)

    def drain(
        self, sheet: Sheet, pipe: Segment, diameter_mm: int, at: Point | None = None, motor_side: int = 1
    ) -> None:
        """Lead `pipe`, which begins at the outlet, through the motor valve AA002: down, or level where `at` says so.

        `motor_side` -1 puts the motor left of a pipe that goes down, 1 right of it.
        """
        kks = f"{self.system}AA002"
        if at is None:
            pipe.to((self.drop_x, self.outlet.at[1]))
            at = (self.drop_x, self.outlet.at[1] - 22)
            motor = (at[0] + 13 * motor_side, at[1])
        else:
            motor = (at[0], at[1] - 13)
        valve = pipe.fit("GateValve", "MOTOR_VALVE_SHAPE", at, kks, valve_design(diameter_mm))
        sheet.actuator(kks, "MOTOR_ACTUATOR_SHAPE", motor, valve.get("ID"), at)


def draw_vessel(sheet: Sheet, vessel: Vessel, foot: Point) -> VesselPorts:
    """Draw `vessel` with its foot at `foot`: tag and name above, bubbles at its right, figures under it."""
    width = _SPHERE if vessel.sphere else _WIDTH
    height = _SPHERE if vessel.sphere else _HEIGHT if vessel.floating else _CONE_HEIGHT
    shape = (
        "SPHERE_SHAPE" if vessel.sphere else "FLOATING_ROOF_TANK_SHAPE" if vessel.floating else "CONE_ROOF_TANK_SHAPE"
    )
    kks = f"{vessel.system}BB001"
    item = sheet.equipment(
        "Vessel" if vessel.sphere else "Tank",
        shape,
        kks,
        foot,
        scale=(width / 100, height / 100),
        name=vessel.name,
        text={} if vessel.sphere else {"RoofType": "ExternalFloatingRoof" if vessel.floating else "ConeRoof"},
        design=_design(vessel),
    )
    if vessel.floating:
        sheet.part(item, "FloatingRoof", "FLOATING_ROOF_SHAPE", (foot[0], foot[1] + height * 0.62), (width / 100, 1.2))
    sheet.label(item, kks, (foot[0], foot[1] + _HEIGHT + 22), 9, "EquipmentTagNameLabel")
    sheet.label(item, vessel.name, (foot[0], foot[1] + _HEIGHT + 12), 7.8, "EquipmentNameLabel")
    left, right = foot[0] - width / 2, foot[0] + width / 2
    inlet_at = (left + 2.2, foot[1] + height * 0.66) if vessel.sphere else (left, foot[1] + height - 16)
    inlet = sheet.nozzle(item, "N1", inlet_at, (-1, 0), 300)
    if vessel.sphere:
        outlet = sheet.nozzle(item, "N2", (foot[0], foot[1]), (0, -1), 200)
    else:
        outlet = sheet.nozzle(item, "N2", (right, foot[1] + 7), (1, 0), 300)
    bubbles = _gauges(sheet, vessel, item, foot, height, right)
    _figures(sheet, vessel, item, bubbles, (left, foot[1]))
    wall = _WIDTH / 2
    return VesselPorts(
        vessel.system, inlet, outlet, foot[0] - wall - _RISER_OFF, foot[0] + wall + _DROP_OFF, foot[1] + _HEIGHT + 22
    )


def _design(vessel: Vessel) -> dict[str, Quantity]:
    pressure = (0.0, 18.0) if vessel.sphere else (-0.005, 0.02)
    return {
        "NominalCapacity(Volume)": (vessel.capacity_m3, "MetreCubed"),
        "NominalDiameter": (vessel.diameter_m * 1000.0, "Millimetre"),
        "TangentToTangentLength": (vessel.height_m, "Metre"),
        "LowerLimitDesignPressure": (pressure[0], "Bar"),
        "UpperLimitDesignPressure": (pressure[1], "Bar"),
        "LowerLimitDesignTemperature": (-45.0 if vessel.sphere else -5.0, "DegreeCelsius"),
        "UpperLimitDesignTemperature": (vessel.hottest_c, "DegreeCelsius"),
    }


def _gauges(
    sheet: Sheet, vessel: Vessel, item: etree._Element, foot: Point, height: float, right: float
) -> dict[str, etree._Element]:
    """Bubbles CL001 and CT001, on a sphere CP001 too, by their letter; and the plate of the level inside."""
    x, bubbles = foot[0] + _WIDTH / 2 + 15, {}
    for number, category in enumerate("LTP" if vessel.sphere else "LT"):
        circuit = f"{vessel.system}C{category}001"
        y = foot[1] + height - (11 if vessel.sphere else 12) - (24 if vessel.sphere else 25) * number
        bubbles[category] = bubble = sheet.instrument(
            circuit, "FIELD_INSTRUMENT_SHAPE", (x, y), category=category, functions="IT", located_in=item.get("ID")
        )
        wall = right
        if vessel.sphere:
            radius, rise = height / 2, y - foot[1] - height / 2
            wall = foot[0] + (radius * radius - rise * rise) ** 0.5
        way = [(wall, y), (x - 11, y)]
        sheet.signal_line(bubble, "MeasuringLineFunction", f"PSGF-{circuit}", bubble.get("ID"), way, dashed=False)
    sheet.value(
        item,
        f"{vessel.system}CL001XQ01",
        (foot[0], foot[1] + height * 0.45),
        kind="LevelValueLabel",
        anchor="CenterCenter",
        size=(54.0, 26.0),
        source=bubbles["L"].get("ID"),
    )
    return bubbles


def _figures(
    sheet: Sheet, vessel: Vessel, item: etree._Element, bubbles: dict[str, etree._Element], corner: Point
) -> None:
    """Lines under the vessel, from its foot's left `corner`: temperature, volume and rate, or a sphere's pressure.

    Volume and rate are worked out from the level by whoever shows them.
    """
    x, y = (corner[0] - 12, corner[1] - 21) if vessel.sphere else (corner[0], corner[1] - 9)
    narrow = (44.0, PLATE_MM[1])
    sheet.value(bubbles["T"], f"{vessel.system}CT001XQ01", (x, y), size=narrow)
    if vessel.sphere:
        sheet.value(bubbles["P"], f"{vessel.system}CP001XQ01", (x, y - _LINE_MM))
        volume_at = (x + PLATE_MM[0] + 1, y - _LINE_MM)
        sheet.value(item, "", volume_at, role="volume", kind="DerivedValueLabel", size=(38.0, PLATE_MM[1]))
        return
    for line, role in ((1, "volume"), (2, "rate")):
        at = (x, y - _LINE_MM * line)
        sheet.value(item, "", at, role=role, kind="DerivedValueLabel", size=(70.0, PLATE_MM[1]))


def bubble_over(
    sheet: Sheet,
    kks: str,
    category: str,
    located_in: str,
    at: Point,
    pipe_y: float,
    *,
    loop: str = "",
    value_at: Point | None = None,
) -> etree._Element:
    """A transmitter over or under a level pipe, with its measuring line; its value at the right, or at `value_at`."""
    bubble = sheet.instrument(
        kks, "FIELD_INSTRUMENT_SHAPE", at, category=category, functions="IT", located_in=located_in, loop=loop
    )
    near = at[1] - 11 if at[1] > pipe_y else at[1] + 11
    way = [(at[0], pipe_y), (at[0], near)]
    if abs(pipe_y - near) > 0.5:
        sheet.signal_line(bubble, "MeasuringLineFunction", f"PSGF-{kks}", bubble.get("ID"), way, dashed=False)
    sheet.value(bubble, f"{kks}XQ01", value_at or (at[0] + 13, at[1]))
    return bubble


def valve_design(diameter_mm: int) -> dict[str, Quantity]:
    """Design data of a valve in a line of that size."""
    return {"NominalDiameter": (float(diameter_mm), "Millimetre"), "UpperLimitDesignPressure": (16.0, "Bar")}
