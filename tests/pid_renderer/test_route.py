"""Up- and downstream on one sheet: the elements, and exactly the lines between them."""

from __future__ import annotations

import pytest

from data.reading import AlarmMark
from pid_renderer.canvas import Canvas
from pid_renderer.plant_graph import PlantGraph
from pid_renderer.reading import read
from pid_renderer.route import follow
from resources.theme import theme
from tests.pid_renderer.conftest import reading

TANK, OTHER_TANK, PUMP = "10EGB13BB001", "10EGB11BB001", "10EGC11AP001"


@pytest.fixture(scope="module")
def graph(sheet):
    return PlantGraph(sheet.drawing)


def tags(graph, ids):
    return {graph.drawing.elements[id_].kks for id_ in ids} - {""}


def route_of(graph, code, direction="both"):
    return follow(graph, [graph.drawing.by_kks[code].id], direction)


def test_a_tank_is_fed_from_the_berth_and_feeds_both_crude_pumps(graph):
    route = route_of(graph, TANK)
    assert tags(graph, route.down) >= {"10EGC11AP001", "10EGC12AP001", "10EGC11AA003"}
    assert "10EGB13AA001" in tags(graph, route.up)
    assert OTHER_TANK not in tags(graph, route.elements)
    connectors = [id_ for id_ in (*route.up, *route.down) if graph.drawing.elements[id_].family == "connector"]
    assert len(connectors) == 2


def test_one_direction_leaves_the_other_out(graph):
    assert route_of(graph, TANK, "down").up == ()
    assert route_of(graph, TANK, "up").down == ()
    assert not any(line.upstream for line in route_of(graph, TANK, "down").lines)


def test_every_line_of_a_route_points_along_the_flow(graph):
    route = route_of(graph, TANK, "down")
    steps = {(joint.source, joint.target) for joint in graph.drawing.connections}
    ports = {(round(x), round(y)): id_ for id_, points in graph.drawing.ports.items() for x, y in points}
    ends = [
        (ports.get((round(a[0]), round(a[1]))), ports.get((round(b[0]), round(b[1]))))
        for a, b in ((line.points[0], line.points[-1]) for line in route.lines)
    ]
    assert len(ends) > 8
    assert not any((b, a) in steps for a, b in ends)


def test_a_pipe_is_followed_from_both_its_ends(graph):
    pipe = next(joint.segment for joint in graph.drawing.connections if joint.source.endswith("10EGC11AA003"))
    route = follow(graph, [pipe], "both")
    assert PUMP in tags(graph, route.up)
    assert any(graph.drawing.elements[id_].family == "connector" for id_ in route.down)
    assert pipe in route.pipes


def test_an_instrument_stands_for_what_it_measures(graph):
    by_level = route_of(graph, "10EGB13CL001")
    assert by_level.starts == (graph.drawing.by_kks[TANK].id,)


def test_a_branch_not_on_the_way_is_not_marked(graph):
    """Of the header that feeds three tanks only the part that leads to this one."""
    first, third = route_of(graph, OTHER_TANK, "up"), route_of(graph, TANK, "up")
    assert len(first.lines) < len(third.lines)
    assert {line.points for line in first.lines} - {line.points for line in third.lines}


def test_a_route_dims_the_rest_but_neither_its_values_nor_an_alarm(qtbot, graph, sheet, calm):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(1264, 700)
    canvas.set_sheet(sheet.drawing, sheet.binding, sheet.plant, theme("light"), "es")
    canvas.show()
    canvas.show_readings(calm(**{"10EGB16CL001XQ01": reading(17.0, alarm=AlarmMark(1, "HH", "acknowledged", 0))}))
    canvas.flush()
    before = canvas.grab().toImage()
    canvas.show_route(route_of(graph, TANK))
    after = canvas.grab().toImage()

    def same(code):
        box = canvas.view.box_px(canvas.live.element(code).box)
        x, y = box.centre
        return all(
            before.pixel(int(x + dx), int(y + dy)) == after.pixel(int(x + dx), int(y + dy))
            for dx in range(-8, 9, 2)
            for dy in range(-8, 9, 2)
        )

    assert same(TANK)
    assert same("10EGB16BB001"), "a tank in alarm"
    assert not same("10EGB18BB001")
    canvas.show_route(None)
    assert canvas.grab().toImage() == before


@pytest.mark.shared
def test_a_foreign_file_is_traced_along_its_lines(samples):
    drawing = read(next((samples / "proteus-c01").glob("*.xml")))
    graph = PlantGraph(drawing)
    pump = next(element for element in drawing.elements.values() if element.tag == "P4711")
    route = follow(graph, [pump.id], "both")
    passed = {drawing.elements[id_].tag for id_ in route.down}
    assert passed >= {"H1007", "T4750", "P4712", "H1008"}
    assert sum(line.upstream for line in route.lines) == 1
    assert len(route.lines) > 20
