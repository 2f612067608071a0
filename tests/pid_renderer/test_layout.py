"""Sheets of our own for files without graphics: the public ones, others with theirs taken away, and random plants."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from random import Random

import pytest

from pid_renderer import layout, proteus, reading
from pid_renderer.drawing import Box, Connection, Drawing, Element, Family, Link, Point, Polyline, Text, union
from pid_renderer.layout import paper
from pid_renderer.layout.rows import cuts
from pid_renderer.layout.topology import MAIN

IN_PIPE = {"valve", "fitting", "connector"}


def bare(drawing: Drawing) -> Drawing:
    """The drawing without its graphics."""
    elements = {id_: replace(element, box=None, placement=None) for id_, element in drawing.elements.items()}
    return replace(
        drawing, primitives=(), elements=elements, ports={}, anchors=(), width_mm=0.0, height_mm=0.0, unread=()
    )


class Plant:
    """A drawing without graphics under construction."""

    def __init__(self) -> None:
        self.elements: dict[str, Element] = {}
        self.connections: list[Connection] = []
        self.links: list[Link] = []

    def add(self, id_: str, of: Family, kind: str, parent: str = "") -> str:
        self.elements[id_] = Element(id_, kind, of, id_, "", "", None, None, {}, parent, 1)
        return id_

    def pipe(self, source: str, target: str, *inside: str) -> None:
        """A segment from a nozzle (made here) or piece to another, through `inside`."""
        segment = self.add(f"S{len(self.elements)}", "pipe", "PipingNetworkSegment")
        for id_ in inside:
            self.add(id_, "valve", "GlobeValve", segment)
        ends = []
        for id_ in (source, target):
            is_main = self.elements[id_].family in MAIN
            ends.append(self.add(f"{id_}-N{len(self.elements)}", "nozzle", "Nozzle", id_) if is_main else id_)
        self.connections += [Connection(a, b, segment) for a, b in pairwise([ends[0], *inside, ends[1]])]

    def drawing(self) -> Drawing:
        return Drawing("", "t.xml", "Test", 0.0, 0.0, (), self.elements, tuple(self.connections), tuple(self.links))


KINDS: list[tuple[Family, str]] = [
    ("tank", "Tank"), ("vessel", "PressureVessel"), ("column", "ProcessColumn"), ("pump", "CentrifugalPump"),
    ("compressor", "CentrifugalCompressor"), ("exchanger", "TubularHeatExchanger"), ("furnace", "FiredHeater"),
    ("equipment", "Crusher"),
]  # fmt: skip


def random_plant(seed: int, count: int) -> Drawing:
    """Equipment in a chain with branches, tees, recycles, valves and instruments, all by `seed`."""
    chance, plant = Random(seed), Plant()
    items = [plant.add(f"E{i}", *chance.choice(KINDS)) for i in range(count)]
    for i, item in enumerate(items[1:], 1):
        source = items[max(0, i - chance.randint(1, 4))]
        valves = [f"V{i}-{k}" for k in range(chance.randint(0, 3))]
        if chance.random() < 0.25:
            tee = plant.add(f"T{i}", "fitting", "PipeTee")
            plant.pipe(source, tee)
            plant.pipe(tee, item, *valves)
            plant.pipe(tee, chance.choice(items[max(0, i - 8) : i + 8]))
        else:
            plant.pipe(source, item, *valves)
        if chance.random() < 0.1:
            plant.pipe(item, chance.choice(items[max(0, i - 8) : i]), f"R{i}")
        if chance.random() < 0.5:
            gauge = plant.add(f"PI{i}", "instrument", "ProcessInstrumentationFunction")
            plant.links.append(Link("is located in", gauge, chance.choice([item, *valves])))
    return plant.drawing()


def pipes(drawing: Drawing) -> list[Polyline]:
    return [m for m in drawing.primitives if isinstance(m, Polyline) and m.pipe and m.layer == "piping"]


def stretches(drawing: Drawing) -> Iterator[tuple[str, Point, Point]]:
    for pipe in pipes(drawing):
        for a, b in pairwise(pipe.points):
            yield pipe.owner, a, b


def crossings(drawing: Drawing) -> int:
    """Level pipes that pass through the gap of an upright one."""
    found = 0
    for one, two in combinations(pipes(drawing), 2):
        for (a, b), (c, d) in ((x, y) for x in pairwise(one.points) for y in pairwise(two.points)):
            for (p, q), (r, s) in (((a, b), (c, d)), ((c, d), (a, b))):
                level, upright = abs(p[1] - q[1]) < 1e-6, abs(r[0] - s[0]) < 1e-6
                if level and upright and min(p[0], q[0]) + 0.1 < r[0] < max(p[0], q[0]) - 0.1:
                    found += min(r[1], s[1]) - 3.0 < p[1] < max(r[1], s[1]) + 3.0
    return found // 2


def symbols(drawing: Drawing) -> dict[str, Box]:
    """Extents of what must not overlap: equipment with its parts, pieces in pipes, bubbles."""
    return {
        id_: element.box
        for id_, element in drawing.elements.items()
        if element.box is not None
        and drawing.primitives_of.get(id_)
        and (
            element.family == "instrument"
            or element.family in IN_PIPE
            or (element.family in MAIN and not element.parent)
        )
    }


def check(drawing: Drawing, laid: Drawing) -> None:
    """All that holds for any sheet of ours."""
    for id_, element in drawing.elements.items():
        assert laid.elements[id_].tag == element.tag
    boxes = symbols(laid)
    for (a, one), (b, two) in combinations(boxes.items(), 2):
        assert not one.grown(-0.05).meets(two.grown(-0.05)), f"{a} overlaps {b}"
    mine = {(joint.segment, end) for joint in drawing.connections for end in (joint.source, joint.target)}
    for owner, a, b in stretches(laid):
        assert min(abs(a[0] - b[0]), abs(a[1] - b[1])) < 1e-6, f"{owner} runs askew"
        stretch = Box(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
        for id_, box in boxes.items():
            assert (owner, id_) in mine or not stretch.meets(box.grown(-0.7)), f"{owner} runs through {id_}"
    sheet = Box(0.0, 0.0, laid.width_mm, laid.height_mm).grown(-paper.BORDER_MM + 0.1)
    for mark in laid.primitives:
        assert sheet.holds(mark.box), mark
    texts = [mark for mark in laid.primitives if isinstance(mark, Text) and mark.layer == "labels"]
    for one_text, two_text in combinations(texts, 2):
        if one_text.owner != two_text.owner or one_text.text != two_text.text:
            assert not one_text.box.grown(-0.3).meets(two_text.box.grown(-0.3)), (one_text.text, two_text.text)
    assert not [note for note in laid.unread if "laid out" in note.what]
    arrows = [mark for mark in laid.primitives if getattr(mark, "filled", False) and mark.layer == "piping"]
    for one_arrow, two_arrow in combinations(arrows, 2):
        assert one_arrow.owner == two_arrow.owner or not one_arrow.box.meets(two_arrow.box), one_arrow.owner
    assert laid.width_mm / laid.height_mm < 2.5


def joins(drawing: Drawing, laid: Drawing) -> None:
    """Each segment's ink reaches every end the file names for it."""
    for joint in drawing.connections:
        ink = [p for pipe in pipes(laid) if pipe.owner == joint.segment for p in (pipe.points[0], pipe.points[-1])]
        for end in (joint.source, joint.target):
            box = laid.elements[end].box
            assert box is not None, end
            near = [p for p in ink if Box(*p, *p).meets(box.grown(0.7))]
            touches = laid.elements[end].family == "fitting" and any(
                Box(*a, *a).union(Box(*b, *b)).meets(box.grown(0.7))
                for o, a, b in stretches(laid)
                if o == joint.segment
            )
            assert near or touches, f"{joint.segment} does not reach {end}"


