"""Curves, angles, patterns and letters of Proteus files."""

from __future__ import annotations

import math

import pytest

from pid_renderer import proteus
from pid_renderer.drawing import Arc, Polyline, Text
from pid_renderer.paper import inks
from pid_renderer.proteus import bspline
from tests.pid_renderer.test_proteus import model, position


def tank(strokes: str, attributes: str = "") -> str:
    return f'<Equipment ID="E" ComponentClass="Tank" {attributes}>{strokes}</Equipment>'


def drawn(strokes: str, **options: str):
    return proteus.read_bytes(model(tank(strokes), **options), "t.xml").primitives_of["E"]


def coordinates(*points: tuple[float, float]) -> str:
    return "".join(f'<Coordinate X="{x}" Y="{y}"/>' for x, y in points)


def test_a_spline_of_one_span_is_the_bezier_curve_of_its_points():
    points = ((0.0, 0.0), (1.0, 3.0), (4.0, 3.0), (5.0, 0.0))
    curve = bspline.sampled(points, 3)
    pieces = len(curve) - 1
    for i, (x, y) in enumerate(curve):
        t = i / pieces
        weights = [math.comb(3, k) * t**k * (1 - t) ** (3 - k) for k in range(4)]
        assert x == pytest.approx(sum(w * p[0] for w, p in zip(weights, points, strict=True)), abs=1e-12)
        assert y == pytest.approx(sum(w * p[1] for w, p in zip(weights, points, strict=True)), abs=1e-12)


def test_weights_make_a_spline_a_circle():
    half = math.sqrt(0.5)
    curve = bspline.sampled(((1, 0), (1, 1), (0, 1)), 2, (0, 0, 0, 1, 1, 1), (1, half, 1))
    assert all(math.hypot(x, y) == pytest.approx(1.0, abs=1e-12) for x, y in curve)
    assert curve[0] == pytest.approx((1, 0))
    assert curve[-1] == pytest.approx((0, 1))


def test_a_repeated_knot_makes_a_corner_that_the_curve_passes_through():
    points = ((0, 0), (1, 2), (2, 0), (3, 2), (4, 0))
    curve = bspline.sampled(points, 2, (0, 0, 0, 1, 1, 2, 2, 2))
    assert min(math.dist(point, (2, 0)) for point in curve) == pytest.approx(0.0, abs=1e-12)


def test_a_spline_of_the_file_is_drawn_with_its_multiplicities_and_never_by_its_control_points():
    knots = "<KnotMultiplicities><Multiplicity>3</Multiplicity><Multiplicity>3</Multiplicity></KnotMultiplicities>"
    knots += "<Knots><Knot>0</Knot><Knot>1</Knot></Knots>"
    (curve,) = drawn(
        f'<BsplineCurve Degree="2" NumControlPoints="3"><ControlPoints>{coordinates((10, 10), (20, 30), (30, 10))}'
        f"</ControlPoints>{knots}</BsplineCurve>"
    )
    assert isinstance(curve, Polyline)
    assert curve.box.height == pytest.approx(10.0)
    assert curve.points[0] == pytest.approx((10, 290))


@pytest.mark.parametrize(
    "inside",
    [
        f"<ControlPoints>{coordinates((10, 10))}</ControlPoints>",
        f"<ControlPoints>{coordinates((10, 10), (20, 30), (30, 10))}</ControlPoints><Knots><Knot>1</Knot></Knots>",
        f"<ControlPoints>{coordinates((10, 10), (20, 30), (30, 10))}</ControlPoints>"
        "<WeightsData><ControlPointWeight>x</ControlPointWeight></WeightsData>",
    ],
)
def test_a_spline_that_cannot_be_is_counted(inside):
    body = tank(f'<BsplineCurve Degree="2">{inside}</BsplineCurve><Line>{coordinates((1, 1), (9, 9))}</Line>')
    drawing = proteus.read_bytes(model(body), "t.xml")
    assert len(drawing.primitives_of["E"]) == 1
    assert any("BsplineCurve" in unread.what for unread in drawing.unread)


