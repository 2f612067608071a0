"""The sheet as SVG: what a page that animates it relies on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree

from contracts.quality import Quality
from pid_renderer import proteus, svg, svg_words
from pid_renderer.binding import bind
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
