"""The canvas, pixel by pixel and hand by hand, off screen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from contracts.quality import Quality
from contracts.sample import now_us
from data.reading import AlarmMark
from pid_renderer import ink
from pid_renderer.canvas import Canvas
from pid_renderer.describe import card
from pid_renderer.drawing import Box
from pid_renderer.live_state import Derived
from resources.theme import theme
from tests.pid_renderer.conftest import reading

TANK, LEVEL = "10EGB11BB001", "10EGB11CL001XQ01"
PUMP, VALVE = "10EGC11AP001", "10EGB11AA001"


@pytest.fixture
def canvas(qtbot, sheet, calm) -> Canvas:
    made = Canvas()
    qtbot.addWidget(made)
    made.resize(1264, 700)
    made.set_sheet(sheet.drawing, sheet.binding, sheet.plant, theme("light"), "es")
    made.show()
    made.show_readings(calm())
    made.flush()
    return made


def show(canvas: Canvas, **readings) -> QImage:
    canvas.show_readings(readings)
    canvas.flush()
    QApplication.processEvents()
    return canvas.grab().toImage()


def box_px(canvas: Canvas, code: str) -> Box:
    return canvas.view.box_px(canvas.live.element(code).box)


def ink_of(image: QImage, box: Box) -> list[int]:
    return [
        image.pixel(x, y) for y in range(int(box.top), int(box.bottom)) for x in range(int(box.left), int(box.right))
    ]


def empty_spot(canvas: Canvas) -> QPoint:
    """A pixel with nothing within 20 px."""
    ways = [QPointF(x, y) for x in (-20, 0, 20) for y in (-20, 0, 20)]
    for x in range(60, canvas.width() - 60, 20):
        for y in range(60, canvas.height() - 60, 20):
            if not any(canvas.kks_at(QPointF(x, y) + way) for way in ways):
                background = QColor(canvas._theme["bg.canvas"]).rgb()
                if set(ink_of(canvas.grab().toImage(), Box(x - 9, y - 9, x + 9, y + 9))) == {background}:
                    return QPoint(x, y)
    raise AssertionError("the sheet is full")


def liquid_rows(canvas: Canvas, image: QImage) -> int:
    """Rows of liquid along a line left of the level's text."""
    shell = canvas.view.box_px(canvas.live.symbol_of[TANK].shape.shell)
    x = int(shell.left + 0.06 * shell.width)
    product = canvas.live.symbol_of[TANK].product
    wanted = QColor(ink.color(theme("light"), f"liquid.{product}")).rgb()
    return sum(image.pixel(x, y) == wanted for y in range(int(shell.top), int(shell.bottom)))


def test_a_level_fills_the_tank_in_proportion(canvas):
    shell = canvas.view.box_px(canvas.live.symbol_of[TANK].shape.shell)
    rows = {level: liquid_rows(canvas, show(canvas, **{LEVEL: reading(level)})) for level in (0.0, 4.5, 9.0, 18.0)}
    assert rows[0.0] <= 1
    for level in (4.5, 9.0, 18.0):
        assert rows[level] == pytest.approx(level / 18.0 * shell.height, abs=4)


def test_a_small_repair_equals_a_whole_repaint(canvas):
    for level in (4.0, 17.9, 0.2, 11.111, 8.0):
        image = show(canvas, **{LEVEL: reading(level), "10EGC11CP001XQ01": reading(level / 2)})
    canvas._void()
    assert canvas.grab().toImage() == image


def test_repairs_leave_no_trace_of_plates_that_shrank(canvas, calm):
    alarm = AlarmMark(1, "HH", "acknowledged", 0)
    before = show(canvas, **{"10EGC11CP001XQ01": reading(10.0)})
    show(canvas, **{"10EGC11CP001XQ01": reading(10.0, alarm=alarm)})
    show(canvas, **{"10EGC11CP001XQ01": reading(None, Quality.COMM_FAILURE)})
    show(canvas, **{"10EGC11CP001XQ01": reading(10.0, Quality.LAST_USABLE, 400)})
    assert show(canvas, **{"10EGC11CP001XQ01": reading(10.0)}) == before


