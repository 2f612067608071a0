"""What a person does with the drawings: tabs, jumps, views back and forward, homes, traces, tree, menu and keys."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pypdfium2
import pytest
import shiboken6
from lxml import etree
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from app.drawing_menu import Deeds, drawing_menu
from app.historian_access import HistorianAccess
from app.home_views import HomeViews
from app.live_plant import LivePlant
from app.main_window import MainWindow
from app.picture import write_picture
from app.settings import Settings
from app.sheet_jumps import SheetJumps
from app.sheets import Sheets
from app.tracing import Tracer
from app.view_history import Place, ViewHistory
from contracts.quality import Quality
from contracts.sample import now_us
from data.live_store import LiveStore
from data.reading import Reading
from pid_renderer.drawing import Box
from resources import words
from tests.app.conftest import Fed
from tests.app.plants import LEVEL
from tests.app.two_sheets import NOWHERE, PUMP, SECOND, TANK, write_two_sheets
from widgets import style
from widgets.navigator import Branch
from widgets.picture_dialog import PictureChoice, PictureDialog
from widgets.search import find
from widgets.settings_dialog import Choices

OUT, IN = "FlowOutPipeOffPageConnector-1", "FlowInPipeOffPageConnector-1"


def open_window(fed, settings):
    window = MainWindow([fed.live], settings, HistorianAccess({}), person="ana", version="0")
    window.resize(1920, 1080)
    window.show()
    window.begin()
    window.refresh.stop()
    window.refresh.tick()
    # The window is the active one, and hears its shortcuts, only after the events of its showing.
    QApplication.processEvents()
    return window


def shut(window):
    window.close()
    shiboken6.delete(window)


@pytest.fixture
def two_sheets(qapp, tmp_path):
    words.use("es")
    style.use("light")
    style.load_fonts()
    if qapp.styleSheet() != style.sheet():
        qapp.setStyleSheet(style.sheet())
    plant = write_two_sheets(tmp_path / "plant")
    store = LiveStore.create([signal.kks for signal in plant.signals], 60)
    fed = Fed(LivePlant(plant, store, source="Kafka sim-t1"))
    fed.feed_all()
    yield fed
    store.close()
    store.unlink()


@pytest.fixture
def window(two_sheets, tmp_path):
    made = open_window(two_sheets, Settings(tmp_path / "settings.ini"))
    yield made
    shut(made)


def click(canvas, code, modifier=Qt.KeyboardModifier.NoModifier):
    x, y = canvas.view.to_px(canvas.live.element(code).box.centre)
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, modifier, QPoint(round(x), round(y)))


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
    qtbot.waitUntil(lambda: page.head._walk[-1].isEnabled(), timeout=4000)
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
    with monkeypatch.context() as few:
        few.setattr("app.tracing.MOST_SHEETS", 1)
        assert Tracer(jumps).trace(TANK, 0, element, "both").leaves == (cut,)
    plant.drawings[1].file.write_text("no drawing", encoding="utf-8")
    jumps._sheets = Sheets()
    assert Tracer(jumps).trace(TANK, 0, element, "both").leaves == (unread,)
    assert Tracer(SheetJumps(plant, Sheets())).trace(TANK, 0, element, "both").leaves == (SECOND, unread)


# ---- tree


def test_the_tree_holds_systems_equipment_and_instruments_and_follows_the_selection(window):
    page = window.synoptic
    tree = page.navigator._trees[Branch("sim-t1", 0)]
    [system] = tree
    assert system.title.startswith("10EGB ")
    tank = next(node for node in system.children if node.code == TANK)
    assert [child.code for child in tank.children] == ["10EGB11CL001"]
    click(page.canvas, TANK)
    item = page.navigator._tree.currentItem()
    assert item.text(0) == tank.title
    assert item.isSelected()


def test_the_drawing_in_front_is_the_one_unfolded(window):
    window.synoptic.show_drawing("sim-t1", 1)
    [root] = window.synoptic.navigator._roots()
    assert [root.child(n).isExpanded() for n in range(2)] == [False, True]


def test_choosing_in_the_tree_goes_there_on_the_right_sheet(window):
    page = window.synoptic
    page.show_drawing("sim-t1", 1)
    page.navigator.element_chosen.emit("sim-t1", 0, TANK)
    assert page.drawing == ("sim-t1", 0)
    assert page.canvas.selected == TANK
    assert page.faceplate.leading == LEVEL


def test_the_filter_leaves_what_holds_the_text_with_what_is_above_it(window):
    navigator = window.synoptic.navigator
    navigator._filter.setText("11 CL")
    shown = [item for item in navigator._items.values() if not item.isHidden()]
    assert next(item.text(0) for item in shown if item.childCount() == 0).startswith("11 CL001")
    pump_leaf = next(leaf for root in navigator._roots() for leaf in (root.child(1),))
    assert pump_leaf.isHidden()
    navigator._filter.setText("")
    assert not pump_leaf.isHidden()


def test_the_tree_shows_and_hides_by_its_key_in_a_narrow_window(qtbot, window):
    window.resize(1366, 768)
    assert not window.synoptic.navigator.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_E)
    assert window.synoptic.navigator.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_E)
    assert not window.synoptic.navigator.isVisible()


# ---- menu, layers, small things


def entries(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.text()]


def test_the_menu_offers_all_that_can_be_done_with_an_equipment(window, two_sheets):
    did = []
    deeds = Deeds(*(lambda *args, name=name: did.append((name, *args)) for name in Deeds._fields))
    menu = drawing_menu(window, two_sheets.live, TANK, deeds, connector=False)
    said = entries(menu)
    for text in ("Abrir ficha", "Tendencia", "Historial", "Acercar a esto", "Mostrar en el árbol", "Seguir la línea"):
        assert text in said
    for action in menu.actions():
        if action.text().startswith("Copiar 10EGB11"):
            action.trigger()
    assert QGuiApplication.clipboard().text() == "10EGB11 BB001"
    next(action for action in menu.actions() if action.text().startswith("Copiar el valor")).trigger()
    assert QGuiApplication.clipboard().text() == "5,00 m"
    next(action for action in menu.actions() if action.text() == "Mantener a la vista").trigger()
    assert did == [("pin", LEVEL)]


@pytest.mark.parametrize(
    ("language", "value", "quality", "copied"),
    [
        ("es", 5.0, Quality.GOOD, "5,00 m"),
        ("es", 5.0, Quality.LAST_USABLE, "5,00 m (Vieja, hace 4 h)"),
        ("en", 5.0, Quality.LAST_USABLE, "5.00 m (Stale, 4 h ago)"),
        ("es", 5.0, Quality.LAST_KNOWN, "5,00 m (Mala · último valor, hace 4 h)"),
        ("en", 5.0, Quality.LOCAL_OVERRIDE, "5.00 m (Forced, 4 h ago)"),
        ("es", None, Quality.WAITING, "— (Esperando el primer dato)"),
    ],
)
def test_a_value_copied_says_how_far_to_trust_it_unless_it_is_good(qtbot, two_sheets, language, value, quality, copied):
    parent = QWidget()
    qtbot.addWidget(parent)
    time_us = now_us() - 4 * 3_600_000_000 if value is not None else 0
    two_sheets.live.readings.put(LEVEL, Reading(value, time_us, int(quality)))
    words.use(language)
    menu = drawing_menu(parent, two_sheets.live, TANK, Deeds(*[lambda *_: None] * len(Deeds._fields)), connector=False)
    menu.actions()[-1].trigger()
    words.use("es")
    assert QGuiApplication.clipboard().text() == copied


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_menu_key_asks_for_the_menu_of_the_selection(qtbot, window):
    canvas = window.synoptic.canvas
    canvas.choose(TANK)
    for key, modifier in (
        (Qt.Key.Key_Menu, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier),
    ):
        with qtbot.waitSignal(canvas.context_requested) as caught:
            QTest.keyClick(canvas, key, modifier)
        assert caught.args[0] == TANK
        [menu] = [menu for menu in window.findChildren(QMenu) if menu.isVisible()]
        menu.close()
        shiboken6.delete(menu)


def test_layers_are_remembered_and_a_hidden_part_of_the_drawing_marks_its_button(qtbot, two_sheets, tmp_path):
    first = open_window(two_sheets, Settings(tmp_path / "settings.ini"))
    qtbot.keyClick(first, Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    assert first.synoptic.canvas._layers.hidden == {"labels"}
    assert first.synoptic.head._layers.isChecked()
    assert "Rótulos" in first.synoptic.head._layers.toolTip()
    shut(first)
    second = open_window(two_sheets, Settings(tmp_path / "settings.ini"))
    assert second.synoptic.canvas._layers.hidden == {"labels"}
    shut(second)


def painted(canvas):
    columns = canvas.live.columns
    return columns.value[columns.rows[LEVEL]]


def test_a_pages_other_drawings_stand_still_while_they_are_behind(window, two_sheets):
    page = window.synoptic
    behind = page.canvas
    behind.flush()
    page.show_drawing("sim-t1", 1)
    two_sheets.now += 1000
    two_sheets.feed(LEVEL, 7.25)
    window.refresh.tick()
    assert painted(behind) == 5.0
    page.show_drawing("sim-t1", 0)
    assert painted(behind) == 7.25


def test_behind_another_page_no_key_moves_the_drawing(qtbot, window):
    page = window.synoptic
    page.canvas.zoom_to(TANK)
    near = page.canvas.seen
    window.show_page(2)
    qtbot.keyClick(window, Qt.Key.Key_0)
    assert page.canvas.seen == near
    window.show_page(0)
    qtbot.keyClick(window, Qt.Key.Key_0)
    assert page.canvas.seen is None


# ---- legend, pictures, settings, search


def test_the_legend_shows_by_its_key_explains_every_mark_and_is_remembered(qtbot, two_sheets, tmp_path):
    first = open_window(two_sheets, Settings(tmp_path / "settings.ini"))
    legend = first.synoptic.look.legend
    assert not legend.isVisible()
    qtbot.keyClick(first, Qt.Key.Key_L)
    assert legend.isVisible()
    for text in ("viejo, con su edad", "prioridad 1, urgente", "disparo", "crudo"):
        assert text in legend.accessibleDescription()
    assert legend.geometry().bottom() <= first.synoptic.tabs.stage.height()
    shut(first)
    second = open_window(two_sheets, Settings(tmp_path / "settings.ini"))
    assert second.synoptic.look.legend.isVisible()
    qtbot.mouseClick(second.synoptic.look.legend, Qt.MouseButton.LeftButton)
    assert not second.synoptic.look.legend.isVisible()
    shut(second)


def picture_seen(file: Path, kind: str) -> tuple[tuple[float, float], str]:
    """Size of a picture (pixels of a PNG, else millimetres) and its commonest colour, read back by its format."""
    if kind == "svg":
        root = etree.fromstring(file.read_bytes())
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        ground = root.find("{*}rect").get("fill")
        width, height = (float(root.get(side).removesuffix("mm")) for side in ("width", "height"))
        return (width, height), ground
    if kind == "png":
        image = QImage(str(file), "PNG")
        size: tuple[float, float] = (image.width(), image.height())
    else:
        document = pypdfium2.PdfDocument(file)
        width, height = document[0].get_size()
        size = (width * 25.4 / 72, height * 25.4 / 72)
        pixels = document[0].render(rev_byteorder=True).to_numpy()[:, :, :3].copy()
        image = QImage(pixels.data, pixels.shape[1], pixels.shape[0], 3 * pixels.shape[1], QImage.Format.Format_RGB888)
        image = image.copy()
        document.close()
    places = ((x, y) for x in range(2, image.width(), 5) for y in range(2, image.height(), 5))
    return size, Counter(image.pixelColor(x, y).name() for x, y in places).most_common(1)[0][0]


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
@pytest.mark.parametrize(("scope", "look"), [("view", "screen"), ("sheet", "paper")])
def test_a_picture_is_written_as_asked(window, tmp_path, kind, scope, look):
    file = tmp_path / f"picture.{kind}"
    canvas = window.synoptic.canvas
    canvas.zoom_to(TANK)
    said = write_picture(window.synoptic.tabs.current, file, PictureChoice(scope, look, kind))
    assert str(file) in said
    asked_mm = (420.0, 297.0)
    if scope == "view":
        asked_mm = (canvas.width() / canvas.view.scale, canvas.height() / canvas.view.scale)
        assert asked_mm[0] != pytest.approx(420.0, abs=5.0)
    size, ground = picture_seen(file, kind)
    if kind == "png":
        assert size == tuple(round(side * 150 / 25.4) for side in asked_mm)
    else:
        assert size == pytest.approx(asked_mm, abs=25.4 / 72)
    assert ground.lower() == (canvas.theme["bg.canvas"].lower() if look == "screen" else "#ffffff")


def test_a_picture_that_cannot_be_written_is_said_in_a_sentence(window, tmp_path):
    said = write_picture(
        window.synoptic.tabs.current, tmp_path / "no such folder" / "a.png", PictureChoice("view", "screen", "png")
    )
    assert "no such folder" in said


def test_the_picture_dialog_asks_with_the_usual_answers_given(qtbot):
    dialog = PictureDialog()
    qtbot.addWidget(dialog)
    assert dialog.choice == PictureChoice("view", "screen", "png")
    dialog._groups["format"].button(2).click()
    dialog._groups["what"].button(1).click()
    assert dialog.choice == PictureChoice("sheet", "screen", "pdf")


def test_settings_are_kept_and_touch_reaches_every_drawing_at_once(window, tmp_path):
    window.synoptic.show_drawing("sim-t1", 1)
    window.set_choices(Choices("light", "en", 150, touch=True, reduced_motion=True))
    assert all(tab.canvas.touch and tab.canvas.reduced_motion for tab in window.synoptic.tabs.tabs)
    window._settings.flush()
    again = Settings(tmp_path / "settings.ini")
    assert (again.language, again.scale_percent) == ("en", 150)
    assert again.switch("touch", default=False)
    window.set_choices(Choices("light", "es", 100, touch=False, reduced_motion=False))


def test_a_size_that_is_not_offered_reads_as_the_usual_one(tmp_path):
    settings = Settings(tmp_path / "settings.ini")
    settings.scale_percent = 5000
    assert settings.scale_percent == 100


def test_search_knows_kind_meaning_and_sheet_of_drawings_not_yet_opened(qtbot, window):
    qtbot.waitUntil(lambda: any(hit.code == PUMP for hit in window.search._hits), timeout=10_000)
    by_meaning = find(window.search._hits, "bombeo tramo 11")
    assert PUMP in [hit.code for hit in by_meaning]
    [pump] = [hit for hit in find(window.search._hits, "10egc11 ap001") if hit.code == PUMP]
    assert (pump.detail, pump.sheet) == ("Bomba de crudo", "Bomba")
    window.search.found.emit(pump.refinery, pump.code, pump.number)
    assert window.synoptic.drawing == ("sim-t1", 1)
    assert window.synoptic.canvas.selected == PUMP


def test_connectors_say_where_they_lead_once_all_sheets_were_read(qtbot, window):
    canvas = window.synoptic.canvas
    qtbot.waitUntil(lambda: bool(canvas.hints), timeout=10_000)
    assert canvas.hints == {OUT: "clic: ir a Bomba"}
