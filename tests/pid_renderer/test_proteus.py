"""The Proteus reader: our own sheet, the public samples, and files that nobody should trust."""

from __future__ import annotations

import math
import os
import tracemalloc
from pathlib import Path

import pytest
from lxml import etree

from pid_renderer import proteus
from pid_renderer.drawing import Arc, BadDrawing, Box, Polyline, Text
from pid_renderer.proteus.geometry import IDENTITY, Affine, ellipse
from pid_renderer.xml_document import MAX_BYTES, content_of


def model(body: str, units: str = "mm", catalogue: str = "") -> bytes:
    return (
        f'<PlantModel><PlantInformation SchemaVersion="4.1" OriginatingSystem="Test" Units="{units}"/>'
        f'<Drawing Name="S"><Extent><Min X="0" Y="0"/><Max X="400" Y="300"/></Extent></Drawing>{body}'
        f'<ShapeCatalogue Name="C">{catalogue}</ShapeCatalogue></PlantModel>'
    ).encode()


def position(x: float, y: float, c: float = 1, s: float = 0, z: float = 1) -> str:
    return f'<Position><Location X="{x}" Y="{y}"/><Axis X="0" Y="0" Z="{z}"/><Reference X="{c}" Y="{s}"/></Position>'


HOOK = (
    '<Equipment ID="s" ComponentName="HOOK"><PolyLine>'
    '<Coordinate X="0" Y="0"/><Coordinate X="10" Y="0"/><Coordinate X="10" Y="5"/></PolyLine></Equipment>'
)


def placed(frame: str, scale: str = "") -> Polyline:
    equipment = f'<Equipment ID="E" ComponentClass="Tank" ComponentName="HOOK">{frame}{scale}</Equipment>'
    drawing = proteus.read_bytes(model(equipment, catalogue=HOOK), "t.xml")
    (line,) = drawing.primitives_of["E"]
    assert isinstance(line, Polyline)
    return line


def rounded(line: Polyline) -> list[tuple[float, float]]:
    return [(round(x, 6) + 0.0, round(y, 6) + 0.0) for x, y in line.points]


def test_a_sheet_has_y_down_and_its_top_left_corner_at_the_origin():
    assert rounded(placed(position(100, 250))) == [(100, 50), (110, 50), (110, 45)]


def test_a_symbol_is_turned_by_its_reference():
    assert rounded(placed(position(100, 250, 0, 1))) == [(100, 50), (100, 40), (95, 40)]


def test_a_symbol_with_a_negative_axis_is_mirrored():
    assert rounded(placed(position(100, 250, z=-1))) == [(100, 50), (110, 50), (110, 55)]


def test_a_dexpi_file_mirrors_left_to_right_before_it_turns():
    for reference, points in (((1, 0), [(100, 50), (90, 50), (90, 45)]), ((0, 1), [(100, 50), (100, 60), (95, 60)])):
        frame = position(100, 250, *reference, z=-1)
        equipment = f'<Equipment ID="E" ComponentClass="Tank" ComponentName="HOOK">{frame}</Equipment>'
        content = model(equipment, catalogue=HOOK).replace(b" SchemaVersion=", b' Application="Dexpi" SchemaVersion=')
        (line,) = proteus.read_bytes(content, "t.xml").primitives_of["E"]
        assert isinstance(line, Polyline)
        assert rounded(line) == points


def test_a_symbol_is_scaled_before_it_is_turned():
    assert rounded(placed(position(100, 250, 0, 1), '<Scale X="2" Y="4"/>')) == [(100, 50), (100, 30), (80, 30)]


def test_units_of_the_file_become_millimetres():
    body = (
        '<Equipment ID="E" ComponentClass="Tank"><Line><Coordinate X="1" Y="1"/><Coordinate X="2" Y="1"/></Line>'
        "</Equipment>"
    )
    content = model(body, units="Inch").replace(b'X="400" Y="300"', b'X="40" Y="30"')
    drawing = proteus.read_bytes(content, "t.xml")
    assert drawing.width_mm == pytest.approx(1016.0)
    assert drawing.primitives_of["E"][0].box.width == pytest.approx(25.4)


def test_a_trimmed_curve_runs_counter_clockwise_in_the_file_and_keeps_its_ends():
    body = (
        '<Equipment ID="E" ComponentClass="Tank"><TrimmedCurve StartAngle="0" EndAngle="90">'
        f'<Circle Radius="10">{position(100, 100)}</Circle></TrimmedCurve></Equipment>'
    )
    (arc,) = proteus.read_bytes(model(body), "t.xml").primitives_of["E"]
    assert isinstance(arc, Arc)
    start, end = arc.at(arc.start_deg), arc.at(arc.start_deg + arc.sweep_deg)
    assert start == pytest.approx((110, 200))
    assert end == pytest.approx((100, 190))


