"""A small plant of its own with everything that lives: furnace, exchangers, column, agitator, blower, all valves.

The Proteus file is written here, stroke by stroke (millimetres, y up), with no room kept for values.
"""

from __future__ import annotations

from math import cos, pi, sin
from pathlib import Path

Point = tuple[float, float]

FURNACE, MEASURED, COMPUTED, DIFFERENCE = "10RHA10AV001", "10RHA20AC001", "10RHA21AC001", "10RHA22AC001"
AIR_COOLER, COLUMN, TANK, AGITATOR = "10RHA23AC001", "10RKA10BB001", "10RLA10BB001", "10RLA10AM001"
BLOWER, PUMP, TRACED = "10RHB10AN001", "10RKA30AP001", "10RKA40BR001"
FLOW_ONLY = "10RHA24AC001"
CONTROL, MOTOR, THREE_WAY, SAFETY, CHECK = (f"10RKA2{n}AA001" for n in range(5))

_WIDTH, _HEIGHT = 420.0, 260.0


def _line(*points: Point) -> str:
    inside = "".join(f'<Coordinate X="{x:g}" Y="{y:g}"/>' for x, y in points)
    pen = '<Presentation Layer="0" Color="0" LineType="0" LineWeight="0.5" R="0" G="0" B="0"/>'
    return f'<PolyLine NumPoints="{len(points)}">{pen}{inside}</PolyLine>'


def _closed(*points: Point) -> str:
    return _line(*points, points[0])


def _at(x: float, y: float) -> str:
    return (
        f'<Position><Location X="{x:g}" Y="{y:g}"/><Axis X="0" Y="0" Z="1"/><Reference X="1" Y="0" Z="0"/></Position>'
    )


def _circle(x: float, y: float, r: float) -> str:
    pen = '<Presentation Layer="0" Color="0" LineType="0" LineWeight="0.5" R="0" G="0" B="0"/>'
    return f'<Circle Radius="{r:g}">{pen}{_at(x, y)}</Circle>'


def _text(string: str, x: float, y: float, height: float = 4.0) -> str:
    pen = '<Presentation Layer="0" Color="0" LineType="0" LineWeight="0.3" R="0" G="0" B="0"/>'
    return (
        f'<Text String="{string}" Font="Arial" Height="{height:g}" Width="0" Justification="CenterCenter">{pen}'
        f"{_at(x, y)}</Text>"
    )


def _item(xml: str, kind: str, tag: str, strokes: str, label: Point, attributes: dict[str, tuple[str, str]]) -> str:
    rows = "".join(
        f'<GenericAttribute Name="{name}" Value="{value}"{f" Units={unit!r}" if unit else ""} Format="double"/>'
        for name, (value, unit) in attributes.items()
    )
    own = f'<GenericAttributes Set="DexpiAttributes">{rows}</GenericAttributes>' if rows else ""
    words = f'<Label ID="L-{tag}" ComponentClass="TagNameLabel">{_text(tag, *label)}</Label>' if label else ""
    return f'<{xml} ID="I-{tag}" ComponentClass="{kind}" TagName="{tag}">{own}{strokes}{words}</{xml}>\n'


def _equipment(kind: str, tag: str, strokes: str, label: Point, **attributes: tuple[str, str]) -> str:
    return _item("Equipment", kind, tag, strokes, label, attributes)


def _bubble(tag: str, x: float, y: float) -> str:
    strokes = _circle(x, y, 5) + _line((x - 5, y), (x + 5, y)) + _text(tag[7:9], x, y + 2.2, 3.2)
    strokes += _text(tag[9:], x, y - 2.2, 3.0)
    return (
        f'<ProcessInstrumentationFunction ID="I-{tag}" ComponentClass="ProcessInstrumentationFunction" '
        f'TagName="{tag}">{strokes}</ProcessInstrumentationFunction>\n'
    )


def _exchanger(tag: str, x: float, y: float, kind: str, **attributes: tuple[str, str]) -> str:
    zigzag = _line((x - 11, y), (x - 5, y), (x - 2.5, y + 5), (x + 2.5, y - 5), (x + 5, y), (x + 11, y))
    return _equipment(kind, tag, _circle(x, y, 8) + zigzag, (x, y + 12), **attributes)


def _arch(x: float, y: float, rx: float, ry: float, start: float, end: float) -> list[Point]:
    steps = [start + (end - start) * n / 12 for n in range(13)]
    return [(round(x + rx * cos(a * pi), 3), round(y + ry * sin(a * pi), 3)) for a in steps]


def _bow_tie(x: float, y: float) -> str:
    return _closed((x - 5, y + 3.4), (x - 5, y - 3.4), (x, y)) + _closed((x + 5, y + 3.4), (x + 5, y - 3.4), (x, y))


