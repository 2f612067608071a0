"""The sheet as SVG: what a page that animates it relies on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree

from contracts.quality import Quality
from data.reading import AlarmMark
from pid_renderer import plain_svg, proteus, svg, svg_words
from pid_renderer.binding import bind
from pid_renderer.drawing import Box
from pid_renderer.sheet_layers import Layers
from resources.theme import theme
from tests.pid_renderer.conftest import reading
from tests.pid_renderer.test_proteus import model

NS = "{http://www.w3.org/2000/svg}"
LEVEL = "10EGB11CL001XQ01"


@pytest.fixture(scope="module")
def empty(sheet) -> etree._Element:
    return etree.fromstring(svg.write(sheet.drawing, sheet.binding, theme("light")).encode())


def by_id(root: etree._Element, id_: str) -> etree._Element:
    (found,) = root.xpath(f"//*[@id='{id_}']")
    return found


def test_each_element_is_a_group_whose_id_is_its_kks(empty, sheet):
    for kks in sheet.binding.element_ids:
        group = by_id(empty, kks)
        assert group.tag == f"{NS}g"
        assert group.get("data-kks") == kks


def test_ids_are_unique(empty):
    ids = [node.get("id") for node in empty.iter() if node.get("id")]
    assert len(ids) == len(set(ids))


def test_every_anchored_signal_has_a_text_that_waits(empty, sheet):
    for signal in {anchor.signal for anchor in sheet.drawing.anchors if anchor.signal}:
        text = by_id(empty, f"v-{signal}")
        assert text.text == "—"
        assert text.get("data-look") == "waiting"


def test_the_liquid_tells_where_it_is_full_and_begins_empty(empty):
    liquid = by_id(empty, "liquid-10EGB11BB001")
    top, height = float(liquid.get("data-top")), float(liquid.get("data-height"))
    assert float(liquid.get("height")) == 0
    assert float(liquid.get("y")) == pytest.approx(top + height)
    assert liquid.getparent().get("clip-path") == "url(#in-10EGB11BB001)"


def test_readings_fill_tank_text_and_states(sheet, calm):
    readings = calm() | {LEVEL: reading(4.5)}
    root = etree.fromstring(svg.write(sheet.drawing, sheet.binding, theme("dark"), readings, "es").encode())
    liquid = by_id(root, "liquid-10EGB11BB001")
    assert float(liquid.get("height")) == pytest.approx(0.25 * float(liquid.get("data-height")), rel=1e-3)
    assert by_id(root, f"v-{LEVEL}").text == "4,500 m"
    assert by_id(root, "10EGC11AP001").get("data-state") == "running"


def test_an_old_or_bad_value_is_marked(sheet, calm):
    readings = calm() | {LEVEL: reading(4.5, Quality.LAST_USABLE, 400), "10EGB11CT001XQ01": reading(None, Quality.BAD)}
    root = etree.fromstring(svg.write(sheet.drawing, sheet.binding, theme("light"), readings).encode())
    assert by_id(root, f"v-{LEVEL}").get("data-look") == "old"
    assert by_id(root, "v-10EGB11CT001XQ01").get("data-look") == "bad"
    assert by_id(root, "v-10EGB11CT001XQ01").text == "— — —"


def test_the_roof_of_a_tank_without_a_level_is_a_dashed_outline_and_no_measurement(sheet, empty):
    without = tuple(signal for signal in sheet.plant.signals if signal.kks != LEVEL)
    binding = bind(sheet.drawing, replace(sheet.plant, signals=without, tanks=()))
    root = etree.fromstring(svg.write(sheet.drawing, binding, theme("light")).encode())

    def dashed(document):
        return by_id(document, "10EGB11BB001").xpath(".//*[contains(@style, 'dash')]")

    roof = dashed(root)
    assert roof
    assert not any("fill:var" in stroke.get("style") for stroke in roof)
    assert dashed(empty) == []


def test_a_remark_stands_on_the_sheet_and_only_where_there_is_one(sheet, calm, empty):
    text = svg.write(sheet.drawing, sheet.binding, theme("light"), calm(), remark="FORMACIÓN <10:42:07>")
    (found,) = etree.fromstring(text.encode()).xpath("//*[@class='remark']")
    assert found.text == "FORMACIÓN <10:42:07>"
    assert empty.xpath("//*[@class='remark']") == []


def says(root: etree._Element, kks: str) -> etree._Element:
    """The group of a value, or of a symbol's badge."""
    (found,) = root.xpath(f"//*[@class='says'][@data-kks='{kks}']")
    return found