def test_every_state_of_a_value_looks_different(canvas):
    kks = "10EGC11CP001XQ01"
    alarm = AlarmMark(2, "H", "acknowledged", 0)
    states = {
        "good": reading(31.4),
        "uncertain": reading(31.4, Quality.SUB_NORMAL),
        "stale": reading(31.4, Quality.LAST_USABLE, 360),
        "last known": reading(31.4, Quality.LAST_KNOWN, 360),
        "no value": reading(None, Quality.COMM_FAILURE),
        "forced": reading(31.4, Quality.LOCAL_OVERRIDE),
        "alarm": reading(31.4, alarm=alarm),
    }
    bubble, pictures = box_px(canvas, "10EGC11CP001"), {}
    around = Box(bubble.left, bubble.top, bubble.right + 160, bubble.bottom)
    for name, value in states.items():
        image = show(canvas, **{kks: value})
        pictures[name] = (tuple(ink_of(image, around)), tuple(ink_of(image, bubble)))
    assert len({whole for whole, _ in pictures.values()}) == len(states)
    only_bubble = {name: pictures[name][1] for name in ("good", "uncertain", "stale", "last known", "forced")}
    assert len(set(only_bubble.values())) == len(only_bubble)


def test_a_bad_level_draws_no_liquid_and_a_stale_one_keeps_it(canvas):
    assert liquid_rows(canvas, show(canvas, **{LEVEL: reading(9.0, Quality.LAST_KNOWN, 99)})) == 0
    fresh, old = show(canvas, **{LEVEL: reading(9.0)}), show(canvas, **{LEVEL: reading(9.0, Quality.LAST_USABLE, 99)})
    assert old != fresh
    assert liquid_rows(canvas, old) == pytest.approx(liquid_rows(canvas, fresh), abs=1)


def test_a_tag_never_seen_does_not_look_good(qtbot, sheet, canvas):
    good = ink_of(canvas.grab().toImage(), box_px(canvas, "10EGB11CL001"))
    fresh = Canvas()
    qtbot.addWidget(fresh)
    fresh.resize(canvas.size())
    fresh.set_sheet(sheet.drawing, sheet.binding, sheet.plant, theme("light"), "es")
    assert ink_of(fresh.grab().toImage(), box_px(fresh, "10EGB11CL001")) != good
    assert liquid_rows(fresh, fresh.grab().toImage()) == 0


def test_pump_states_differ_and_running_is_lighter(canvas):
    running, fault = f"{PUMP}XB01", f"{PUMP}XB02"
    off, on = reading(0.0), reading(1.0)
    pictures = {
        "running": show(canvas, **{running: on, fault: off}),
        "stopped": show(canvas, **{running: off, fault: off, f"{PUMP}XL01": off}),
        "starting": show(canvas, **{running: off, fault: off, f"{PUMP}XL01": on}),
        "unknown": show(canvas, **{running: reading(None, Quality.BAD), fault: off}),
    }
    box = box_px(canvas, PUMP)
    inks = {name: ink_of(image, box) for name, image in pictures.items()}
    assert len({tuple(ink) for ink in inks.values()}) == 4
    # Beside the triangle, inside the rim: the body itself.
    spot = int(box.left + 0.22 * box.width), int(box.top + 0.3 * box.height)
    assert QColor(pictures["running"].pixel(*spot)).lightness() > QColor(pictures["stopped"].pixel(*spot)).lightness()


def test_valve_states_differ(canvas):
    opened, closed = f"{VALVE}XB01", f"{VALVE}XB02"
    off, on = reading(0.0), reading(1.0)
    box = box_px(canvas, VALVE)
    seen = {
        tuple(ink_of(show(canvas, **{opened: a, closed: b}), box))
        for a, b in ((on, off), (off, on), (off, off), (on, on))
    }
    assert len(seen) == 4


def test_a_click_chooses_what_is_under_it(canvas, qtbot):
    x, y = canvas.view.to_px(canvas.live.element(PUMP).box.centre)
    with qtbot.waitSignal(canvas.chosen) as caught:
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    assert caught.args == [PUMP]
    assert canvas.selected == PUMP
    assert "en marcha" in canvas.accessibleDescription()


def test_a_click_on_nothing_chooses_nothing(canvas, qtbot):
    canvas.choose(PUMP)
    with qtbot.waitSignal(canvas.chosen) as caught:
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=empty_spot(canvas))
    assert caught.args == [""]


def test_a_value_is_clicked_as_its_signal(canvas):
    (plate,) = [p for p in canvas.live.plates if p.signal.kks == "10EGA20CF001XQ01"]
    box = canvas.view.box_px(canvas.live.plate_box(plate, canvas.view.scale))
    assert canvas.kks_at(QPointF(*box.centre)) == "10EGA20CF001XQ01"