def arc_of(start: str, end: str) -> str:
    circle = f'<Circle Radius="10">{position(100, 100)}</Circle>'
    return f'<TrimmedCurve StartAngle="{start}" EndAngle="{end}">{circle}</TrimmedCurve>'


def test_angles_are_radians_where_the_file_says_so_and_where_they_can_be_nothing_else():
    said = model(tank(arc_of("0", "1.0"))).replace(
        b'Units="mm"/>', b'Units="mm"><UnitsOfMeasure Angle="Radian"/></PlantInformation>'
    )
    (arc,) = proteus.read_bytes(said, "t.xml").primitives_of["E"]
    assert arc.sweep_deg == pytest.approx(-math.degrees(1.0)) or arc.sweep_deg == pytest.approx(math.degrees(1.0))
    (told,) = drawn(arc_of("1.5707963", "3.1415927"))
    assert abs(told.sweep_deg) == pytest.approx(90.0, abs=1e-4)
    (degrees,) = drawn(arc_of("0", "3"))
    assert abs(degrees.sweep_deg) == pytest.approx(3.0)


def test_the_box_of_an_arc_holds_it_and_no_more():
    (arc,) = drawn(arc_of("30", "170"))
    assert isinstance(arc, Arc)
    points = [arc.at(arc.start_deg + arc.sweep_deg * i / 5000) for i in range(5001)]
    expected = (
        min(x for x, _ in points),
        min(y for _, y in points),
        max(x for x, _ in points),
        max(y for _, y in points),
    )
    assert tuple(arc.box) == pytest.approx(expected, abs=1e-5)


def test_a_line_type_is_a_dash_of_the_lines_own_weight_and_an_unknown_one_is_counted():
    def line(kind: str) -> str:
        return f'<Line><Presentation LineType="{kind}" LineWeight="0.5"/>{coordinates((1, 1), (90, 1))}</Line>'

    drawing = proteus.read_bytes(model(tank(line("2") + line("Dotted") + line("0") + line("ZigZag"))), "t.xml")
    dashes = [ink.dash_mm for _, ink in inks(drawing)]
    assert dashes[0] == (3.0, 2.0)
    assert dashes[1] == (0.5, 1.5)
    assert dashes[2:] == [(), ()]
    assert any("zigzag" in unread.what for unread in drawing.unread)


def test_fills_are_solid_or_hatched_and_white_covers_only_on_a_white_ground():
    def shape(style: str, color: str) -> str:
        return (
            f'<Shape Filled="{style}"><Presentation R="{color}" G="{color}" B="{color}"/>'
            f"{coordinates((1, 1), (9, 1), (9, 9))}</Shape>"
        )

    body = tank(shape("Solid", "0") + shape("Hatch", "0") + shape("Solid", "1"))
    ground = '<Drawing Name="S"><Presentation R="{0}" G="{0}" B="{0}"/>'
    fills = {}
    for name in "10":
        content = model(body).replace(b'<Drawing Name="S">', ground.format(name).encode())
        fills[name] = [(ink.fill, ink.hatched) for _, ink in inks(proteus.read_bytes(content, "t.xml"))]
    assert fills["1"] == [("#000000", False), ("", True), ("#FFFFFF", False)]
    assert fills["0"][2] == ("#000000", False)


def text(inside: str = "", attributes: str = 'String="N1"', at: str = "") -> Text:
    body = f'<Text Height="3" Font="Arial" {attributes}>{inside}{at or position(100, 100)}</Text>'
    (found,) = drawn(body)
    assert isinstance(found, Text)
    return found


def test_a_text_has_the_lines_of_its_string_or_of_its_string_elements():
    assert text(attributes='String="a&#13;&#10;b&#10;c"').text == "a\nb\nc"
    assert text('<String Value="a"/><String>b</String>', attributes="").text == "a\nb"


