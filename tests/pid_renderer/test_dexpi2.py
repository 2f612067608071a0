"""What the DEXPI 2.0 reader draws, from small files of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from pid_renderer.drawing import Arc, Polyline, Text
from pid_renderer.reading import read_as_written as read
from tests.pid_renderer.dexpi2_files import (
    aggregated,
    data,
    group,
    literal,
    model,
    obj,
    parts,
    point,
    polyline,
    read_bytes,
    refers,
    static,
    tank,
    usage,
)


def placed(turn: float = 0.0, mirrored: bool = False, scale: float = 1.0) -> list[tuple[float, float]]:
    content = model(
        [parts("TaggedPlantItems", tank())],
        [group("T", parts("Groups", static(usage("#Hook", 100, 50, turn, mirrored, scale))))],
    )
    (line,) = read_bytes(content, "t.xml").primitives_of["T"]
    assert isinstance(line, Polyline)
    return [(round(x, 6) + 0.0, round(y, 6) + 0.0) for x, y in line.points]


def test_a_sheet_has_y_down_as_the_format_has():
    assert placed() == [(100, 50), (110, 50), (110, 55)]


def test_a_shape_is_turned_clockwise():
    assert placed(turn=90.0) == [(100, 50), (100, 60), (95, 60)]


def test_a_mirrored_shape_is_mirrored_left_to_right_before_it_is_turned():
    assert placed(mirrored=True) == [(100, 50), (90, 50), (90, 55)]
    assert placed(mirrored=True, turn=90.0) == [(100, 50), (100, 40), (95, 40)]


def test_a_shape_is_scaled_before_it_is_turned():
    assert placed(turn=90.0, scale=2.0) == [(100, 50), (100, 70), (90, 70)]


def test_an_arc_runs_clockwise_from_its_start_to_its_end_across_the_axis():
    arc = obj(
        "Core/Diagram.EllipseArc",
        point("Center", (100, 100)),
        data("HorizontalSemiAxis", 10.0),
        data("VerticalSemiAxis", 5.0),
        data("Rotation", 0.0),
        data("StartAngle", 270.0),
        data("EndAngle", 90.0),
    )
    drawing = read_bytes(
        model([parts("TaggedPlantItems", tank())], [group("T", parts("Groups", static(arc)))]), "t.xml"
    )
    (found,) = drawing.primitives_of["T"]
    assert isinstance(found, Arc)
    assert found.at(found.start_deg) == pytest.approx((100, 95))
    assert found.at(found.start_deg + found.sweep_deg / 2) == pytest.approx((110, 100))
    assert found.at(found.start_deg + found.sweep_deg) == pytest.approx((100, 105))


def text_of(template: str, written: str, *, reference: str = "#T") -> Text:
    fragments = "".join(
        obj(
            "Core/Diagram.AttributeRepresentation",
            data("AttributeName", name),
            refers("Object", reference),
            literal("Type", "Core/Diagram.AttributeRepresentationType.Value"),
        )
        if name.isalpha() or "(" in name
        else obj("Core/Diagram.LiteralText", data("Text", name))
        for name in template.split("|")
    )
    label = obj(
        "Core/Diagram.Text",
        point("Position", (5, 5)),
        data("Size", 3.0),
        data("Rotation", 0.0),
        literal("Alignment", "Core/Diagram.TextAlignment.RightTop"),
        data("Text", written),
        parts("Template", obj("Core/Diagram.TextTemplate", parts("Fragments", fragments))),
    )
    ink = [group("T", parts("Groups", obj("Plant/Diagram.EquipmentTagNameLabel", parts("Elements", label))))]
    values = data("TagName", "T-1") + data("NominalCapacityVolume", "26") + data("FluidCode", "MNb")
    drawing = read_bytes(model([parts("TaggedPlantItems", tank(values))], ink), "t.xml")
    (found,) = (each for each in drawing.primitives if isinstance(each, Text))
    assert drawing.elements[found.owner].kind == "label"
    assert drawing.elements[found.owner].parent == "T"
    return found


def test_a_text_says_which_attribute_of_which_element_it_shows():
    text = text_of("TagName", "T-1")
    assert (text.text, text.refers_to, text.attribute) == ("T-1", "T", "TagName")
    assert (text.horizontal, text.vertical) == ("right", "top")


def test_a_text_left_empty_is_made_from_its_template():
    assert text_of("TagName", "").text == "T-1"
    assert text_of("TagName|: |FluidCode", "").text == "T-1: MNb"
    assert text_of("NominalCapacity(Volume)", "").text == "26"


def test_a_text_about_nothing_is_drawn_as_written():
    text = text_of("TagName", "as written", reference="#nowhere")
    assert (text.text, text.refers_to) == ("as written", "")


def test_symbols_of_a_profile_are_read_from_beside_the_drawing_and_never_from_elsewhere(tmp_path: Path):
    conditioned = obj(
        "Profile/SymbolVariant",
        parts("Condition", obj("Profile/PropertyValueCondition", data("Property", "Position"), data("Value", "shut"))),
        parts("Primitives", polyline((0, 0), (9, 9))),
    )
    plain = obj(
        "Profile/SymbolVariant",
        parts("Primitives", polyline((0, 0), (5, 0))),
        parts(
            "LabelTemplates",
            obj(
                "Profile/LabelTemplate", point("Position", (0, -2)), data("Size", 3.0), data("Text", "&lt;TagName&gt;")
            ),
        ),
    )
    symbol = obj("Profile/Symbol", parts("Variants", conditioned, plain), name="ND1")
    catalogue = obj("Profile/SymbolCatalogue", parts("Symbols", symbol))
    used = (
        usage("Mine/ND1", 100, 50).replace("Diagram.ShapeUsage", "Diagram.SymbolUsage").replace('"Shape"', '"Symbol"')
    )
    sheet = tmp_path / "sheet.xml"
    sheet.write_bytes(
        model([parts("TaggedPlantItems", tank(data("TagName", "T-1")))], [group("T", parts("Groups", static(used)))])
    )
    (missing,) = read(sheet).unread
    assert missing.what == "symbol 'Mine/ND1' is neither in the file nor in a profile beside it"
    (tmp_path / "Mine.xml").write_text(
        f'<Model name="Mine" uri="u"><Package name="S">{symbol}</Package>{catalogue}</Model>'
    )
    assert read(sheet).unread != ()  # the symbol's full name is Mine/S.ND1
    (tmp_path / "Mine.xml").write_text(f'<Model name="Mine" uri="u">{symbol}</Model>')
    drawing = read(sheet)
    assert drawing.unread == ()
    assert [each.box.width for each in drawing.primitives if isinstance(each, Polyline)] == [5.0]
    assert [each.text for each in drawing.primitives if isinstance(each, Text)] == ["T-1"]


def test_a_body_in_the_grounds_colour_covers_and_keeps_an_outline():
    white = aggregated("Color", "Core/Diagram.Color", *(data(name, 1.0) for name in "RGB"))
    box = obj(
        "Core/Diagram.Polygon",
        point("Points", (0, 0), (10, 0), (10, 10)),
        literal("FillStyle", "Core/Diagram.FillStyle.Solid"),
        aggregated("Stroke", "Core/Diagram.Stroke", white, data("Width", 0.3)),
    )
    ground = white.replace('"Color"', '"BackgroundColor"')
    content = model([parts("TaggedPlantItems", tank())], [group("T", parts("Groups", static(box)))])
    drawing = read_bytes(
        content.replace(b'<Data property="Name"><String>S<', ground.encode() + b'<Data property="Name"><String>S<'),
        "t.xml",
    )
    assert drawing.ground == "#FFFFFF"
    found = drawing.primitives_of["T"]
    assert [(each.filled, each.stroke.color) for each in found if isinstance(each, Polyline)] == [
        (True, "#FFFFFF"),
        (False, ""),
    ]