@pytest.mark.parametrize("seed", range(40))
def test_a_random_plant_is_laid_out_without_overlaps_and_every_pipe_reaches_its_ends(seed: int):
    drawing = random_plant(seed, 3 + seed % 14)
    laid = layout.lay_out(drawing)
    check(drawing, laid)
    joins(drawing, laid)


def test_the_reference_plant_without_its_graphics_is_laid_out_with_no_crossing(sheet):
    drawing = bare(sheet.drawing)
    laid = layout.lay_out(drawing)
    check(drawing, laid)
    joins(drawing, laid)
    assert crossings(laid) == 0


@pytest.fixture(scope="session")
def c01(samples: Path) -> Drawing:
    return bare(proteus.read(samples / "proteus-c01" / "C01V04-VER.EX01.xml"))


@pytest.mark.shared
def test_the_public_reference_drawing_is_laid_out_in_two_rows_with_at_most_three_crossings(c01: Drawing):
    begin = time.process_time()
    laid = layout.lay_out(c01)
    assert time.process_time() - begin < 1.0
    check(c01, laid)
    joins(c01, laid)
    assert crossings(laid) <= 3
    assert laid.width_mm / laid.height_mm < 1.5


@pytest.mark.shared
def test_every_public_file_without_graphics_is_laid_out_and_says_so(samples: Path):
    files = [path for path in sorted(samples.rglob("*VER.EX01.xml")) if "C01" not in path.name]
    assert len(files) >= 5
    for path in files:
        drawing = reading.read_as_written(path)
        assert not layout.has_graphics(drawing)
        laid = reading.read(path)
        check(drawing, laid)
        assert layout.has_graphics(laid)
        words = [mark.text for mark in laid.primitives if isinstance(mark, Text) and mark.layer == "sheet"]
        assert set(paper.SIGN) <= set(words)
        assert paper.SIGN[1] in laid.exporter