def shown_to_any_reader(text: str, kks: str) -> set[str]:
    """Classes of what a reader without style sheets sees of a group."""
    root = etree.fromstring(plain_svg.plain(text, lambda line, _strong: 0.6 * len(line)).encode())
    groups = root.xpath(f"//*[@class='says' or @class='boxed'][@data-kks='{kks}']")
    return {node.get("class") for group in groups for node in group.iter() if node.get("class")} - {"says", "boxed"}


def test_an_alarm_has_its_badge_and_box_at_the_value_or_at_the_symbol(sheet, calm):
    second, trip = "10EGB12CL001XQ01", "10EGC11AP001XB02"
    readings = calm() | {
        LEVEL: reading(16.0, alarm=AlarmMark(2, "H", "unacknowledged", 0)),
        second: reading(5.0, alarm=AlarmMark(3, "H", "returned", 0)),
        trip: reading(1.0, alarm=AlarmMark(1, "FAULT", "acknowledged", 0)),
    }
    text = svg.write(sheet.drawing, sheet.binding, theme("light"), readings)
    root = etree.fromstring(text.encode())
    assert (says(root, LEVEL).get("data-priority"), says(root, LEVEL).get("data-alarm")) == ("p2", "unacknowledged")
    assert says(root, "10EGC11AP001").get("data-priority") == "p1"
    assert trip in says(root, "10EGC11AP001").get("data-signals").split()
    assert shown_to_any_reader(text, LEVEL) == {"plate", "value", "badge", "ring", "mark", "numeral"}
    assert shown_to_any_reader(text, second) == {"plate", "value", "badge", "mark", "numeral"}
    assert shown_to_any_reader(text, "10EGC11AP001") == {"badge", "mark", "numeral"}
    assert shown_to_any_reader(text, "10EGB13CL001XQ01") == {"value"}
    assert shown_to_any_reader(text, "10EGC12AP001") == set()


def test_every_bound_signal_has_a_place_where_its_alarm_is_seen(empty, sheet):
    at_symbols = {kks for group in empty.xpath("//*[@data-signals]") for kks in group.get("data-signals").split()}
    with_value = {text.get("data-signal") for text in empty.xpath("//*[@data-signal]")}
    bound = {signal.kks for signals in sheet.binding.signals_at.values() for signal in signals}
    assert bound <= at_symbols | with_value
    assert not at_symbols & with_value


def test_what_is_off_its_design_is_shown_by_the_lens_alone(sheet, calm):
    readings = calm() | {LEVEL: reading(11.0)._replace(deviation_percent=8.4)}
    for design, wanted in ((False, {"value"}), (True, {"plate", "value", "off", "side", "percent"})):
        text = svg.write(sheet.drawing, sheet.binding, theme("dark"), readings, layers=Layers(design=design))
        root = etree.fromstring(text.encode())
        assert says(root, LEVEL).get("data-off") == by_id(root, "10EGB11BB001").get("data-off") == "over2"
        assert shown_to_any_reader(text, LEVEL) == wanted
        assert says(root, LEVEL).xpath(".//*[@class='percent']")[0].text == "+8 %"


def test_a_control_valve_shows_its_travel_and_where_it_was_told_to_go(sheet, calm, empty):
    code = "10EGC11AA003"
    readings = calm() | {f"{code}XQ01": reading(25.0), "10EGC10DF001XQ02": reading(75.0)}

    def parts(readings) -> dict[str, tuple[float, float]]:
        root = etree.fromstring(svg.write(sheet.drawing, sheet.binding, theme("light"), readings).encode())
        (bar,) = root.xpath(f"//*[@class='travel'][@data-kks='{code}']")
        assert by_id(root, code) in bar.iterancestors()
        found = {rect.get("class"): (float(rect.get("x")), float(rect.get("width"))) for rect in bar}
        return {**found, "look": bar.get("data-look")}

    good = parts(readings)
    assert good["look"] == "good"
    assert good["share"][1] == pytest.approx(0.25 * good["track"][1], rel=0.02)
    assert good["told"][0] + good["told"][1] / 2 - good["track"][0] == pytest.approx(0.75 * good["track"][1], rel=0.02)
    assert parts(readings | {f"{code}XQ01": reading(25.0, Quality.LAST_USABLE, 99)})["look"] == "old"
    assert parts(readings | {f"{code}XQ01": reading(None, Quality.BAD)})["look"] is None


