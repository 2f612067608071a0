"""Going about the drawings: tabs, jumps, views back and forward, homes and traces."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.home_views import HomeViews
from app.settings import Settings
from app.sheet_jumps import SheetJumps
from app.sheets import Sheets
from app.tracing import Tracer
from app.view_history import Place, ViewHistory
from pid_renderer.drawing import Box
from pid_renderer.route import Route
from resources import words
from tests.app.open_windows import click, open_window, shut
from tests.app.plants import LEVEL
from tests.app.two_sheets import FIRST, NOWHERE, PUMP, SECOND, TANK, write_two_sheets
from widgets.navigator import _BADGE, Branch

OUT, IN = "FlowOutPipeOffPageConnector-1", "FlowInPipeOffPageConnector-1"


# ---- tabs and jumps


def test_one_drawing_shows_no_tabs_and_two_do(window):
    page = window.synoptic
    assert not page.tabs.bar.isVisible()
    page.show_drawing("sim-t1", 1)
    assert page.tabs.bar.isVisible()
    assert [tab.title for tab in page.tabs.tabs] == ["Tanque", "Bomba"]
    assert page.drawing == ("sim-t1", 1)


def test_tab_keys_step_through_the_open_drawings_and_close_one(qtbot, window):
    page = window.synoptic
    page.show_drawing("sim-t1", 1)
    for key, modifier in (
        (Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_PageUp, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier),
    ):
        before = page.drawing
        qtbot.keyClick(window, key, modifier)
        assert page.drawing != before
    qtbot.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert len(page.tabs.tabs) == 1
    qtbot.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert len(page.tabs.tabs) == 1, "the last drawing stays"


def test_a_closed_tab_behind_leaves_the_front_as_it_is(window):
    page = window.synoptic
    page.show_drawing("sim-t1", 1)
    canvas = page.canvas
    page.tabs.bar.close_requested.emit(0)
    assert page.canvas is canvas
    assert page.drawing == ("sim-t1", 1)


def test_tabs_moved_by_hand_keep_their_drawings(window):
    page = window.synoptic
    page.show_drawing("sim-t1", 1)
    page.tabs.bar.moveTab(1, 0)
    assert [tab.title for tab in page.tabs.tabs] == ["Bomba", "Tanque"]
    page.tabs.step(1)
    assert page.drawing == ("sim-t1", 0)


def test_open_drawings_come_back_in_their_order(two_sheets, tmp_path):
    settings = Settings(tmp_path / "settings.ini")
    first = open_window(two_sheets, settings)
    first.synoptic.show_drawing("sim-t1", 1)
    first.synoptic.tabs.bar.moveTab(1, 0)
    shut(first)
    second = open_window(two_sheets, Settings(tmp_path / "settings.ini"))
    assert [tab.title for tab in second.synoptic.tabs.tabs] == ["Bomba", "Tanque"]
    assert second.synoptic.drawing == ("sim-t1", 1)
    shut(second)


def test_a_click_on_an_off_page_connector_jumps_to_its_partner_and_back_brings_home(qtbot, window):
    page = window.synoptic
    click(page.canvas, OUT)
    assert page.drawing == ("sim-t1", 1)
    assert page.canvas.selected == IN
    x, y = page.canvas.view.to_px(page.canvas.live.element(IN).box.centre)
    assert (x, y) == pytest.approx((page.canvas.width() / 2, page.canvas.height() / 2), abs=2)
    qtbot.keyClick(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert page.drawing == ("sim-t1", 0)
    qtbot.keyClick(window, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert page.drawing == ("sim-t1", 1)
    assert page.canvas.selected == IN


def test_enter_on_a_connector_jumps_too(window):
    page = window.synoptic
    page.canvas.choose(OUT)
    QTest.keyClick(page.canvas, Qt.Key.Key_Return)
    assert page.drawing == ("sim-t1", 1)


def test_a_connector_to_a_sheet_that_is_not_there_says_so(window):
    page = window.synoptic
    page.show_drawing("sim-t1", 1)
    click(page.canvas, OUT)
    assert page.drawing == ("sim-t1", 1)
    assert NOWHERE in page.notice.text()
    assert page.notice.isVisible()


def test_nothing_blinks_behind_another_drawing(window, two_sheets):
    page = window.synoptic
    behind = page.canvas
    two_sheets.now += 1000
    two_sheets.feed(LEVEL, 17.5)
    window.refresh.tick()
    behind.flush()
    assert behind._blink_timer.isActive()
    page.show_drawing("sim-t1", 1)
    assert not behind._blink_timer.isActive()
    page.show_drawing("sim-t1", 0)
    assert behind._blink_timer.isActive()


def test_connectors_say_where_they_lead_once_all_sheets_were_read(qtbot, window):
    canvas = window.synoptic.canvas
    qtbot.waitUntil(lambda: bool(canvas.hints), timeout=10_000)
    assert canvas.hints == {OUT: "clic: ir a Bomba"}


# ---- views


def test_the_mouses_own_buttons_walk_back_and_forward(window):
    page = window.synoptic
    canvas = page.canvas
    page.travel.remember()
    canvas.zoom_to(TANK)
    page.travel.remember()
    near = canvas.seen
    QTest.mouseClick(canvas, Qt.MouseButton.BackButton, pos=QPoint(5, 5))
    assert canvas.seen is None
    QTest.mouseClick(canvas, Qt.MouseButton.ForwardButton, pos=QPoint(5, 5))
    assert canvas.seen == pytest.approx(near, abs=0.5)


def test_a_view_is_remembered_once_it_rests(qtbot, window):
    page = window.synoptic
    page.travel.remember()
    assert not page.head._walk[-1].isEnabled()
    page.canvas.zoom_by(2.0)
    page.canvas.zoom_by(1.5)
    qtbot.waitUntil(lambda: page.head._walk[-1].isEnabled(), timeout=10_000)
    page.travel.walk(-1)
    assert page.canvas.seen is None
    assert page.head._walk[1].isEnabled()


def test_a_view_left_in_haste_by_a_tab_is_one_to_come_back_to(window):
    page = window.synoptic
    page.show_drawing("sim-t1", 1)
    page.travel.remember()
    page.canvas.zoom_to(PUMP)
    near = page.canvas.seen
    page.tabs.bar.setCurrentIndex(0)
    page.travel.remember()
    page.travel.walk(-1)
    assert page.drawing == ("sim-t1", 1)
    assert page.canvas.seen == pytest.approx(near, abs=0.5)


def test_history_forgets_what_lay_ahead_and_takes_one_view_once():
    history = ViewHistory()
    whole, left, right = (Place("r", 0, box, "") for box in (None, Box(0, 0, 10, 10), Box(50, 0, 60, 10)))
    for place in (whole, left, left._replace(box=Box(0.05, 0, 10, 10), selected="x")):
        history.visit(place)
    assert history.here.selected == "x"
    assert history.step(-1) == whole
    history.visit(right)
    assert not history.can(1)
    assert history.step(-1) == whole
    assert history.step(-1) is None


def test_a_sheet_opens_at_the_home_a_person_kept(qtbot, two_sheets, tmp_path, monkeypatch):
    settings = Settings(tmp_path / "settings.ini")
    first = open_window(two_sheets, settings)
    page = first.synoptic
    page.canvas.zoom_to(TANK)
    kept = page.canvas.seen
    monkeypatch.setattr("app.views_menu.QInputDialog.getText", lambda *_args: ("Tanque cerca", True))
    qtbot.keyClick(first, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    page.canvas.fit()
    qtbot.keyClick(first, Qt.Key.Key_Home)
    assert page.canvas.seen == pytest.approx(kept, abs=0.01)
    shut(first)
    second = open_window(two_sheets, Settings(tmp_path / "settings.ini"))
    assert second.synoptic.canvas.seen == pytest.approx(kept, abs=0.01)
    shut(second)


def test_named_views_can_be_renamed_and_deleted(tmp_path):
    views = HomeViews(Settings(tmp_path / "settings.ini"))
    sheet = ("r1", "tank farm/1.xml")
    views.keep(*sheet, "  Bombas   de crudo ", Box(1.0, 2.0, 3.0, 4.0), home=True)
    views.keep(*sheet, "Todo", None)
    assert dict(views.of(*sheet)) == {"Bombas de crudo": Box(1.0, 2.0, 3.0, 4.0), "Todo": None}
    views.rename(*sheet, "Bombas de crudo", "Bombas")
    assert views.home(*sheet) == "Bombas"
    assert list(views.of(*sheet)) == ["Bombas", "Todo"]
    with pytest.raises(ValueError, match="taken"):
        views.rename(*sheet, "Todo", "Bombas")
    views.remove(*sheet, "Bombas")
    assert views.home_box(*sheet) is None
    assert list(HomeViews(Settings(tmp_path / "settings.ini")).of(*sheet)) == ["Todo"]


def test_settings_that_hold_nonsense_open_the_whole_sheet(tmp_path):
    settings = Settings(tmp_path / "settings.ini")
    settings.keep_views("r1", "a.xml", {"home": "x", "views": {"x": [1, "two", 3], "y": "?"}})
    assert HomeViews(settings).of("r1", "a.xml") == {}
    assert HomeViews(settings).home_box("r1", "a.xml") is None


def test_a_view_without_an_extent_is_left_out(tmp_path):
    settings = Settings(tmp_path / "settings.ini")
    nan, endless = float("nan"), float("inf")
    boxes = [
        [nan, 0, 9, 9],
        [0, 0, endless, 9],
        [1, 1, 1, 9],
        [1, 9, 5, 9],
        [9, 1, 5, 9],
        [0, 0, 10**400, 9],
        [1, 1, 2, 2],
    ]
    settings.keep_views("r1", "a.xml", {"home": "0", "views": {str(n): box for n, box in enumerate(boxes)}})
    assert dict(HomeViews(settings).of("r1", "a.xml")) == {"6": Box(1.0, 1.0, 2.0, 2.0)}
    assert HomeViews(settings).home_box("r1", "a.xml") is None


# ---- trace


def test_one_shift_click_traces_on_through_connectors_and_says_where_it_leaves(window):
    page = window.synoptic
    click(page.canvas, TANK, Qt.KeyboardModifier.ShiftModifier)
    trace = page.tracing.trace
    assert set(trace.routes) == {0, 1}
    assert [item.tag for _, item in trace.equipment(page.travel.jumps["sim-t1"])] == [PUMP]
    assert trace.leaves == (NOWHERE,)
    assert page.canvas.is_tracing
    card = page.tracing.card
    texts = " ".join(child.text() for child in card.children() if hasattr(child, "text"))
    assert "Bomba" in texts
    assert NOWHERE in texts


def test_a_trace_goes_along_to_the_other_sheet_and_esc_ends_it_everywhere(qtbot, window):
    page = window.synoptic
    page.trace(TANK)
    page.tracing.card.sheet_chosen.emit(1)
    assert page.drawing == ("sim-t1", 1)
    assert page.canvas.is_tracing
    assert page.tracing.card.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert page.tracing.trace is None
    assert not any(tab.canvas.is_tracing for tab in page.tabs.tabs)
    assert not page.tracing.card.isVisible()


def test_the_trace_key_arms_the_next_click(qtbot, window):
    page = window.synoptic
    qtbot.keyClick(window, Qt.Key.Key_R)
    assert page.canvas.hands.tool == "trace"
    assert page.notice.isVisible()
    click(page.canvas, TANK)
    assert page.tracing.trace is not None
    assert page.canvas.hands.tool == "point"
    assert not page.notice.isVisible()


def test_upstream_of_the_pump_lies_the_tank_of_the_other_sheet(window):
    page = window.synoptic
    page.show_drawing("sim-t1", 1)
    page.trace(PUMP, "up")
    names = [item.tag for _, item in page.tracing.trace.equipment(page.travel.jumps["sim-t1"])]
    assert names == [TANK]
    page.tracing.card.direction_chosen.emit("down")
    assert page.tracing.trace.equipment(page.travel.jumps["sim-t1"]) == []
    page.tracing.card.chosen.emit(0, TANK)
    assert page.drawing == ("sim-t1", 0)


@pytest.mark.parametrize(
    ("language", "unread", "cut"),
    [
        ("es", "la hoja «Bomba» no se puede leer y puede seguir en ella", "más de 1 hojas: no se sigue más allá"),
        ("en", "the sheet “Bomba” cannot be read, so it may go on there", "more than 1 sheets: not followed further"),
    ],
)
def test_a_trace_says_why_it_was_not_followed_to_its_end(tmp_path, monkeypatch, language, unread, cut):
    monkeypatch.setattr(words, "_chosen", [language])
    plant = write_two_sheets(tmp_path / "plant")
    jumps = SheetJumps(plant, Sheets())
    element = jumps.sheet(0).binding.element_ids[TANK]
    assert Tracer(jumps).trace(TANK, 0, element, "both").leaves == (NOWHERE,)
    assert Tracer(jumps).trace(TANK, 0, element, "both").notes == ()
    with monkeypatch.context() as few:
        few.setattr("app.tracing.MOST_SHEETS", 1)
        assert Tracer(jumps).trace(TANK, 0, element, "both").notes == (cut,)
    plant.drawings[1].file.write_text("no drawing", encoding="utf-8")
    jumps._sheets = Sheets()
    assert Tracer(jumps).trace(TANK, 0, element, "both").notes == (unread,)
    trace = Tracer(SheetJumps(plant, Sheets())).trace(TANK, 0, element, "both")
    assert (trace.leaves, trace.notes) == ((SECOND,), (unread,))


def test_what_comes_from_outside_the_drawings_is_not_said_to_leave_them(tmp_path):
    plant = write_two_sheets(tmp_path / "plant")
    jumps = SheetJumps(replace(plant, drawings=plant.drawings[1:]), Sheets())
    element = jumps.sheet(0).binding.element_ids[PUMP]
    traced = {way: Tracer(jumps).trace(PUMP, 0, element, way) for way in ("up", "both", "down")}
    assert [(trace.comes, trace.leaves) for trace in traced.values()] == [
        ((FIRST,), ()),
        ((FIRST,), (NOWHERE,)),
        ((), (NOWHERE,)),
    ]


# ---- alarms in the tree


def badge(page, number, code=None):
    branch = Branch("sim-t1", number)
    if code is not None:
        return page.navigator._items[branch, code].data(0, _BADGE)
    root = page.navigator.tree.topLevelItem(0)
    return (root if number < 0 else root.child(number)).data(0, _BADGE)


def test_each_branch_of_the_tree_shows_the_worst_alarm_of_what_it_holds(window, two_sheets):
    page = window.synoptic
    page.sheets.read_all([two_sheets.live.plant])
    page.sheets_read()
    assert badge(page, -1) is None
    two_sheets.now += 1_000_000
    two_sheets.feed(LEVEL, 16.9)
    two_sheets.wait(0.5)
    window._show_alarms(two_sheets.now)
    [worst, *_] = two_sheets.live.board.standing()
    shown = (worst.priority, worst.state)
    carried = page.sheets.at_hand(two_sheets.live.plant)[0].binding.code_of_signal[LEVEL]
    assert badge(page, -1) == badge(page, 0) == badge(page, 0, carried) == shown
    assert badge(page, 1) is None
    assert badge(page, 1, PUMP) is None
    page.navigator._fill()
    assert badge(page, 0, carried) == shown, "a tree filled anew keeps its badges"


def test_what_lies_up_and_downstream_is_listed_once(window):
    page = window.synoptic
    jumps = page.travel.jumps["sim-t1"]
    page.trace(TANK)
    trace = page.tracing.trace
    pump = jumps.sheet(1).binding.element_ids[PUMP]
    ring = Route((), (pump,), (pump,), ())
    again = replace(trace, routes={1: ring})
    assert [item.tag for _, item in again.equipment(jumps)] == [PUMP]
    assert again.count(jumps, "pump") == 1
    assert all(where.strip() for where in (*trace.comes, *trace.leaves))