def _pipe(tag: str, *points: Point, **attributes: tuple[str, str]) -> str:
    rows = "".join(f'<GenericAttribute Name="{n}" Value="{v}" Units="{u}"/>' for n, (v, u) in attributes.items())
    own = f'<GenericAttributes Set="DexpiAttributes">{rows}</GenericAttributes>' if rows else ""
    inside = "".join(f'<Coordinate X="{x:g}" Y="{y:g}"/>' for x, y in points)
    pen = '<Presentation Layer="0" Color="0" LineType="0" LineWeight="0.5" R="0" G="0" B="0"/>'
    return (
        f'<PipingNetworkSystem ID="N-{tag}" ComponentClass="PipingNetworkSystem" TagName="{tag}">{own}'
        f'<PipingNetworkSegment ID="S-{tag}" ComponentClass="PipingNetworkSegment" TagName="{tag}">{own}'
        f'<CenterLine NumPoints="{len(points)}">{pen}{inside}</CenterLine>'
        "</PipingNetworkSegment></PipingNetworkSystem>\n"
    )


def sheet() -> str:
    """The Proteus file."""
    house = _closed((20, 150), (20, 205), (34, 222), (34, 244), (46, 244), (46, 222), (60, 205), (60, 150))
    coil = _line((20, 200), (52, 200), (52, 192), (28, 192), (28, 184), (60, 184))
    cx, shell_l, shell_r = 210.0, 196.0, 224.0
    head, foot = _arch(cx, 230, 14, 8, 0, 1), _arch(cx, 60, 14, 8, 1, 2)
    trays = "".join(_line((shell_l, y), (shell_r, y)) for y in (90, 110, 130, 150, 170, 190, 210))
    parts = [
        _equipment("FiredHeater", FURNACE, house + coil, (40, 249), DesignHeatFlowRate=("10", "MW")),
        _exchanger(MEASURED, 95, 220, "ShellAndTubeHeatExchanger", DesignHeatFlowRate=("4000", "kW")),
        _exchanger(COMPUTED, 135, 220, "PlateHeatExchanger", DesignHeatFlowRate=("2000", "kW"),
                   SpecificHeatCapacity=("2.1", "kJ/(kg·K)"), Density=("850", "kg/m³")),
        _exchanger(DIFFERENCE, 95, 175, "ShellAndTubeHeatExchanger"),
        _exchanger(AIR_COOLER, 135, 175, "AirCoolingSystem", DesignHeatFlowRate=("3000", "kW")),
        _exchanger(FLOW_ONLY, 60, 60, "ShellAndTubeHeatExchanger"),
        _equipment("TrayColumn", COLUMN, _closed(*head, *foot) + trays, (cx, 245),
                   TangentToTangentLength=("30", "m")),
        _equipment("Tank", TANK, _line((300, 70), (300, 20), (360, 20), (360, 70)), (330, 78),
                   FluidCode=("Naphtha", "")),
        _equipment("Agitator", AGITATOR, _line((330, 66), (330, 34)) + _closed((318, 38), (318, 30), (330, 34))
                   + _closed((342, 38), (342, 30), (330, 34)), (330, 90)),
        _equipment("Blower", BLOWER, _circle(95, 130, 8) + _line((95, 138), (103, 130), (95, 122)), (95, 142)),
        _equipment("CentrifugalPump", PUMP, _circle(135, 130, 8) + _line((135, 138), (143, 130), (135, 122)),
                   (129, 142)),
        _item("PipingComponent", "ControlValve", CONTROL, _bow_tie(270, 220), (270, 228), {}),
        _item("PipingComponent", "GateValve", MOTOR, _bow_tie(310, 220), (310, 228), {}),
        _item("PipingComponent", "ThreeWayValve", THREE_WAY,
              _bow_tie(350, 220) + _closed((346.6, 215), (353.4, 215), (350, 220)), (350, 228), {}),
        _item("PipingComponent", "SpringLoadedGlobeSafetyValve", SAFETY, _bow_tie(270, 190), (270, 198), {}),
        _item("PipingComponent", "SwingCheckValve", CHECK,
              _line((305, 187), (305, 193)) + _line((315, 187), (315, 193)) + _line((305, 193), (315, 187)),
              (310, 198), {}),
        _pipe(TRACED, (270, 160), (330, 160), (330, 140), (390, 140), FluidCode=("Residue", "")),
        *(_bubble(f"10RKA10CT00{n}", 240, y) for n, y in enumerate((210, 180, 150, 120, 95), 1)),
        _bubble("10RKA10CP001", 180, 215),
        _bubble("10RKA10CP002", 180, 95),
        _bubble("10RKA10CL001", 180, 70),
        _bubble("10RLA10CL001", 372, 60),
        _bubble("10RHA10CT001", 40, 135),
    ]  # fmt: skip
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<PlantModel>\n'
        '<PlantInformation SchemaVersion="4.1.1" OriginatingSystem="test" Date="2026-11-23" Time="12:00:00" '
        'Is3D="no" Units="mm" Discipline="PID"><UnitsOfMeasure Distance="mm"/></PlantInformation>\n'
        f'<Extent><Min X="0" Y="0"/><Max X="{_WIDTH:g}" Y="{_HEIGHT:g}"/></Extent>\n'
        '<Drawing Name="heat" Type="PID">'
        '<Presentation Layer="0" Color="0" LineType="0" LineWeight="0.3" R="0" G="0" B="0"/>'
        f'<Extent><Min X="0" Y="0"/><Max X="{_WIDTH:g}" Y="{_HEIGHT:g}"/></Extent></Drawing>\n'
        f"{''.join(parts)}</PlantModel>\n"
    )


