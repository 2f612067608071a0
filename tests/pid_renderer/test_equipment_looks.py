"""What equipment shows, in plain values: duty, profile, travel, and which class lives how."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree

from contracts import plant as plant_files
from contracts.quality import Quality
from data.reading import Reading
from pid_renderer import proteus
from pid_renderer.binding import bind
from pid_renderer.column_state import column_look, profiles, sump
from pid_renderer.drawing import Arc, Box, Link, Polyline, Stroke
from pid_renderer.free_room import WAYS, FreeRoom, around
from pid_renderer.heat_state import heat, heat_look, heat_signals, heat_text
from pid_renderer.live_state import drive_look, valve_look
from pid_renderer.live_symbols import live_symbol
from pid_renderer.proteus.reader import read_tree
from pid_renderer.shape import pointer, shape_of
from pid_renderer.sheet_painter import path_of
from pid_renderer.svg_equipment import state_of
from pid_renderer.travel import Travel
from pid_renderer.value_places import beside, own_labels
from tests.pid_renderer import heat_plant
from tests.pid_renderer.conftest import Sheet, reading
from tests.pid_renderer.heat_plant import (
    AGITATOR,
    AIR_COOLER,
    CHECK,
    COLUMN,
    COMPUTED,
    CONTROL,
    DIFFERENCE,
    FLOW_ONLY,
    FURNACE,
    MEASURED,
    MOTOR,
    PUMP,
    SAFETY,
    TANK,
    THREE_WAY,
    TRACED,
)
from tests.pid_renderer.states import NO_VALUE, OFF, ON, calm


@pytest.fixture(scope="module")
def sheet(tmp_path_factory) -> Sheet:
    plant = plant_files.load(heat_plant.write(tmp_path_factory.mktemp("heat")))
    drawing = proteus.read(plant.drawings[0].file)
    return Sheet(drawing, bind(drawing, plant), plant)


def of(sheet: Sheet, code: str):
    return heat_signals(sheet.drawing.by_kks[code], code, sheet.binding)


def readings(sheet: Sheet, **changed: Reading):
    return calm(sheet.plant, changed)


# -- heat --------------------------------------------------------------------------------------------------------------


def test_the_drawings_design_duty_counts_in_watts(sheet):
    assert of(sheet, FURNACE).design_w == 10e6
    assert of(sheet, MEASURED).design_w == 4e6
    assert of(sheet, DIFFERENCE).design_w is None


def test_a_measured_duty_is_shown_as_it_is(sheet):
    now = heat(of(sheet, MEASURED), readings(sheet, **{f"{MEASURED}XQ01": reading(3000.0)}))
    assert (now.kind, now.value, now.trust) == ("measured", 3e6, "good")
    assert heat_look(of(sheet, MEASURED), readings(sheet)).share == 1.0


def test_a_duty_is_computed_from_flow_and_temperatures_where_the_heat_capacity_is_known(sheet):
    flow, inlet, outlet = (f"{COMPUTED}XQ0{n}" for n in (1, 2, 3))
    seen = readings(sheet, **{flow: reading(36.0), inlet: reading(50.0), outlet: reading(90.0)})
    now = heat(of(sheet, COMPUTED), seen)
    # 36 m³/h · 850 kg/m³ = 8.5 kg/s; · 2100 J/(kg·K) · 40 K
    assert now.kind == "computed"
    assert now.value == pytest.approx(8.5 * 2100 * 40)
    assert now.deviation_percent == pytest.approx(-64.3)
    text = heat_text(of(sheet, COMPUTED), seen, "es")
    assert (text.text, text.unit) == ("≈ 0,71", "MW")


def test_without_a_heat_capacity_the_temperature_difference_stands_for_the_duty(sheet):
    seen = readings(sheet, **{f"{DIFFERENCE}XQ01": reading(60.0), f"{DIFFERENCE}XQ02": reading(95.5)})
    text = heat_text(of(sheet, DIFFERENCE), seen, "en")
    assert (text.text, text.unit) == ("ΔT 35.5", "K")
    assert heat_look(of(sheet, DIFFERENCE), seen).share is None


@pytest.mark.parametrize(("quality", "trust"), [(Quality.LAST_USABLE, "stale"), (Quality.SUB_NORMAL, "uncertain"),
                                                (Quality.LAST_KNOWN, "last known")])  # fmt: skip
def test_a_computed_duty_is_no_better_than_the_worst_it_is_computed_from(sheet, quality, trust):
    seen = readings(sheet, **{f"{COMPUTED}XQ02": reading(60.0, quality, 300)})
    assert heat(of(sheet, COMPUTED), seen).trust == trust
    assert heat_text(of(sheet, COMPUTED), seen, "es").trust == trust


def test_a_duty_that_cannot_be_known_is_a_dash_and_never_zero(sheet):
    seen = readings(sheet, **{f"{COMPUTED}XQ03": NO_VALUE})
    assert heat_text(of(sheet, COMPUTED), seen, "es").text == "—"
    assert heat_look(of(sheet, COMPUTED), seen).share is None
    assert heat_look(of(sheet, COMPUTED), seen).trust == "bad"


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, "working"),
        ({f"{FURNACE}XB01": OFF}, "starting"),
        ({f"{FURNACE}XB01": OFF, f"{FURNACE}XL01": OFF}, "idle"),
        ({f"{FURNACE}XB01": NO_VALUE}, "unknown"),
        ({f"{FURNACE}XB02": ON}, "tripped"),
    ],
)
def test_a_furnace_is_lit_by_its_flame_and_by_nothing_else(sheet, changed, state):
    assert heat_look(of(sheet, FURNACE), readings(sheet, **changed)).state == state


def test_an_exchanger_is_idle_bypassed_or_works(sheet):
    signals = of(sheet, MEASURED)
    assert heat_look(signals, readings(sheet)).state == "working"
    assert heat_look(signals, readings(sheet, **{f"{MEASURED}XQ01": reading(0.0)})).state == "idle"
    assert heat_look(signals, readings(sheet, **{f"{MEASURED}XB01": ON})).state == "bypassed"
    assert heat_look(of(sheet, AIR_COOLER), readings(sheet, **{f"{AIR_COOLER}XB01": OFF})).state == "idle"


_DOUBTS = [(Quality.LAST_USABLE, "stale"), (Quality.SUB_NORMAL, "uncertain"), (Quality.LOCAL_OVERRIDE, "forced")]


@pytest.mark.parametrize(("quality", "trust"), _DOUBTS)
def test_an_exchanger_that_only_its_flow_meter_judges_is_no_better_than_the_meter(sheet, quality, trust):
    signals = of(sheet, FLOW_ONLY)
    assert heat_look(signals, readings(sheet))[:3] == ("working", None, "good")
    for value, state in ((63.0, "working"), (0.0, "idle")):
        seen = readings(sheet, **{f"{FLOW_ONLY}XQ01": reading(value, quality, 300)})
        assert heat_look(signals, seen)[:3] == (state, None, trust)
    lost = heat_look(signals, readings(sheet, **{f"{FLOW_ONLY}XQ01": NO_VALUE}))
    assert (lost.state, lost.trust) == ("unknown", "bad")


@pytest.mark.parametrize(("quality", "trust"), _DOUBTS)
def test_a_furnace_that_only_its_fuel_judges_is_no_better_than_the_fuel(sheet, quality, trust):
    fuel_only = of(sheet, FURNACE)._replace(duty=None, flame=None, command=None)
    look = heat_look(fuel_only, readings(sheet, **{f"{FURNACE}XQ02": reading(1.2, quality, 300)}))
    assert (look.state, look.trust) == ("working", trust)


@pytest.mark.parametrize(("quality", "trust"), _DOUBTS)
def test_a_furnaces_command_counts_only_where_it_decides(sheet, quality, trust):
    command = {f"{FURNACE}XL01": reading(1.0, quality, 300)}
    starting = heat_look(of(sheet, FURNACE), readings(sheet, **command, **{f"{FURNACE}XB01": OFF}))
    assert (starting.state, starting.trust) == ("starting", trust)
    lit = heat_look(of(sheet, FURNACE), readings(sheet, **command))
    assert (lit.state, lit.trust) == ("working", "good")


def test_only_what_works_is_off_its_design(sheet):
    half = {f"{MEASURED}XQ01": reading(2000.0)}
    assert heat_look(of(sheet, MEASURED), readings(sheet, **half)).deviation_step == -3
    assert heat_look(of(sheet, MEASURED), readings(sheet, **half, **{f"{MEASURED}XB01": ON})).deviation_step == 0


@pytest.mark.parametrize(
    ("code", "changed", "state"),
    [
        (FLOW_ONLY, {f"{FLOW_ONLY}XQ01": reading(63.0, Quality.LAST_USABLE, 300)}, "working"),
        (PUMP, {f"{PUMP}XB01": OFF, f"{PUMP}XL01": reading(1.0, Quality.LAST_USABLE, 300)}, "starting"),
        (PUMP, {f"{PUMP}XB01": OFF, f"{PUMP}XB03": reading(0.0, Quality.LAST_USABLE, 300)}, "out of service"),
    ],
)
def test_a_svg_sheet_doubts_a_state_that_an_old_signal_decides(sheet, code, changed, state):
    element = sheet.drawing.by_kks[code]
    assert state_of(element, code, sheet.binding, readings(sheet, **changed)) == (state, True)
    assert not state_of(element, code, sheet.binding, readings(sheet))[1]


# -- columns -----------------------------------------------------------------------------------------------------------


def test_a_profile_runs_from_top_to_bottom_at_the_heights_of_its_transmitters(sheet):
    temperature, pressure = profiles(sheet.drawing, sheet.drawing.by_kks[COLUMN], COLUMN, sheet.binding)
    assert [point.signal.kks[7:12] for point in temperature.points] == [f"CT00{n}" for n in range(1, 6)]
    assert [point.y_mm for point in temperature.points] == [50.0, 80.0, 110.0, 140.0, 165.0]
    assert len(pressure.points) == 2
    low, high = temperature.low, temperature.high
    assert (low, high) == (80.0, 360.0)
    assert temperature.part(220.0) == 0.5
    assert [round(part, 3) for part, _ in temperature.design] == [0.143, 0.321, 0.5, 0.679, 0.857]


def test_a_transmitter_stands_at_the_tray_it_is_located_in(sheet):
    bubble, tray = sheet.drawing.by_kks["10RKA10CT001"].id, sheet.drawing.by_kks[COLUMN].id
    part = replace(sheet.drawing.elements[tray], id="tray 3", parent=tray, box=Box(196, 99, 224, 101))
    drawing = replace(
        sheet.drawing,
        elements={**sheet.drawing.elements, "tray 3": part},
        links=(Link("is located in", bubble, "tray 3"),),
    )
    temperature, _ = profiles(drawing, drawing.elements[tray], COLUMN, sheet.binding)
    assert {p.signal.kks: p.y_mm for p in temperature.points}["10RKA10CT001XQ01"] == 100.0


def test_a_bad_point_has_no_place_and_an_old_one_keeps_it(sheet):
    found = profiles(sheet.drawing, sheet.drawing.by_kks[COLUMN], COLUMN, sheet.binding)
    seen = readings(sheet, **{"10RKA10CT002XQ01": NO_VALUE, "10RKA10CT003XQ01": reading(220.0, Quality.LAST_USABLE)})
    first, second, third, *_ = column_look(found, None, (), seen).profiles[0]
    assert (first.trust, second.part, third.part, third.trust) == ("good", None, 0.5, "stale")


def test_a_sump_is_as_high_as_its_transmitters_range_where_the_column_says_its_height(sheet):
    column, level = sheet.drawing.by_kks[COLUMN], sheet.plant.by_kks["10RKA10CL001XQ01"]
    assert sump(column, Box(0, 0, 10, 100), level).top == pytest.approx(90.0)
    assert sump(replace(column, attributes={}), Box(0, 0, 10, 100), level).top == pytest.approx(80.0)


# -- drives and valves -------------------------------------------------------------------------------------------------


def test_a_drive_that_is_not_available_is_out_of_service_and_a_doubted_trip_is_doubt(sheet):
    away = readings(sheet, **{f"{PUMP}XB01": OFF, f"{PUMP}XL01": OFF, f"{PUMP}XB03": OFF})
    assert drive_look(sheet.binding, PUMP, away).state == "out of service"
    assert drive_look(sheet.binding, PUMP, readings(sheet, **{f"{PUMP}XB03": OFF})).state == "running"
    assert drive_look(sheet.binding, PUMP, readings(sheet, **{f"{PUMP}XB02": NO_VALUE})).stale


@pytest.mark.parametrize("quality", [Quality.LAST_USABLE, Quality.SUB_NORMAL])
def test_a_drive_is_in_doubt_where_the_command_or_availability_that_decides_is(sheet, quality):
    def look(**changed: Reading):
        shown = drive_look(sheet.binding, PUMP, readings(sheet, **changed))
        return shown.state, shown.stale

    run, command, available = f"{PUMP}XB01", f"{PUMP}XL01", f"{PUMP}XB03"
    on, off = reading(1.0, quality, 300), reading(0.0, quality, 300)
    assert look(**{run: OFF}) == ("starting", False)
    assert look(**{run: OFF, command: on}) == ("starting", True)
    assert look(**{run: OFF, command: off}) == ("stopped", True)
    assert look(**{run: OFF, command: NO_VALUE}) == ("stopped", True)
    assert look(**{run: OFF, available: off}) == ("out of service", True)
    assert look(**{run: OFF, available: on}) == ("starting", True)
    assert look(**{run: OFF, available: OFF, command: on}) == ("out of service", False)
    assert look(**{command: on, available: off}) == ("running", False)


@pytest.mark.parametrize(
    ("opened", "closed", "state"),
    [(ON, OFF, "open"), (OFF, ON, "closed"), (OFF, OFF, "travelling"), (ON, ON, "unknown"), (ON, NO_VALUE, "open"),
     (OFF, NO_VALUE, "unknown"), (NO_VALUE, OFF, "unknown"), (NO_VALUE, NO_VALUE, "unknown")],
)  # fmt: skip
def test_a_switch_that_is_not_believed_says_nothing(sheet, opened, closed, state):
    seen = readings(sheet, **{f"{MOTOR}XB01": opened, f"{MOTOR}XB02": closed})
    assert valve_look(sheet.binding, MOTOR, seen).state == state


def test_one_switch_alone_says_the_other_end_too(sheet):
    assert valve_look(sheet.binding, SAFETY, readings(sheet)).state == "closed"
    assert valve_look(sheet.binding, SAFETY, readings(sheet, **{f"{SAFETY}XB01": ON})).state == "open"


def test_a_valve_is_late_once_it_took_longer_than_it_should(sheet):
    travel = Travel(tuple(sheet.binding.signals_of[MOTOR]))

    def seen(second: float, opened: Reading):
        now = readings(sheet, **{f"{MOTOR}XB01": opened})
        return {kks: one._replace(time_us=round(1e6 * (1000 + second))) for kks, one in now.items()}

    def late(second: float, opened: Reading) -> bool:
        changed = seen(second, opened)
        return travel.judge(valve_look(sheet.binding, MOTOR, changed), changed).late

    assert [late(second, OFF) for second in (0, 30, 60, 61)] == [False, False, False, True]
    assert not late(62, ON)
    assert not late(63, OFF)


def test_a_plant_says_how_long_its_valve_takes(sheet):
    quick = tuple(replace(signal, extra={"travel_s": "5"}) for signal in sheet.binding.signals_of[MOTOR])
    travel = Travel(quick)
    for second, late in ((0, False), (5, False), (6, True)):
        now = readings(sheet, **{f"{MOTOR}XB01": OFF})
        changed = {kks: one._replace(time_us=round(1e6 * (1000 + second))) for kks, one in now.items()}
        assert travel.judge(valve_look(sheet.binding, MOTOR, changed), changed).late is late


def test_a_control_valve_off_its_demand_is_astray(sheet):
    assert not valve_look(sheet.binding, CONTROL, readings(sheet)).astray
    off = valve_look(sheet.binding, CONTROL, readings(sheet, **{f"{CONTROL}XQ02": reading(90.0)}))
    assert (off.position, off.demanded, off.astray) == (0.6, 0.9, True)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (TANK, "Vessel"),
        (COLUMN, "Column"),
        (AGITATOR, "Agitator"),
        (FURNACE, "Furnace"),
        (AIR_COOLER, "Exchanger"),
        (THREE_WAY, "ThreeWayValve"),
        (SAFETY, "SafetyValve"),
        (CONTROL, "Valve"),
        (CHECK, "NoneType"),
    ],
)
def test_each_class_lives_in_its_own_way(sheet, code, name):
    made = live_symbol(sheet.drawing, sheet.drawing.by_kks[code], code, sheet.binding)
    assert type(made).__name__ == name


def test_tracing_lives_beside_its_pipe_which_stays_the_sheets(sheet):
    pipe = sheet.drawing.elements[sheet.binding.element_ids[TRACED]]
    made = live_symbol(sheet.drawing, pipe, TRACED, sheet.binding)
    assert type(made).__name__ == "TracedLine"
    assert made.owners() == set()


# -- room --------------------------------------------------------------------------------------------------------------


def test_room_prefers_what_covers_no_text(sheet):
    room, pump = FreeRoom(sheet.drawing), sheet.drawing.by_kks[PUMP]
    places = around(pump.box, 6.0, 6.0, -1.0)
    label = next(e for e in sheet.drawing.elements.values() if e.family == "label" and e.parent == pump.id)
    chosen = WAYS[room.best(places, (pump.id,))]
    assert label.box is not None
    assert label.box.meets(places[WAYS.index((0.0, -1.0))])
    assert not label.box.meets(places[WAYS.index(chosen)])


def test_values_beside_their_symbols_stand_in_places_of_their_own(sheet):
    drawing = replace(sheet.drawing)
    bubbles = [e for e in drawing.elements.values() if e.family == "instrument"]
    first = [beside(drawing, e, e.box).box for e in bubbles]
    again = [beside(drawing, e, e.box).box for e in bubbles]
    assert first == again
    assert not any(a.meets(b) for i, a in enumerate(first) for b in first[:i])


def test_a_text_template_for_a_live_value_keeps_its_room():
    label = (
        '<Label ID="V" ComponentClass="InstrumentLabel"><Text Font="Arial" Height="3" Width="0" '
        'Justification="LeftCenter"><Presentation Layer="0" Color="0" LineType="0" LineWeight="0.3" R="0" G="0" B="0"/>'
        '<Position><Location X="260" Y="90"/><Axis X="0" Y="0" Z="1"/><Reference X="1" Y="0" Z="0"/></Position>'
        '<TextStringFormatSpecification><ObjectAttributesReference ItemID="I-10RKA10CT005" '
        'DependantAttribute="[MeasuredValue]"/></TextStringFormatSpecification></Text></Label>'
    )
    tree = etree.fromstring(heat_plant.sheet().replace("</PlantModel>", f"{label}</PlantModel>").encode())
    (anchor,) = own_labels(read_tree(tree, "heat.xml"))
    assert (anchor.element, anchor.role, anchor.horizontal) == ("I-10RKA10CT005", "", "left")
    assert anchor.box.left == 260.0


# -- shapes ------------------------------------------------------------------------------------------------------------


def _tank(sheet, *more):
    """The plain tank of the heat plant with other strokes between its walls."""
    tank = sheet.drawing.by_kks[TANK]
    walls = (
        Polyline(tank.id, "equipment", ((300, 190), (300, 240)), _PEN),
        Polyline(tank.id, "equipment", ((360, 190), (360, 240)), _PEN),
    )
    return replace(sheet.drawing, primitives=(*walls, *more)), tank


_PEN = Stroke(0.5, "", ())


def test_a_dished_bottom_fills_too_and_a_cone_roof_does_not(sheet):
    curve = tuple((300.0 + 10 * n, 240.0 + 8.0 - 8.0 * ((n - 3) / 3) ** 2) for n in range(7))
    cone = Polyline(TANK, "equipment", ((300, 190), (330, 175), (360, 190)), _PEN)
    drawing, tank = _tank(sheet)
    own = [replace(cone, owner=tank.id), Polyline(tank.id, "equipment", curve, _PEN)]
    dished, _ = _tank(sheet, *own)
    shape = shape_of(dished, tank)
    assert (shape.shell.top, shape.shell.bottom) == (190.0, 248.0)
    assert (330.0, 248.0) in shape.silhouette
    assert min(y for _, y in shape.silhouette) == 190.0
    assert shape_of(drawing, tank).shell.bottom == 240.0


@pytest.mark.parametrize(
    "strokes",
    [
        [((135, 122), (143, 130), (135, 138))],
        [((135, 122), (143, 130)), ((143, 130), (135, 138))],
        [((143, 130), (135, 122)), ((143, 130), (135, 138))],
        [((135, 122), (143, 130), (135, 138), (135, 122))],
    ],
)
def test_a_pumps_arrow_is_found_however_it_is_drawn_and_gives_way_to_the_live_one(sheet, strokes):
    pump = sheet.drawing.by_kks[PUMP]
    ring = Arc(pump.id, "equipment", (135.0, 130.0), 8.0, 8.0, 0.0, 0.0, 360.0, _PEN)
    lines = [Polyline(pump.id, "equipment", points, _PEN) for points in strokes]
    drawing = replace(sheet.drawing, primitives=(ring, *lines))
    assert shape_of(drawing, pump).arrow[1] == (143, 130)
    tip = max(pointer(shape_of(drawing, pump)), key=lambda corner: corner[0])
    assert tip == pytest.approx((135 + 0.66 * 8, 130))
    made = live_symbol(drawing, pump, PUMP, sheet.binding)
    assert made.outline.boundingRect().width() == pytest.approx(16.0)
    assert made.outline.elementCount() == path_of([ring]).elementCount()


def test_what_a_gear_pump_draws_inside_its_circle_stays(sheet):
    pump = sheet.drawing.by_kks[PUMP]
    ring = Arc(pump.id, "equipment", (135.0, 130.0), 8.0, 8.0, 0.0, 0.0, 360.0, _PEN)
    gear = Polyline(pump.id, "equipment", ((133, 128), (135, 130), (137, 128), (139, 130)), _PEN)
    made = live_symbol(replace(sheet.drawing, primitives=(ring, gear)), pump, PUMP, sheet.binding)
    assert made.outline.elementCount() == path_of([ring, gear]).elementCount()


def test_the_branch_of_a_three_way_valve_is_the_leg_off_the_run(sheet):
    made = live_symbol(sheet.drawing, sheet.drawing.by_kks[THREE_WAY], THREE_WAY, sheet.binding)
    run_y = sheet.drawing.by_kks[THREE_WAY].box.top + 3.4
    branch = made.shape.polygons[made._branch]
    assert max(y for _, y in branch) > run_y + 4
    assert {made._branch} == {n for n, leg in enumerate(made.shape.polygons) if max(y for _, y in leg) > run_y + 4}


def test_a_transmitter_without_a_tray_stands_where_its_measuring_line_ends(sheet):
    bubble, column = sheet.drawing.by_kks["10RKA10CT001"], sheet.drawing.by_kks[COLUMN]
    line = Polyline("measuring line", "instruments", ((235.0, 50.0), (230.0, 66.0), (224.0, 66.0)), _PEN, pipe=True)
    drawing = replace(sheet.drawing, primitives=(*sheet.drawing.primitives, line))
    assert bubble.box.meets(line.box)
    temperature, _ = profiles(drawing, column, COLUMN, sheet.binding)
    assert {p.signal.kks: p.y_mm for p in temperature.points}["10RKA10CT001XQ01"] == 66.0