def test_a_text_is_as_wide_as_its_extent_unless_no_font_could_be():
    def extent(left: float, right: float, top: float = 103.4) -> str:
        return f'<Extent><Min X="{left}" Y="100"/><Max X="{right}" Y="{top}"/></Extent>'

    assert text(extent(100, 104), 'String="N12"').width_mm == pytest.approx(4.0)
    assert text(extent(100, 140), 'String="N12"').width_mm == 0.0
    assert text(extent(100, 104, 100.0), 'String="N12"').width_mm == 0.0


def test_a_turned_text_reads_upwards_and_a_label_of_a_turned_symbol_stays_upright():
    assert text(attributes='String="N1" TextAngle="90"').angle_deg == pytest.approx(-90.0)
    assert text(attributes='String="N1" TextAngle="180"').angle_deg == pytest.approx(-180.0)
    shape = f'<Equipment ID="s" ComponentName="S"><Text String="M" Height="3">{position(2, 1)}</Text></Equipment>'
    body = f'<Equipment ID="E" ComponentClass="Tank" ComponentName="S">{position(100, 100, -1)}</Equipment>'
    (turned,) = proteus.read_bytes(model(body, catalogue=shape), "t.xml").primitives_of["E"]
    assert turned.angle_deg == pytest.approx(0.0)
    assert (turned.horizontal, turned.vertical) == ("right", "top")
    assert turned.at == pytest.approx((98.0, 201.0))


@pytest.mark.parametrize(("stated", "grows"), [((100, 100), True), ((148, 210), False)])
def test_a_sheet_grows_for_text_that_reaches_over_its_edge_but_paper_keeps_its_size(stated, grows):
    width, height = stated
    word = f'<Text String="T-1001" Height="8">{position(width - 10, 50)}</Text>'
    content = model(tank(f"<Line>{coordinates((5, 5), (95, 95))}</Line>{word}"))
    size = f'X="{width}" Y="{height}"'.encode()
    drawing = proteus.read_bytes(content.replace(b'X="400" Y="300"', size), "t.xml")
    assert (drawing.width_mm > width) == grows
    assert all(item.box.right <= drawing.width_mm for item in drawing.primitives) == grows


def test_labels_in_a_bubbles_own_coordinates_stand_in_it():
    label = f'<Label ID="L"><Text String="PI" Height="2">{position(0, 2.5)}</Text></Label>'
    body = (
        '<ProcessInstrumentationFunction ID="P"><Extent><Min X="190" Y="90"/><Max X="210" Y="110"/></Extent>'
        f'{position(200, 100)}<Scale X="2" Y="2"/>{label}</ProcessInstrumentationFunction>'
    )
    (shown,) = proteus.read_bytes(model(body), "t.xml").primitives_of["L"]
    assert shown.at == pytest.approx((200.0, 195.0))
    assert shown.height_mm == pytest.approx(4.0)


def test_strokes_in_place_replace_their_shape_and_arcs_get_the_scale_that_was_left_out():
    arc = '<TrimmedCurve StartAngle="0" EndAngle="180"><Circle Radius="10">{}</Circle></TrimmedCurve>'
    shape = f'<Equipment ID="s" ComponentName="S"><Line>{coordinates((-10, 0), (10, 0))}</Line></Equipment>'
    body = (
        '<Equipment ID="E" ComponentClass="Tank" ComponentName="S" ComponentType="Normal">'
        f'{position(100, 100)}<Scale X="3" Y="4"/><Line>{coordinates((70, 100), (130, 100))}</Line>'
        f"{arc.format(position(100, 100))}</Equipment>"
    )
    line, bow = proteus.read_bytes(model(body, catalogue=shape), "t.xml").primitives_of["E"]
    assert isinstance(line, Polyline)
    assert tuple(bow.box) == pytest.approx((70, 160, 130, 200))
