"""DEXPI 2.0 files that are not understood, foreign, or that nobody should trust."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pid_renderer import reading
from pid_renderer.dexpi2 import strokes
from pid_renderer.drawing import BadDrawing
from pid_renderer.said import said
from tests.pid_renderer.dexpi2_files import HOOK, group, model, obj, parts, polyline, read_bytes, static, tank, usage


def test_what_is_not_understood_is_counted_with_its_line():
    strange = obj("Core/Diagram.Hologram")
    broken = polyline((1, 1), (2, 2)).replace("2.0", "NaN")
    content = model(
        [parts("TaggedPlantItems", tank(), tank())],
        [group("T", parts("Groups", static(strange, broken, usage("#nowhere", 1, 1)))), group("gone", "")],
    )
    unread = {item.what: item.count for item in read_bytes(content, "t.xml").unread}
    assert unread == {
        "an ID used twice": 1,
        "graphics of type Hologram": 1,
        "PolyLine X='NaN'": 1,
        "symbol '#nowhere' is neither in the file nor in a profile beside it": 1,
        "a group that represents nothing in the file": 1,
    }


def test_all_that_this_reader_says_is_said_in_spanish_too():
    room = Path(strokes.__file__).parent
    sentences = {
        re.sub(r"\{[^{}]*(?:\[[^]]*\])?[^{}]*\}", "7", text)
        for file in room.glob("*.py")
        for text in re.findall(r'miss\(\s*f?"([^"]+)"', file.read_text(encoding="utf-8"))
    }
    assert len(sentences) > 15
    alike = {"<7>"}
    assert [text for text in sorted(sentences - alike) if said(text, "es") == text] == []


def refused(content: bytes) -> str:
    with pytest.raises(BadDrawing) as caught:
        read_bytes(content, "bad.xml")
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith("bad.xml, line ")
    return text


def test_the_one_door_knows_both_formats_by_their_content_and_refuses_a_third():
    ink = group("T", parts("Groups", static(polyline((0, 0), (9, 9)))))
    content = model([parts("TaggedPlantItems", tank())], [ink])
    assert reading.read_bytes(content, "sheet.pdf").exporter.endswith("DEXPI 2.0")
    line = '<Line><Coordinate X="1" Y="1"/><Coordinate X="2" Y="2"/></Line>'
    proteus = f'<PlantModel><PlantInformation/><Equipment ID="E">{line}</Equipment></PlantModel>'
    assert "Proteus" in reading.read_bytes(proteus.encode(), "sheet").exporter
    with pytest.raises(BadDrawing, match=r"x, line 1: the root element is <svg>; a P&ID begins with <PlantModel>"):
        reading.read_bytes(b"<svg/>", "x")


def chain(length: int) -> str:
    """Objects that own one another by reference, each written at the top of the file."""
    links = (
        obj("Plant/ProcessEquipment.Chamber", parts("Chambers", f'<ObjectReference object="#o{i + 1}"/>'), id_=f"o{i}")
        for i in range(length)
    )
    return "".join(links)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'<Model name="m" uri="u"/>', "is empty"),
        (b'<Model name="m" uri="u"><ConcreteClass name="Tank"/></Model>', "defines classes or symbols"),
        (b'<Model name="m" uri="u"><Object type="Core/EngineeringModel"/></Model>', "no plant and no diagram"),
        (b'<!DOCTYPE Model [<!ENTITY a "b">]><Model name="&a;"/>', "declarations"),
        (model()[:-40], "not well-formed"),
        (model().replace(b"</Model>", chain(500).encode() + b"</Model>"), "nest deeper than"),
    ],
)
def test_a_foreign_or_hostile_file_gets_one_sentence(content: bytes, words: str):
    assert words in refused(content)


def test_objects_that_own_one_another_in_a_circle_are_read_once():
    circle = tank(parts("Chambers", '<ObjectReference object="#b"/>'), id_="a") + tank(
        parts("Chambers", '<ObjectReference object="#a"/>'), id_="b"
    )
    content = model([parts("TaggedPlantItems", tank())]).replace(b"</Model>", circle.encode() + b"</Model>")
    drawing = read_bytes(content, "t.xml")
    assert [item.what for item in drawing.unread] == ["component '#a' belongs to two objects"]


def test_a_shape_used_without_end_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(strokes, "MAX_PRIMITIVES", 1000)
    shape = HOOK.replace("</Components>", polyline((0, 0), (1, 1)) * 20 + "</Components>")
    content = model(
        [parts("TaggedPlantItems", tank())],
        [group("T", parts("Groups", static(usage("#Hook", 1, 1) * 50)))],
        shapes=shape,
    )
    assert "strokes to draw" in refused(content)
