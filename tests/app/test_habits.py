"""What a person does with a drawing: tree, menu, layers, legend, pictures, settings and search."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pypdfium2
import pytest
import shiboken6
from lxml import etree
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from app.drawing_menu import Deeds, drawing_menu
from app.picture import write_picture
from app.settings import Settings
from contracts.quality import Quality
from contracts.sample import now_us
from data.reading import Reading
from resources import words
from tests.app.open_windows import click, open_window, shut
from tests.app.plants import LEVEL
from tests.app.two_sheets import PUMP, TANK
from widgets.keys_sheet import KeysSheet
from widgets.navigator import Branch
from widgets.picture_dialog import PictureChoice, PictureDialog
from widgets.search import find
from widgets.settings_dialog import Choices

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
    assert first.synoptic.canvas.layers.hidden == {"labels"}
    assert first.synoptic.head._layers.isChecked()
    assert "Rótulos" in first.synoptic.head._layers.toolTip()
    shut(first)
    second = open_window(two_sheets, Settings(tmp_path / "settings.ini"))
    assert second.synoptic.canvas.layers.hidden == {"labels"}
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


@pytest.mark.parametrize("closing", [Qt.Key.Key_Escape, Qt.Key.Key_F1, Qt.Key.Key_Return])
def test_behind_the_sheet_of_keys_no_key_acts_and_closing_it_gives_the_drawing_back_the_keys(qtbot, window, closing):
    canvas = window.synoptic.canvas
    QTest.keyClick(canvas, Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: isinstance(QApplication.activeWindow(), KeysSheet), timeout=10_000)
    sheet = QApplication.activeWindow()
    assert sheet is QApplication.activeModalWidget()
    for key in (Qt.Key.Key_2, Qt.Key.Key_L, Qt.Key.Key_F9):
        QTest.keyClick(window.windowHandle(), key)
        QTest.keyClick(sheet, key)
    assert window.stack.currentIndex() == 0
    assert not window.synoptic.look.legend.isVisible()
    QTest.keyClick(sheet.focusWidget() or sheet, closing)
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None, timeout=10_000)
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window, timeout=10_000)
    assert QApplication.focusWidget() is canvas
    QTest.keyClick(canvas, Qt.Key.Key_2)
    assert window.stack.currentIndex() == 1


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