@pytest.mark.shared
def test_every_public_file_can_be_laid_out_without_its_graphics(samples: Path):
    for path in sorted([*samples.rglob("*.xml"), *samples.rglob("*.XML")]):
        if "dexpi-2.0" not in path.parts:
            drawing = bare(reading.read_as_written(path))
            laid = layout.lay_out(drawing)
            assert set(drawing.elements) <= set(laid.elements)


def test_the_same_file_gives_the_same_sheet():
    one, two = (layout.lay_out(random_plant(7, 15)) for _ in range(2))
    assert one.primitives == two.primitives
    assert one.elements == two.elements


def chain(count: int, valves: int) -> tuple[Plant, list[str]]:
    plant = Plant()
    items = [plant.add(f"E{i}", *KINDS[i % 7]) for i in range(count)]
    for i, (a, b) in enumerate(pairwise(items)):
        plant.pipe(a, b, *(f"V{i}-{k}" for k in range(valves)))
    return plant, items


def test_a_long_train_is_folded_into_rows_read_like_lines_of_text():
    plant, items = chain(14, 2)
    laid = layout.lay_out(plant.drawing())
    check(plant.drawing(), laid)
    joins(plant.drawing(), laid)
    assert laid.width_mm / laid.height_mm < 1.5
    boxes = [box for item in items if (box := laid.elements[item].box) is not None]
    begins = [i for i, (a, b) in enumerate(pairwise(boxes), 1) if b.left < a.right]
    assert len(begins) == 2
    for i in begins:
        assert min(box.top for box in boxes[i:]) > max(box.bottom for box in boxes[:i])


def test_a_train_is_cut_where_the_fewest_pipes_are_and_never_wider_than_need_be():
    assert cuts([10] * 8, [0, 1, 1, 1, 1, 1, 1, 1], 2) == [0, 4]
    assert cuts([10] * 20, [0, *[3] * 8, 1, *[3] * 10], 2) == [0, 9]
    assert cuts([10] * 8, [0, 1, 3, 3, 3, 3, 3, 3], 2) == [0, 4]
    assert cuts([50, 10, 10], [0, 1, 1], 3) == [0, 1]
    assert cuts([10], [0], 3) == [0]