def test_a_small_symbol_can_be_hit_24_px_wide_and_44_by_touch(canvas):
    alone = "10EGB13AA002"  # nothing stands at its left, at its right or below it
    canvas.zoom_by(0.3)
    box = box_px(canvas, alone)
    assert box.width < 12
    x, y = box.centre
    near = [QPointF(x + dx, y + dy) for dx, dy in ((-10, 0), (10, 0), (0, 10))]
    far = [QPointF(x + dx, y + dy) for dx, dy in ((-18, 0), (18, 0), (0, 18))]
    assert [canvas.kks_at(way) for way in near] == [alone] * 3
    assert alone not in [canvas.kks_at(way) for way in far]
    canvas.touch = True
    assert [canvas.kks_at(way) for way in far] == [alone] * 3


def test_the_wheel_zooms_at_the_cursor(canvas):
    cursor = QPointF(900.0, 500.0)
    before = canvas.view.to_mm((900.0, 500.0))
    for _ in range(3):
        wheel = QWheelEvent(
            cursor, canvas.mapToGlobal(cursor), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(canvas, wheel)
    after = canvas.view.to_mm((900.0, 500.0))
    assert canvas.zoom > 1.5
    assert after == pytest.approx(before, abs=2.0 / canvas.view.scale)


def test_a_drag_pans_and_paints_what_a_whole_repaint_would(canvas, qtbot):
    canvas.zoom_by(2.0)
    qtbot.waitUntil(lambda: canvas._composer.is_ready)
    canvas.grab()
    before = canvas.view
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(600, 300))
    for step in range(1, 6):
        QTest.mouseMove(canvas, QPoint(600 - 37 * step, 300 + 23 * step))
        canvas.grab()
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(415, 415))
    assert canvas.view.x < before.x
    assert canvas.view.y > before.y
    panned = canvas.grab().toImage()
    canvas._void()
    assert canvas.grab().toImage() == panned


def test_keys_move_the_selection_choose_zoom_and_fit(canvas, qtbot):
    canvas.choose(PUMP)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.selected not in ("", PUMP)
    assert box_px(canvas, canvas.selected).centre[0] > box_px(canvas, PUMP).centre[0]
    with qtbot.waitSignal(canvas.chosen) as caught:
        QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert caught.args == [canvas.selected]
    fitted = canvas.view
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.view.scale > fitted.scale
    QTest.keyClick(canvas, Qt.Key.Key_0)
    assert canvas.view == fitted


def test_finding_a_signal_brings_its_element_to_the_middle(canvas):
    canvas.zoom_to("10EGC11CP001XQ01")
    x, y = canvas.view.to_px(canvas.live.element("10EGC11CP001").box.centre)
    assert (x, y) == pytest.approx((632, 350), abs=1.5)
    assert canvas.zoom >= 1.29
    assert canvas._minimap() is not None


def test_themes_and_languages_change_the_picture(canvas):
    light = canvas.grab().toImage()
    canvas.set_theme(theme("dark"))
    dark = canvas.grab().toImage()
    assert QColor(dark.pixel(empty_spot(canvas))).name().upper() == theme("dark")["bg.canvas"]
    canvas.set_language("en")
    assert canvas.grab().toImage() != dark
    assert light != dark


def test_layers_hide_values_and_show_flow(canvas):
    full = canvas.grab().toImage()
    canvas.set_layers(values=False)
    bare = canvas.grab().toImage()
    canvas.set_layers(flow=True)
    flowing = canvas.grab().toImage()
    assert len({bytes(i.constBits()) for i in (full, bare, flowing)}) == 3
    canvas._step_flow()
    assert canvas.grab().toImage() != flowing


def test_only_an_unacknowledged_alarm_blinks(canvas):
    kks = "10EGC11CP001XQ01"
    show(canvas, **{kks: reading(15.5, alarm=AlarmMark(2, "H", "acknowledged", 0))})
    assert not canvas._blink_timer.isActive()
    lit = show(canvas, **{kks: reading(15.5, alarm=AlarmMark(2, "H", "unacknowledged", 0))})
    assert canvas._blink_timer.isActive()
    canvas._blink()
    assert canvas.grab().toImage() != lit
    canvas._blink()
    assert canvas.grab().toImage() == lit


def test_numbers_repaint_at_most_four_times_a_second(canvas, calm, monkeypatch):
    applied, apply = [], canvas.live.apply
    monkeypatch.setattr(canvas.live, "apply", lambda changes, now: applied.append(dict(changes)) or apply(changes, now))
    canvas._last_repaint_s = float("-inf")
    for level in (1.0, 2.0, 3.0):
        canvas.show_readings({LEVEL: reading(level)})
    assert [a[LEVEL].value for a in applied] == [1.0]
    canvas.flush()
    assert [a[LEVEL].value for a in applied] == [1.0, 3.0]


