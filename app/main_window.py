"""The window: top bar, rail, pages, alarm strip and status bar, and the keys that drive them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QButtonGroup, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.alarm_journal import AlarmJournal
from app.background import Background
from app.drawing_editor import DrawingEditor
from app.drawing_keys import drawing_keys
from app.historian_access import HistorianAccess
from app.historian_memory import FiledMemory
from app.historian_room import HistorianRoom
from app.live_plant import LivePlant
from app.refresh import FROZEN_AFTER_S, FrozenScreenWatch, Refresh
from app.settings import SCALES, Settings
from app.sheet_search import hits
from app.sheets import Sheet
from app.synoptic_page import SynopticPage
from contracts.names import is_training
from contracts.sample import now_us
from data.reading import Reading
from resources.theme import ThemeName, tokens
from resources.words import t
from widgets import style
from widgets.alarm_strip import AlarmStrip, StripRow
from widgets.alarm_table import AlarmTable
from widgets.buttons import IconButton
from widgets.clock_text import clock
from widgets.historian import HistorianPage
from widgets.keys_sheet import KeysSheet
from widgets.mode_frame import ModeFrame
from widgets.search import Hit, Search
from widgets.settings_dialog import Choices, SettingsDialog
from widgets.status_bar import StatusBar
from widgets.stock_table import StockPage
from widgets.top_bar import TopBar

log = logging.getLogger(__name__)

PAGES: Final = (
    ("synoptic", "sitemap"),
    ("historian", "chart-line"),
    ("stock", "building-warehouse"),
    ("alarms", "bell"),
)
BLINK_HZ: Final = float(tokens()["motion"]["unackBlinkHz"])
BLINK_DUTY: Final = float(tokens()["motion"]["unackDuty"])
SHELVE_HOURS: Final = 8
LOW_WINDOW_PX: Final = 840
TITLE: Final = "Sinóptico"
STOOD_STILL_SHOWN_S: Final = 60
"""How long the status bar tells that the screen stood still: whoever looked away must still learn it."""


class MainWindow(QWidget):
    """Everything a person sees. It owns the refresh; who made it owns processes and stores."""

    def __init__(
        self,
        plants: Sequence[LivePlant],
        settings: Settings,
        historians: HistorianAccess,
        *,
        person: str,
        version: str,
    ) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle(TITLE)
        # At a large interface size a screen has fewer of these pixels than the design asks for.
        room = self.screen().availableSize()
        self.setMinimumSize(min(1280, room.width()), min(720, room.height()))
        self._plants, self._settings = plants, settings
        self._journal = AlarmJournal(person)
        self.background = Background(self)
        self.search = Search()
        self.top = TopBar(self.search, person)
        self.synoptic = SynopticPage(plants, settings)
        self.editor = DrawingEditor(self.synoptic, person)
        self.historian = HistorianPage(historians, self.background, FiledMemory(), person)
        self.stock, self.alarms = StockPage(), AlarmTable()
        self.strip = AlarmStrip(open_when_low=settings.switch("alarm_rows_when_low", default=False))
        self.status = StatusBar(version)
        self.rail, self._rail_group = QWidget(), QButtonGroup(self)
        self.stack = QStackedWidget()
        # The synoptic frames its drawing itself; no other page may hide that a plant is simulated either.
        self._frames = (ModeFrame(), ModeFrame(), ModeFrame())
        self.refresh = Refresh(plants, self)
        self._watch = FrozenScreenWatch(self.refresh)
        self._keeps_layout = True
        self._stood_still_until_us = 0
        self._slow_ticks = 0
        self._now_us = 0
        self.parts: object = None
        """Who watches the processes, where somebody does; kept alive with the window."""
        self._build()
        self._wire()
        self.room = HistorianRoom(self, self._rail_group.button(1), 1)
        self._keys()

    # ---- parts

    def _build(self) -> None:
        self.rail.setProperty("look", "rail-bar")
        self.rail.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.rail.setFixedWidth(52)
        column = QVBoxLayout(self.rail)
        column.setContentsMargins(6, 8, 5, 8)
        column.setSpacing(8)
        for number, (name, icon) in enumerate(PAGES):
            button = IconButton(icon, f"{t(f'page.{name}')} ({number + 1})", px=20, checkable=True)
            button.setProperty("look", "rail")
            self._rail_group.addButton(button, number)
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        for icon, tip, action in (
            ("sun" if self._settings.theme == "dark" else "moon", t("action.theme"), self.toggle_theme),
            ("help", t("action.keys"), self.show_keys),
            ("settings", t("settings.title"), self.show_settings),
        ):
            button = IconButton(icon, tip, px=20)
            button.setProperty("look", "rail")
            button.clicked.connect(action)
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.stack.addWidget(self.synoptic)
        for page, frame in zip((self.historian, self.stock, self.alarms), self._frames, strict=True):
            frame.add(page, 1)
            self.stack.addWidget(frame)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.rail)
        middle.addWidget(self.stack, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.top)
        whole.addLayout(middle, 1)
        whole.addWidget(self.strip)
        whole.addWidget(self.status)
        self._rail_group.button(0).setChecked(True)

    def _wire(self) -> None:
        self._rail_group.idClicked.connect(self.show_page)
        page = self.synoptic
        page.drawing_shown.connect(self._drawing_shown)
        page.health.connect(self.status.show_drawing)
        page.history_requested.connect(self.open_history)
        page.acknowledge_requested.connect(self.acknowledge)
        page.shelve_requested.connect(self.shelve)
        page.full_screen_requested.connect(self.toggle_full_screen)
        page.plant_changed.connect(self._plant_changed)
        self.strip.chosen.connect(self.go_to)
        self.strip.acknowledge_requested.connect(self.acknowledge)
        self.strip.opened.connect(lambda on: self._settings.keep_switch("alarm_rows_when_low", on=on))
        self.alarms.chosen.connect(self.go_to)
        self.alarms.acknowledge_requested.connect(self.acknowledge)
        self.alarms.shelve_requested.connect(self.shelve)
        self.stock.chosen.connect(self.go_to)
        self.search.found.connect(self._found)
        self.historian.state.connect(self.status.show_historian)
        self.refresh.add("drawing", page.show_readings)
        self.refresh.add("faceplate", page.show_faceplate)
        self.refresh.add("stock summary", page.show_stock)
        self.refresh.add("stock table", self._show_stock)
        self.refresh.ticked.connect(self._tick)
        self._watch.frozen.connect(self._frozen)
        self._watch.moving.connect(self._moving)
        self.search.index(self._hits())

    def _keys(self) -> None:
        keys: dict[str, Callable[[], object]] = {
            "Ctrl+K": self.search.begin,
            "Ctrl+F": self.search.begin,
            "/": self.search.begin,
            "F9": self._acknowledge_first,
            "Shift+F9": self._acknowledge_visible,
            "F10": lambda: self.shelve(self.synoptic.faceplate.leading),
            "F11": self.toggle_full_screen,
            "F1": self.show_keys,
            "Ctrl+,": self.show_settings,
            "?": self.show_keys,
            "B": self.editor.toggle_table,
            "O": self.editor.toggle_overlays,
            "Ctrl+Z": self.editor.undo,
            "Ctrl+Y": self.editor.redo,
            "Ctrl+Shift+Z": self.editor.redo,
            "T": lambda: self.synoptic.add_to_trend(self.synoptic.faceplate.leading),
            "H": lambda: self.open_history([self.synoptic.faceplate.leading]),
            "P": lambda: self.synoptic.faceplate.show_page("provenance"),
            "N": self._next_unacknowledged,
            "Ctrl+E": self._export,
            "Ctrl+Left": lambda: self._other_drawing(-1),
            "Ctrl+Right": lambda: self._other_drawing(1),
        }
        for number in range(len(PAGES)):
            keys[str(number + 1)] = partial(self.show_page, number)
        for sequence, action in keys.items():
            QShortcut(QKeySequence(sequence), self, action)
        for sequence, action in drawing_keys(self.synoptic).items():
            # Of the page, not the window: behind another page nothing may move unseen.
            QShortcut(QKeySequence(sequence), self.synoptic, action)

    def _hits(self) -> list[Hit]:
        """What can be found, with what was read of the drawings so far."""
        return [hit for live in self._plants for hit in hits(live.plant, self.synoptic.sheets.at_hand(live.plant))]

    def _read_other_sheets(self) -> None:
        """Off this thread: jumps, traces and search then know the whole plant, and opening a tab costs no reading."""
        plants = [live.plant for live in self._plants]

        def read() -> list[Hit]:
            self.synoptic.sheets.read_all(plants)
            return self._hits()

        self.background.run(
            "sheets",
            read,
            self._sheets_read,
            lambda error: log.error("the other drawings could not be read: %s", error),
        )

    def _sheets_read(self, found: list[Hit]) -> None:
        self.search.index(found)
        self.synoptic.sheets_read()

    # ---- life

    def begin(self, sheet: Sheet | None = None) -> None:
        """Open `sheet`, a drawing of the first plant, or those of last time, and start the clock."""
        self._keeps_layout = sheet is None
        if sheet is None:
            self.synoptic.open_again(self._settings.tabs, self._settings.drawing)
        else:
            plant = self._plants[0].plant
            self.synoptic.sheets.replace(plant, sheet)
            self.synoptic.show_drawing(plant.refinery, plant.drawings.index(sheet.store.source))
            self.synoptic.trend.setVisible(bool(plant.signals))
        if not (layout := self._settings.layout("live", self._screen_name())).isEmpty():
            self.synoptic.middle.restoreState(layout)
        self.synoptic.canvas.setFocus()
        self._read_other_sheets()
        self.refresh.start()
        self._watch.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.refresh.stop()
        self._watch.stop()
        self.historian.close_historian()
        self.background.close()
        if self._keeps_layout:
            self._settings.keep_layout("live", self._screen_name(), QByteArray(self.synoptic.middle.saveState()))
            self._settings.drawing = self.synoptic.drawing
            self._settings.tabs = [(tab.live.plant.refinery, tab.name) for tab in self.synoptic.tabs.tabs]
        self._settings.flush()
        super().closeEvent(event)

    def _screen_name(self) -> str:
        size = self.screen().size()
        return f"{size.width()}x{size.height()}{'-low' if self.synoptic.is_low else ''}"

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.top.fold(narrow=self.width() < 1600)
        self.strip.set_low(low=self.height() < LOW_WINDOW_PX)

    # ---- refresh

    def _tick(self, now: int) -> None:
        live = self.synoptic.live
        source = live.source
        self._now_us = now
        self.top.clock.show_time(now, live.plant.timezone)
        slowest = max(self._plants, key=lambda plant: plant.source.newest_age_s)
        self.top.freshness.show_age(
            slowest.source.newest_age_s, slowest.plant.heartbeat_s, alive=all(p.source.alive for p in self._plants)
        )
        self._show_alarms(now)
        if self._stood_still_until_us and now > self._stood_still_until_us:
            self._stood_still_until_us = 0
            self.status.show_stood_still("")
        self._slow_ticks += 1
        if self._slow_ticks % 2 == 0:
            self.status.show_source(source, len(live.plant.signals), live.not_good)
            self.synoptic.show_tank_lines()
            self.synoptic.trend.refresh(now)
            self.synoptic.frame.banner.show_right(f"{live.plant.refinery} · {clock(now, live.plant.timezone)}")
            if self._page == "historian":
                self.historian.refresh_live(now)

    def _show_alarms(self, now: int) -> None:
        rows = [
            StripRow(alarm, live.plant.by_kks[alarm.kks], live.readings[alarm.kks], live)
            for live in self._plants
            for alarm in live.board.standing()
        ]
        lit = (now / 1e6 * BLINK_HZ) % 1.0 < BLINK_DUTY
        self.strip.show_alarms(rows, lit=lit)
        if self._page == "alarms":
            self.alarms.show_alarms(rows)
        self.synoptic.show_alarms()

    def _show_stock(self, plant: LivePlant, changes: Mapping[str, Reading]) -> None:
        if changes and self._page == "stock":
            self.stock.show_stock(plant.plant, plant.stock())

    def _frozen(self, still_s: float) -> None:
        """Only the refresh stands: the window can still say so itself."""
        if time.monotonic() - self.refresh.last_tick_s > FROZEN_AFTER_S:
            since = clock(now_us() - round(still_s * 1e6), self.synoptic.live.plant.timezone)
            self.setWindowTitle(f"{TITLE} — {t('window.frozen', time=since)}")
            self.top.freshness.show_frozen()

    def _moving(self, stood_s: float) -> None:
        self.setWindowTitle(TITLE)
        self.status.show_stood_still(t("status.frozen", seconds=round(stood_s)))
        self._stood_still_until_us = now_us() + STOOD_STILL_SHOWN_S * 1_000_000

    # ---- what a person does

    @property
    def _page(self) -> str:
        """The name of the page on show."""
        return PAGES[self.stack.currentIndex()][0]

    def show_page(self, number: int) -> None:
        """Go to a page of the rail."""
        self.stack.setCurrentIndex(number)
        self._rail_group.button(number).setChecked(True)
        live = self.synoptic.live
        name = PAGES[number][0]
        main = (self.synoptic.canvas, self.historian, self.stock.sheet, self.alarms.sheet)
        main[number].setFocus()
        if name == "synoptic":
            sheet = live.plant.drawings
            title = sheet[min(self.synoptic.drawing[1], len(sheet) - 1)].title if sheet else ""
            self.top.show_path(live.plant.name, title)
        else:
            self.top.show_path(live.plant.name, t(f"page.{name}"))
            shown = [live] if name == "historian" else self._plants
            simulated = [plant.plant.refinery for plant in shown if plant.plant.is_training]
            self._frames[number - 1].show_mode(training=bool(simulated))
            self._frames[number - 1].banner.show_right(" · ".join(simulated))
        if name == "stock":
            for plant in self._plants:
                self.stock.show_stock(plant.plant, plant.stock())
        if name == "historian":
            self.historian.open(live, self.synoptic.trend.tags)

    def open_history(self, tags: Sequence[str]) -> None:
        """Show tags in the historian."""
        wanted = [tag for tag in tags if tag]
        self.show_page(1)
        if wanted:
            self.historian.show_signals(wanted)

    def go_to(self, kks: str) -> None:
        """Bring a tag on the screen, whichever plant it is of."""
        for live in self._plants:
            if kks in live.plant.by_kks or any(tank.kks == kks for tank in live.plant.tanks):
                self.show_page(0)
                if live is not self.synoptic.live:
                    self.synoptic.show_drawing(live.plant.refinery, 0)
                self.synoptic.go_to(kks)
                return

    def _found(self, refinery: str, code: str, number: int) -> None:
        self.show_page(0)
        if not code:
            self.synoptic.show_drawing(refinery, number)
            return
        if refinery != self.synoptic.live.plant.refinery:
            self.synoptic.show_drawing(refinery, max(0, number))
        self.synoptic.go_to(code, number if number >= 0 else None)

    def acknowledge(self, kks: str, limit: str) -> None:
        """Record that a person has seen an alarm. Nothing is sent to the plant."""
        for live in self._plants:
            for alarm in live.board.acknowledge(kks, limit or None):
                self._journal.write(live.plant.refinery, "acknowledged", alarm)
                self._after_alarm(live, kks)

    def shelve(self, kks: str) -> None:
        """Put a tag's alarms aside for a shift."""
        for live in self._plants:
            if kks in live.plant.by_kks:
                for alarm in live.board.shelve(kks, self._now_us + SHELVE_HOURS * 3_600_000_000):
                    self._journal.write(live.plant.refinery, "shelved", alarm)
                self._after_alarm(live, kks)

    def _after_alarm(self, live: LivePlant, kks: str) -> None:
        reading = live.mark_again(kks)
        self.synoptic.show_readings(live, {kks: reading})
        self.synoptic.faceplate.refresh()
        self._show_alarms(self._now_us)

    def _acknowledge_first(self) -> None:
        if (alarm := self.strip.first) is not None:
            self.acknowledge(alarm.kks, alarm.limit)

    def _acknowledge_visible(self) -> None:
        for alarm in self.strip.visible_alarms:
            self.acknowledge(alarm.kks, alarm.limit)

    def _next_unacknowledged(self) -> None:
        if (alarm := self.strip.first) is not None:
            self.go_to(alarm.kks)

    def _other_drawing(self, step: int) -> None:
        places = [(p.plant.refinery, n) for p in self._plants for n in range(max(1, len(p.plant.drawings)))]
        here = places.index(self.synoptic.drawing) if self.synoptic.drawing in places else 0
        self.synoptic.show_drawing(*places[(here + step) % len(places)])

    def _export(self) -> None:
        if self._page == "stock":
            self.stock.export()
        elif self._page == "historian":
            self.historian.export()
        else:
            self.synoptic.save_picture()

    def toggle_theme(self) -> None:
        """Light ↔ dark."""
        self.set_theme("dark" if style.current().name == "light" else "light")

    def set_theme(self, name: ThemeName) -> None:
        """Paint everything in a theme."""
        style.use(name)
        self._settings.theme = name
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.setStyleSheet(style.sheet())
        self.synoptic.restyle()
        self.historian.restyle()
        self.show_page(self.stack.currentIndex())
        for widget in self.findChildren(QWidget):
            widget.update()

    def toggle_full_screen(self) -> None:
        """Leave drawing, mode banner and alarm strip; those can never be hidden."""
        hide = self.top.isVisible()
        for widget in (self.top, self.rail, self.status, self.synoptic.trend):
            widget.setVisible(not hide)
        self.synoptic.navigator.setVisible(not hide)
        if hide:
            self.showFullScreen()
        else:
            self.showNormal()

    def show_keys(self) -> None:
        """The sheet of keys; whatever had the keys before has them again when it closes."""
        sheet = KeysSheet(self)
        # Not every window system gives the keys back by itself.
        sheet.finished.connect(self.activateWindow)
        sheet.open()

    def show_settings(self) -> None:
        """Ask what should be set, and set it."""
        settings = self._settings
        now = Choices(
            style.current().name,
            settings.language,
            settings.scale_percent,
            settings.switch("touch", default=False),
            settings.switch("reduced_motion", default=False),
        )
        dialog = SettingsDialog(now, SCALES, self)
        if dialog.exec() == SettingsDialog.DialogCode.Accepted:
            self.set_choices(dialog.choices)

    def set_choices(self, choices: Choices) -> None:
        """Take what a person set. Language and size are read at the start of the program."""
        settings = self._settings
        settings.language, settings.scale_percent = choices.language, choices.scale_percent
        settings.keep_switch("touch", on=choices.touch)
        settings.keep_switch("reduced_motion", on=choices.reduced_motion)
        self.synoptic.look.set_touch(touch=choices.touch, reduced_motion=choices.reduced_motion)
        style.use_touch(on=choices.touch)
        self.set_theme(choices.theme)

    def _drawing_shown(self, refinery: str, drawing: str) -> None:
        if self._page == "synoptic":
            self.top.show_path(refinery, *([drawing] if drawing else []))

    def _plant_changed(self, live: LivePlant) -> None:
        self.top.mode.show_mode(training=is_training(live.plant.refinery))
        # A drawing of no plant is neither live nor training, and nothing of it alarms.
        has_values = any(plant.plant.signals for plant in self._plants)
        self.top.mode.setVisible(has_values)
        self.strip.setVisible(has_values)
