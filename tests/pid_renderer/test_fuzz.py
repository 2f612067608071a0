"""Two thousand mutated P&IDs, and a harness that notices what it is for."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random

import pytest

from benchmarks.fuzz import campaign
from benchmarks.fuzz.__main__ import main
from benchmarks.fuzz.bases import Base, load
from benchmarks.fuzz.campaign import Limits
from benchmarks.fuzz.examine import Cases
from benchmarks.fuzz.mutate import mutant
from benchmarks.fuzz.seeds import SEEDS
from pid_renderer.drawing import BadDrawing
from pid_renderer.reading import MOST_LAID_OUT, read_bytes

TIGHT = Limits(cpu_s=1.0, wall_s=60.0, growth_bytes=100_000_000)


def test_two_thousand_mutated_files_end_as_a_drawing_or_a_sentence():
    report = campaign.run(seed=2026, count=2000, jobs=2)
    assert [f"{finding.kind} (2026:{finding.number})\n{finding.text}" for finding in report.findings] == []
    assert report.files == 2000
    # A mutation that only breaks the XML tries the parser, not us.
    assert report.outcomes["drawn"] + report.outcomes["drawn and painted"] > 1000
    assert report.outcomes["drawn and painted"] > 20


@pytest.mark.parametrize(
    ("way", "kind", "limits"),
    [
        ("raising", "KeyError", TIGHT),
        ("computing", "hang", TIGHT),
        ("waiting", "hang", Limits(wall_s=0.5)),
        ("growing", "memory", TIGHT),
        ("dying", "crash 3", TIGHT),
    ],
)
def test_what_breaks_is_a_finding_and_the_files_after_it_are_tried_too(way: str, kind: str, limits: Limits):
    count = 12 if way == "raising" else 2
    report = campaign.run(1, count, 1, examiner=f"tests.pid_renderer.broken_ways:{way}", limits=limits)
    assert report.files == count
    assert {finding.kind.partition(" at ")[0].partition(": ")[0] for finding in report.findings} == {kind}
    if way == "raising":
        assert 0 < len(report.findings) < count
    else:
        assert [finding.number for finding in report.findings] == [0, 1]


def test_a_leak_too_slow_for_any_one_file_is_a_finding():
    report = campaign.run(1, 150, 1, examiner="tests.pid_renderer.broken_ways:leaking", limits=TIGHT)
    assert report.files == 150
    assert {finding.kind for finding in report.findings} == {"leak"}


def test_no_file_is_left_out_of_the_tally_when_workers_die():
    report = campaign.run(1, 50, 2, examiner="tests.pid_renderer.broken_ways:dying_at_times")
    assert report.files == 50
    assert 0 < len(report.findings) < 20


def test_a_case_is_the_same_bytes_whenever_it_is_made():
    first, second = Cases(7), Cases(7)
    assert [first.make(number) for number in (0, 5, 400)] == [second.make(number) for number in (0, 5, 400)]
    assert first.make(1) != Cases(8).make(1)


def test_the_seeds_of_our_own_are_whole_drawings():
    for name, text in SEEDS.items():
        drawing = read_bytes(text.encode(), name)
        assert drawing.unread == (), name
        assert drawing.connections, name
        assert drawing.links, name
        assert drawing.primitives, name


def test_most_mutations_of_structure_leave_a_file_well_formed_and_changed():
    bases = load()[:2]
    made = [mutant(Random(number), bases) for number in range(200)]
    originals = {base.content for base in bases}
    assert sum(each.content in originals for each in made) < 10
    assert len({each.content for each in made}) > 180


def test_spans_of_a_base_are_whole_elements_values_and_texts():
    base = Base("b", b'<a x="1"><b id="n">t</b><c/></a>')
    assert [base.content[slice(*span)] for span in base.elements] == [b'<b id="n">t</b>', b"<c/>", base.content]
    assert [base.content[slice(*span)] for span in base.values] == [b"1", b"n"]
    assert [base.content[slice(*span)] for span in base.texts] == [b"t"]
    assert base.names == [b"n"]


def test_a_case_is_replayed_with_its_file_kept(tmp_path: Path, monkeypatch, capsys, qapp):
    monkeypatch.setattr("sys.argv", ["benchmarks.fuzz", "--replay", "2026:17", "--keep", str(tmp_path)])
    assert main() == 0
    (kept,) = tmp_path.glob("*.xml")
    assert kept.read_bytes() == Cases(2026).make(17)[0]
    assert str(kept) in capsys.readouterr().out


# -- what fuzzing found, one a kind ------------------------------------------------------------------------------------


def proteus(body: str, root: str = "PlantModel") -> bytes:
    extent = '<Drawing Name="S"><Extent><Min X="0" Y="0"/><Max X="400" Y="300"/></Extent></Drawing>'
    return f'<{root}><PlantInformation Units="mm"/>{extent}{body}</{root}>'.encode()


def spline(knots: str) -> bytes:
    points = "".join(f'<Coordinate X="{x}" Y="{y}"/>' for x, y in ((1, 1), (5, 9), (9, 1)))
    curve = f'<BsplineCurve Degree="2"><ControlPoints>{points}</ControlPoints>{knots}</BsplineCurve>'
    return proteus(f'<Equipment ID="E" ComponentClass="Tank">{curve}</Equipment>')


@pytest.mark.parametrize("color", ["nan", "inf", "-inf", "1e308", "-1e308"])
def test_a_colour_beyond_all_numbers_is_none_or_the_nearest(color: str):
    line = f'<Line><Presentation R="{color}" G="0" B="0"/><Coordinate X="1" Y="1"/><Coordinate X="2" Y="2"/></Line>'
    drawing = read_bytes(proteus(f'<Equipment ID="E" ComponentClass="Tank">{line}</Equipment>'), "x")
    (drawn,) = drawing.primitives_of["E"]
    assert drawn.stroke.color in ("", "#FF0000", "#000000")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "knots",
    [
        f"<Knots>{'<Knot>1</Knot>' * 6}</Knots>",
        f"<Knots>{'<Knot>NaN</Knot>' * 6}</Knots>",
        "<Knots><Knot>0</Knot></Knots><KnotMultiplicities><Multiplicity>inf</Multiplicity></KnotMultiplicities>",
    ],
)
def test_a_spline_whose_knots_make_no_curve_is_counted(knots: str):
    drawing = read_bytes(spline(knots), "x")
    assert [item.what.startswith("BsplineCurve: ") for item in drawing.unread if "Bspline" in item.what] == [True]


@pytest.mark.parametrize(
    "content",
    [
        b'<?xml version="1.0" encoding="' + b"x" * 3000 + b'"?><PlantModel/>',
        b"<PlantModel><" + b"x" * 3000 + b"></PlantModel>",
        b"<" + b"x" * 3000 + b"/>",
    ],
)
def test_a_message_stays_short_whatever_it_quotes(content: bytes):
    with pytest.raises(BadDrawing) as caught:
        read_bytes(content, "x")
    assert len(str(caught.value)) < 400


def test_ink_beyond_any_sheet_is_counted_not_drawn():
    line = '<Line><Coordinate X="1" Y="1"/><Coordinate X="2" Y="2"/></Line>'
    shape = f'<Equipment ID="s" ComponentName="HOOK">{line}</Equipment>'
    scaled = (
        '<Equipment ID="E" ComponentClass="Tank" ComponentName="HOOK"><Position><Location X="1" Y="1"/></Position>'
        f'<Scale X="99999999" Y="1"/></Equipment><ShapeCatalogue Name="C">{shape}</ShapeCatalogue>'
    )
    drawing = read_bytes(proteus(scaled), "x")
    assert "Line far beyond the sheet" in [item.what for item in drawing.unread]


def test_a_pipe_from_a_valve_to_itself_joins_nothing():
    content = SEEDS["seed-dexpi2.xml"].replace(
        'objects="#N1" property="TargetItem"', 'objects="#V" property="TargetItem"'
    )
    assert content != SEEDS["seed-dexpi2.xml"]
    drawing = read_bytes(content.encode(), "x")
    assert drawing.connections == ()
    assert [item.what for item in drawing.unread][:1] == ["a pipe from an item to the very same item"]


def test_a_ring_of_nothing_but_valves_is_laid_out():
    valves = "".join(f'<PipingComponent ID="{name}" ComponentClass="GlobeValve"/>' for name in "AB")
    system = (
        f'<PipingNetworkSystem ID="S"><PipingNetworkSegment ID="G">{valves}<Connection FromID="A" ToID="B"/>'
        '</PipingNetworkSegment><PipingNetworkSegment ID="H"><Connection FromID="B" ToID="A"/></PipingNetworkSegment>'
        "</PipingNetworkSystem>"
    )
    assert {joint[:2] for joint in read_bytes(proteus(system), "x").connections} == {("A", "B"), ("B", "A")}


def test_a_crowd_without_graphics_is_not_laid_out_and_says_so():
    crowd = "".join(f'<Equipment ID="E{i}" ComponentClass="Tank"/>' for i in range(MOST_LAID_OUT + 1))
    drawing = read_bytes(proteus(crowd), "x")
    assert drawing.primitives == ()
    assert [item.what for item in drawing.unread] == ["more than 2500 elements without graphics, not laid out"]


@pytest.mark.parametrize(("tanks", "pipes"), [(400, 400), (50, 1000), (100, 2300)])
def test_tanks_joined_at_random_take_a_bounded_number_of_steps_and_what_is_left_is_said(tanks: int, pipes: int):
    chance = Random(tanks)
    segments = "".join(
        f'<PipingNetworkSegment ID="S{i}"><Connection FromID="E{chance.randrange(tanks)}"'
        f' ToID="E{chance.randrange(tanks)}"/></PipingNetworkSegment>'
        for i in range(pipes)
    )
    equipment = "".join(f'<Equipment ID="E{i}" ComponentClass="Tank"/>' for i in range(tanks))
    content = proteus(f'{equipment}<PipingNetworkSystem ID="S">{segments}</PipingNetworkSystem>')
    begin = time.process_time()
    drawing = read_bytes(content, "x")
    assert time.process_time() - begin < 5.0
    (lost,) = [item for item in drawing.unread if item.what == "pipes and signals without a way on the laid out sheet"]
    assert 0 < lost.count < pipes