def test_a_picture_shows_the_whole_sheet_at_any_size(canvas):
    canvas.zoom_by(4.0)
    image = canvas.picture(QSize(2400, 1400))
    assert image.size() == QSize(2400, 1400)
    assert len(set(ink_of(image, Box(700, 400, 1300, 900)))) > 10
    assert canvas.picture().size() == canvas.size()


def test_an_empty_canvas_says_so(qtbot):
    empty = Canvas()
    qtbot.addWidget(empty)
    empty.resize(600, 300)
    assert len(set(ink_of(empty.grab().toImage(), Box(150, 100, 450, 200)))) > 3
    empty.show_readings({LEVEL: reading(1.0)})
    empty.choose("x")
    empty.fit()


def test_far_out_bubbles_vanish_and_abnormal_values_stay(canvas, qtbot):
    show(canvas, **{"10EGC11CP001XQ01": reading(15.5, alarm=AlarmMark(1, "HH", "acknowledged", 0))})
    canvas.zoom_by(0.2 / canvas.zoom)
    qtbot.waitUntil(lambda: canvas._composer.is_ready)
    canvas.grab()
    shown = [plate.signal.kks for plate in canvas.live.plates if not plate.hidden]
    assert shown == ["10EGC11CP001XQ01"]


@pytest.mark.shared
def test_c01_is_shown_without_signals(qtbot, samples, sheet):
    from pid_renderer import proteus
    from pid_renderer.binding import bind

    drawing = proteus.read(next((samples / "proteus-c01").glob("*.xml")))
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(1280, 720)
    canvas.set_sheet(drawing, bind(drawing, sheet.plant), sheet.plant, theme("dark"), "en")
    assert len(set(ink_of(canvas.grab().toImage(), Box(300, 150, 1000, 500)))) > 20
    x, y = canvas.view.to_px(drawing.elements["Tank-1"].box.centre)
    assert canvas.kks_at(QPointF(x, y)) == "T4750"


def test_an_old_value_grows_older_on_the_drawing_though_nothing_arrives(canvas, monkeypatch):
    show(canvas, **{LEVEL: reading(31.4, Quality.LAST_USABLE, 20)})
    plate = next(plate for plate in canvas.live.plates if plate.signal.kks == LEVEL)
    before = plate.shown.extra
    later = now_us() + 15_000_000
    monkeypatch.setattr("pid_renderer.canvas.now_us", lambda: later)
    show(canvas)
    assert (before, plate.shown.extra) == ("20 s", "35 s")


def test_the_hover_card_says_the_age_of_the_moment(canvas):
    seen = reading(31.4, age_s=1)
    canvas.live.apply({LEVEL: seen}, now_us())
    texts = [" ".join(card(canvas.live, LEVEL, "es", seen.time_us + later).texts) for later in (1_000_000, 9_000_000)]
    assert "hace 1,0 s" in texts[0]
    assert "hace 9,0 s" in texts[1]


def test_while_the_source_is_away_one_mark_covers_the_sheet_and_no_value_has_its_own(canvas, calm):
    old = {kks: seen._replace(quality=int(Quality.LAST_USABLE)) for kks, seen in calm().items()}
    boxed = show(canvas, **old)
    assert all(plate.shown.abnormal for plate in canvas.live.plates if not plate.derived)
    canvas.show_veil("Fuente ausente")
    QApplication.processEvents()
    assert canvas.grab().toImage() != boxed
    assert not any(plate.shown.abnormal or plate.shown.age for plate in canvas.live.plates)
    canvas.show_veil("")
    assert any(plate.shown.abnormal for plate in canvas.live.plates)


def test_what_is_computed_stands_at_the_place_kept_for_it(canvas, calm):
    canvas.show_derived(
        {(TANK, "rate"): Derived("312", "m³/h", "good", 1), (TANK, "volume"): Derived("—", "m³", "bad")}
    )
    show(canvas, **{LEVEL: reading(9.0)})
    shown = {plate.derived: plate.shown for plate in canvas.live.plates if plate.code == TANK and plate.derived}
    assert (shown["rate"].text, shown["rate"].arrow) == ("312", 1)
    assert shown["volume"].text == "—"
    assert not shown["volume"].abnormal