def test_two_pipes_that_enter_one_nozzle_have_arrows_that_do_not_meet():
    plant = Plant()
    for pump in ("P1", "P2", "P3"):
        plant.add(pump, "pump", "CentrifugalPump")
    plant.add("T", "tank", "Tank")
    plant.add("N", "nozzle", "Nozzle", "T")
    for pump in ("P1", "P2", "P3"):
        plant.pipe(pump, "N")
    check(plant.drawing(), layout.lay_out(plant.drawing()))


def test_equipment_stands_further_right_the_further_the_fluid_has_come():
    plant, items = chain(5, 0)
    laid = layout.lay_out(plant.drawing())
    middles = [laid.elements[id_].placement.origin[0] for id_ in items if laid.elements[id_].placement]
    assert middles == sorted(middles)
    assert len(set(middles)) == 5


def test_a_recycle_runs_back_into_the_vessel_and_the_main_way_stays_forward():
    plant = Plant()
    tank, pump, cooler = (
        plant.add("T", "tank", "Tank"), plant.add("P", "pump", "CentrifugalPump"),
        plant.add("H", "exchanger", "TubularHeatExchanger"),
    )  # fmt: skip
    plant.pipe(tank, pump)
    plant.pipe(pump, cooler)
    plant.pipe(cooler, tank, "V")
    laid = layout.lay_out(plant.drawing())
    at = {id_: laid.elements[id_].box for id_ in (tank, pump, cooler)}
    assert at[tank].right < at[pump].left < at[pump].right < at[cooler].left


def test_what_a_column_gives_off_as_gas_leaves_at_its_top_and_what_is_pumped_at_its_foot():
    plant = Plant()
    column = plant.add("K", "column", "ProcessColumn")
    plant.pipe(column, plant.add("C", "compressor", "CentrifugalCompressor"))
    plant.pipe(column, plant.add("P", "pump", "CentrifugalPump"))
    laid = layout.lay_out(plant.drawing())
    gas, liquid = (laid.ports[joint.source][0] for joint in plant.connections)
    body = laid.elements[column].box
    assert body is not None
    assert gas[1] < body.top
    assert liquid[1] > body.bottom


def test_pipes_keep_at_least_three_millimetres_apart():
    laid = layout.lay_out(random_plant(3, 16))
    for (o1, a, b), (o2, c, d) in combinations(stretches(laid), 2):
        one, two = union([Box(*a, *a), Box(*b, *b)]), union([Box(*c, *c), Box(*d, *d)])
        assert one is not None
        assert two is not None
        level = abs(a[1] - b[1]) < 1e-6 and abs(c[1] - d[1]) < 1e-6
        side_by_side = level and o1 != o2 and min(one.right, two.right) - max(one.left, two.left) > 0.5
        if side_by_side:
            assert abs(a[1] - c[1]) >= 3.0


def test_a_drawing_with_graphics_stays_as_it_is_and_lists_what_has_none(sheet):
    assert layout.drawn(sheet.drawing).primitives == sheet.drawing.primitives
    id_ = next(e.id for e in sheet.drawing.elements.values() if e.family == "pump")
    without = {**sheet.drawing.elements, id_: replace(sheet.drawing.elements[id_], box=None)}
    half = layout.drawn(replace(sheet.drawing, elements=without))
    assert half.primitives == sheet.drawing.primitives
    assert any("without graphics" in note.what for note in half.unread)


def test_a_plant_of_three_hundred_pieces_of_equipment_is_laid_out():
    laid = layout.lay_out(random_plant(1, 300))
    assert all(laid.elements[f"E{i}"].box is not None for i in range(300))