@pytest.mark.parametrize(
    "frame",
    [
        IDENTITY,
        Affine(0, 1, -1, 0, 5, 5),
        Affine(2, 0, 0, 2, 0, 0),
        Affine(1, 0, 0, -1, 0, 0),
        Affine(0.6, 0.8, 0.8, -0.6, 3, 4),
        Affine(3, 1, -1, 2, 0, 0),
        Affine(-2, 0, 0, 1, 7, 7),
    ],
)
def test_an_arc_under_any_frame_passes_through_the_images_of_its_points(frame: Affine):
    image = Arc("", "equipment", *ellipse(frame, 4.0, 3.0, 20.0, 130.0), stroke=None)  # type: ignore[arg-type]
    for part in (0.0, 0.3, 1.0):
        t = math.radians(20.0 + 130.0 * part)
        expected = frame(4.0 * math.cos(t), 3.0 * math.sin(t))
        assert image.at(image.start_deg + image.sweep_deg * part) == pytest.approx(expected, abs=1e-9)


def test_a_text_without_a_string_shows_the_attribute_it_refers_to():
    body = (
        '<Equipment ID="E" ComponentClass="Tank" TagName="T-1"><GenericAttributes>'
        '<GenericAttribute Name="NominalDiameterAssignmentClass" Value="80"/></GenericAttributes>'
        '<Label ID="L" ComponentClass="L"><Text String="" Height="3" ItemID="E" '
        f'DependantAttribute="[NominalDiameterAssignmentClass] mm">'
        f"{position(10, 10)}</Text></Label></Equipment>"
    )
    drawing = proteus.read_bytes(model(body), "t.xml")
    assert [p.text for p in drawing.primitives if isinstance(p, Text)] == ["80 mm"]


def test_what_is_not_understood_is_counted_with_its_line():
    body = (
        '\n<Equipment ID="E" ComponentClass="Tank" ComponentName="NOWHERE"/>\n<Hologram/>\n'
        '<Equipment ID="E" ComponentClass="Tank"><Line><Coordinate X="no" Y="1"/>'
        '<Coordinate X="2" Y="1"/></Line></Equipment>'
    )
    drawing = proteus.read_bytes(model(body), "t.xml")
    unread = {item.what: (item.count, item.line) for item in drawing.unread}
    assert unread["<Hologram>"] == (1, 3)
    assert unread["symbol 'NOWHERE' is not in the file's catalogue"] == (1, 2)
    assert unread["Line: Coordinate X='no'"] == (1, 4)
    assert unread["an ID used twice"] == (1, 4)


def test_a_design_value_is_given_in_si_with_what_the_file_says():
    body = (
        '<Equipment ID="E" ComponentClass="Tank"><GenericAttributes>'
        '<GenericAttribute Name="UpperLimitDesignTemperature" Value="90" Units="DegreeCelsius"/>'
        '<GenericAttribute Name="UpperLimitDesignPressure" Value="2,5" Units="barg"/></GenericAttributes></Equipment>'
    )
    attributes = proteus.read_bytes(model(body), "t.xml").elements["E"].attributes
    temperature, pressure = attributes["UpperLimitDesignTemperature"], attributes["UpperLimitDesignPressure"]
    assert (temperature.value, temperature.unit, temperature.text) == (pytest.approx(363.15), "K", "90")
    assert (pressure.value, pressure.unit, pressure.unit_text) == (pytest.approx(250_000), "Pa(g)", "barg")


def test_ink_far_outside_of_the_sheet_is_counted_and_does_not_shrink_the_rest():
    inside = "".join(f'<Coordinate X="{x}" Y="10"/>' for x in range(1, 101))
    body = (
        f'<Equipment ID="E" ComponentClass="Tank"><PolyLine>{inside}</PolyLine>'
        f'<Text String="lost" Height="3">{position(10, -5000)}</Text></Equipment>'
    )
    drawing = proteus.read_bytes(model(body), "t.xml")
    assert (drawing.width_mm, drawing.height_mm) == (400, 300)
    assert [(item.what, item.count) for item in drawing.unread] == [
        ("a point outside of the sheet", 1),
        ("ink far outside of the sheet, not drawn", 1),
    ]


def test_the_reference_sheet_is_read_without_anything_unread(sheet):
    assert sheet.drawing.unread == ()
    assert sheet.drawing.by_kks["10EGB11BB001"].family == "tank"
    assert sheet.drawing.by_kks["10EGC11AP001"].family == "pump"
    assert sheet.drawing.by_kks["10EGC11AP001"].attributes["DesignShaftPower"].unit == "W"
    assert len(sheet.drawing.anchors) >= 9


def refused(content: bytes) -> str:
    with pytest.raises(BadDrawing) as caught:
        proteus.read_bytes(content, "bad.xml")
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith("bad.xml, line ")
    return text