def test_hostile_names_stay_text(sheet):
    body = (
        '<Equipment ID="E" ComponentClass="Tank" TagName="&lt;script&gt;&quot; x=1"><Line><Coordinate X="1" Y="1"/>'
        '<Coordinate X="9" Y="9"/></Line></Equipment>'
    )
    drawing = proteus.read_bytes(model(body), "t&<.xml")
    text = svg.write(drawing, bind(drawing, sheet.plant), theme("light"))
    root = etree.fromstring(text.encode())
    assert "<script" not in text
    assert len(root.xpath("//*[@data-kks]")) == 1


def test_c_like_arcs_keep_their_ends():
    from pid_renderer.drawing import Arc, Stroke

    arc = Arc("", "equipment", (10, 10), 5, 5, 0, 0, 270, Stroke(0, "", ()))
    path = svg_words.path(arc)
    assert path.startswith("M15 10")
    assert path.endswith("10 5")


def boxes(root: etree._Element) -> dict[str, Box]:
    """What the shown box of each value takes."""
    found = {}
    for rect in root.xpath("//*[@class='boxed'][@data-alarm or @data-off]/*[@class='plate']"):
        x, y, wide, high = (float(rect.get(name)) for name in ("x", "y", "width", "height"))
        found[rect.getparent().get("data-kks")] = Box(x, y, x + wide, y + high)
    return found


def test_no_mark_of_the_lens_hides_a_value(sheet, calm):
    readings = {kks: seen._replace(deviation_percent=12.0) for kks, seen in calm().items()}
    text = svg.write(sheet.drawing, sheet.binding, theme("light"), readings, layers=Layers(design=True))
    root = etree.fromstring(text.encode())
    body = [node.get("class") for node in root if node.get("class") in ("boxed", "says")]
    assert "boxed" not in body[body.index("says") :], "a box stands over a value"
    texts = {node.get("data-signal"): node for node in root.iter() if node.get("class") == "value"}
    said = [node for node in root.iter() if node.get("class") == "percent" and node.text]
    assert len(said) > 10
    for node in said:
        group = node.getparent()
        matrix = group.get("transform")
        left, middle = (float(number) for number in matrix[matrix.index("(") + 1 : matrix.index(")")].split())
        scale = float(matrix.rpartition("(")[2].rstrip(")"))
        box = Box(left + 5 * scale, middle - 5 * scale, left + (16 + 6.6 * len(node.text)) * scale, middle + 5 * scale)
        own = group.getparent().get("data-kks")
        for kks, other in texts.items():
            size = float(other.get("style").partition("font-size:")[2].partition("px")[0])
            wide = 0.6 * size * len(other.text)
            x = float(other.get("x")) - {"start": 0.0, "middle": 0.5, "end": 1.0}[other.get("text-anchor")] * wide
            y = float(other.get("y"))
            assert kks == own or not box.meets(Box(x, y - 0.7 * size, x + wide, y)), (own, kks)
    assert len(boxes(root)) > 40


def test_a_layer_that_is_off_is_not_in_the_svg(sheet, calm):
    readings = calm() | {LEVEL: reading(16.0, alarm=AlarmMark(2, "H", "unacknowledged", 0))}

    def classes(**layers) -> set[str]:
        text = svg.write(sheet.drawing, sheet.binding, theme("light"), readings, layers=Layers(**layers))
        root = etree.fromstring(text.encode())
        return {node.get("class") for node in root.iter()} | {"alarm" for _ in root.xpath("//*[@data-alarm]")}

    assert {"value", "alarm"} <= classes()
    assert "value" not in classes(values=False)
    assert "alarm" not in classes(alarms=False)
    whole = svg.write(sheet.drawing, sheet.binding, theme("light"), readings)
    assert "Recepción atraque 2" in whole
    hidden = Layers(hidden=frozenset({"labels"}))
    assert "Recepción atraque 2" not in svg.write(sheet.drawing, sheet.binding, theme("light"), readings, layers=hidden)