def _rows() -> list[str]:
    """kks; description; unit; kind; role; low; high; decimals; equipment; design_min; design; design_max."""

    def analog(kks: str, unit: str, role: str, high: float, of: str = "", design: float | None = None) -> str:
        span = ";;" if design is None else f"{0.9 * design:g};{design:g};{1.1 * design:g}"
        return f"{kks};{role};{unit};analog;{role};0;{high:g};1;{of};{span}"

    def binary(kks: str, role: str) -> str:
        return f"{kks};{role};;binary;{role};0;1;0;;;;"

    rows = [
        analog(f"{FURNACE}XQ01", "MW", "duty", 12),
        analog(f"{FURNACE}XQ02", "t/h", "fuel", 2),
        binary(f"{FURNACE}XB01", "flame"),
        binary(f"{FURNACE}XB02", "trip"),
        binary(f"{FURNACE}XL01", "command"),
        analog("10RHA10CT001XQ01", "°C", "temperature", 500, FURNACE, 360),
        analog(f"{MEASURED}XQ01", "kW", "duty", 5000, design=4000),
        binary(f"{MEASURED}XB01", "bypass"),
        analog(f"{COMPUTED}XQ01", "m³/h", "flow", 100),
        analog(f"{COMPUTED}XQ02", "°C", "temperature_in", 200),
        analog(f"{COMPUTED}XQ03", "°C", "temperature_out", 200),
        analog(f"{DIFFERENCE}XQ01", "°C", "temperature_in", 200),
        analog(f"{DIFFERENCE}XQ02", "°C", "temperature_out", 200),
        analog(f"{AIR_COOLER}XQ01", "kW", "duty", 3600),
        binary(f"{AIR_COOLER}XB01", "running"),
        *(
            analog(f"10RKA10CT00{n}XQ01", "°C", "temperature", 400, COLUMN, design)
            for n, design in enumerate((120, 170, 220, 270, 320), 1)
        ),
        analog("10RKA10CP001XQ01", "bar", "pressure", 4, COLUMN, 1.5),
        analog("10RKA10CP002XQ01", "bar", "pressure", 4, COLUMN, 1.9),
        analog("10RKA10CL001XQ01", "m", "level", 3, COLUMN),
        analog("10RLA10CL001XQ01", "m", "level", 10, TANK, 6),
        binary(f"{AGITATOR}XB01", "running"),
        binary(f"{AGITATOR}XB02", "trip"),
        binary(f"{AGITATOR}XL01", "command"),
        binary(f"{BLOWER}XB01", "running"),
        binary(f"{BLOWER}XB02", "trip"),
        analog(f"{BLOWER}XQ01", "1/min", "speed", 3000),
        binary(f"{PUMP}XB01", "running"),
        binary(f"{PUMP}XB02", "trip"),
        binary(f"{PUMP}XL01", "command"),
        binary(f"{PUMP}XB03", "available"),
        analog(f"{PUMP}XQ01", "mm/s", "vibration", 20),
        analog(f"{CONTROL}XQ01", "%", "position", 100),
        analog(f"{CONTROL}XQ02", "%", "output", 100),
        binary(f"{MOTOR}XB01", "open"),
        binary(f"{MOTOR}XB02", "closed"),
        binary(f"{MOTOR}XL01", "command"),
        analog(f"{THREE_WAY}XQ01", "%", "position", 100),
        binary(f"{SAFETY}XB01", "lifted"),
        binary(f"{CHECK}XB01", "open"),
        binary(f"{TRACED}XB01", "tracing"),
        analog(f"{FLOW_ONLY}XQ01", "m³/h", "flow", 100),
    ]
    return [f"{row};field;holding-register:{2 * n + 1}:REAL;unit" for n, row in enumerate(rows)]


_PLANT = """\
[refinery]
id = "sim-heat"
name = "Heat"
timezone = "UTC"
tag_scheme = "kks"
signals = "signals.csv"
heartbeat_s = 5.0

[plc.field]
connection = "modbus-tcp://127.0.0.1:15903"
scan_s = 0.5

[[drawings]]
file = "heat.xml"
title = "Heat"
"""


def write(folder: Path) -> Path:
    """The plant in `folder`."""
    head = "kks;description;unit;kind;role;low;high;decimals;equipment;design_min;design;design_max;plc;address;zone"
    (folder / "plant.toml").write_text(_PLANT, encoding="utf-8")
    (folder / "signals.csv").write_text("\n".join([head, *_rows(), ""]), encoding="utf-8")
    (folder / "heat.xml").write_text(sheet(), encoding="utf-8")
    return folder