def test_entities_are_refused_before_they_can_grow():
    lol = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    text = refused(
        f'<?xml version="1.0"?>\n<!DOCTYPE PlantModel [<!ENTITY l0 "lol">{lol}]><PlantModel a="&l9;"/>'.encode()
    )
    assert "line 2" in text


def test_entities_in_a_two_byte_encoding_are_refused_too():
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE PlantModel [<!ENTITY a "b">]><PlantModel a="&a;"/>'
    assert "declarations" in refused(text.encode("utf-16"))


def test_an_external_entity_is_never_fetched(tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("do not read")
    text = refused(
        f'<!DOCTYPE PlantModel [<!ENTITY x SYSTEM "{secret.as_uri()}">]><PlantModel>&x;</PlantModel>'.encode()
    )
    assert "do not read" not in text


def test_a_truncated_file_names_the_line_where_it_ends(sheet):
    whole = sheet.plant.drawings[0].file.read_bytes()
    text = refused(whole[: len(whole) // 2])
    line = int(text.split("line ")[1].split(":")[0])
    assert abs(line - whole[: len(whole) // 2].count(b"\n")) <= 1
    assert "not well-formed" in text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "root element is <svg>"),
        (b'<Model name="m"><Import prefix="Core" source="x"/></Model>', "root element is <Model>"),
        (b"", "is empty"),
        (b" \n\t ", "is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a PNG picture"),
        (b"PK\x03\x04\x14\0\0\0", "a ZIP archive"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"<!DOCTYPE html>\n<html><body>404</body></html>", "a web page"),
        (b"TagName;Equipment\nT-1;tank\n", "does not begin with <"),
        ('<?xml version="1.0" encoding="cp037"?><!DOCTYPE P [<!ENTITY a "b">]><P/>'.encode("cp037"), "does not begin"),
        (b"<PlantModel>" + b"<a/>" * 2_100_000 + b"</PlantModel>", "more than 1000000 elements"),
        (b"<PlantModel>" + b'<a b=""/>' * 2_600_000 + b"</PlantModel>", "more than"),
        (b"<PlantModel " + b'\n a="' + b"x" * 11_000_000 + b'"/>', "not well-formed"),
        (b'<?xml version="1.0" encoding="utf-7"?><PlantModel/>', "utf-7"),
        (b"<PlantModel/>", "no plant item"),
        (b"<PlantModel>" + b"<A>" * 100 + b"</A>" * 100 + b"</PlantModel>", "deeper than"),
    ],
)
def test_a_foreign_or_hostile_file_gets_one_sentence(content: bytes, words: str):
    assert words in refused(content)


def test_a_file_of_200_mb_is_refused_unread(tmp_path: Path):
    path = tmp_path / "huge.xml"
    with path.open("wb") as file:
        file.seek(2 * MAX_BYTES)
        file.write(b"x")
    tracemalloc.start()
    with pytest.raises(BadDrawing, match="more than the"):
        proteus.read(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_a_missing_file_is_said_by_name(tmp_path: Path):
    with pytest.raises(BadDrawing, match=r"nowhere\.xml: cannot be read"):
        proteus.read(tmp_path / "nowhere.xml")


@pytest.mark.shared
def test_the_strokes_of_c01_lie_where_an_independent_computation_puts_them(samples: Path):
    path = next((samples / "proteus-c01").glob("*.xml"))
    drawing, root = proteus.read(path), etree.parse(str(path)).getroot()
    lines = [n for n in root.iter("CenterLine", "PolyLine") if next(n.iterancestors("ShapeCatalogue"), None) is None]
    drawn = {
        tuple((round(x, 4), round(y, 4)) for x, y in p.points) for p in drawing.primitives if isinstance(p, Polyline)
    }
    for node in lines:
        points = tuple(
            (round(float(c.get("X")), 4), round(297 - float(c.get("Y")), 4)) for c in node.iter("Coordinate")
        )
        assert points in drawn
    texts = sorted(t.get("String") for t in root.iter("Text") if t.get("String"))
    assert sorted(p.text for p in drawing.primitives if isinstance(p, Text)) == texts
    assert drawing.unread == ()
    assert Box(0, 0, 420, 297).union(drawing.elements["Tank-1"].box) == Box(0, 0, 420, 297)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes in folders are of Unix")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path):
    pipe = tmp_path / "sheet.xml"
    os.mkfifo(pipe)
    with pytest.raises(BadDrawing, match=r"sheet\.xml: is no file but a folder, pipe or device"):
        content_of(pipe)


@pytest.mark.parametrize("name", [".", os.devnull])
def test_a_folder_and_a_device_are_refused(name: str):
    with pytest.raises(BadDrawing, match="is no file but a folder, pipe or device"):
        content_of(Path(name))
