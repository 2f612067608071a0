"""Puts the parts together: plants, live stores, processes and the window; starts and stops them in order."""

from __future__ import annotations

import getpass
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.stop_request import StopRequest
from contracts.number_text import Language
from contracts.plant import Plant
from resources import words
from resources.theme import ThemeName
from runtime.places import state_folder

if TYPE_CHECKING:
    from app.live_plant import LivePlant
    from app.main_window import MainWindow
    from app.settings import Settings
    from app.sheets import Sheet
    from runtime.supervisor import Process, Supervisor

VERSION: Final = "0.1"
RECENT_SAMPLES: Final = 7200
"""One hour at two samples a second, for each watched tag."""


def has_display() -> bool:
    """Whether a window can be shown here."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@dataclass
class Session:
    """The live stores of some plants and the processes that fill them. Use as a context: leaving ends everything."""

    plants: Sequence[Plant]
    direct: bool
    kafka: str = ""
    """Kafka named on the command line."""
    has_source: bool = True
    """False where only drawings are looked at, and nothing fills the stores."""
    lives: list[LivePlant] = field(default_factory=list)
    supervisor: Supervisor | None = None
    _open: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Session:
        from app.live_plant import LivePlant
        from data.live_store import LiveStore

        source = "" if not self.has_source else "Modbus" if self.direct else "Kafka"
        for plant in self.plants:
            store = LiveStore.create([signal.kks for signal in plant.signals], RECENT_SAMPLES)
            self._open.callback(store.unlink)
            self._open.callback(store.close)
            self.lives.append(LivePlant(plant, store, source=f"{source} {plant.refinery}" if source else ""))
        return self

    def run(self, processes: Callable[[Session], Sequence[Process]]) -> None:
        """Start the processes that `processes(self)` names; those of before are stopped first."""
        from runtime.supervisor import Supervisor

        if self.supervisor is not None:
            self.supervisor.stop()
        self.supervisor = Supervisor(processes(self))
        self.supervisor.start()

    def bootstrap(self, plant: Plant) -> str:
        """The Kafka this session reads a plant from; empty in direct mode."""
        if self.direct:
            return ""
        reported = next((str(s.report["bootstrap"]) for s in states(self).values() if "bootstrap" in s.report), "")
        return reported or self.kafka or str(plant.services.get("kafka", {}).get("bootstrap", ""))

    def __exit__(self, *_error: object) -> None:
        if self.supervisor is not None:
            self.supervisor.stop()
        self._open.close()


@dataclass(frozen=True)
class Look:
    """What a person may ask of the window on the command line; None: as last time."""

    theme: ThemeName | None = None
    language: Language | None = None
    historian: str = ""
    size: tuple[int, int] = (1600, 900)
    remember: bool = True
    """False for pictures and demos without a display: they must not depend on what somebody chose before."""


def _say_what_matters(_kind: object, _where: object, text: str) -> None:
    # The offscreen platform has no window manager to tell sizes and order to, and says so for every window.
    if "This plugin does not support" not in text:
        sys.stderr.write(f"{text}\n")


def qt_application(*, visible: bool) -> Any:
    """The one QApplication, on a screen or off it."""
    if not visible:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import Qt, qInstallMessageHandler
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance()
    if application is None:
        QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
        if not visible:
            qInstallMessageHandler(_say_what_matters)
        application = QApplication(["sinoptico"])
    assert isinstance(application, QApplication)
    application.setApplicationName("Sinóptico")
    application.setApplicationVersion(VERSION)
    application.setStyle("Fusion")
    return application


def speak_qt(application: Any) -> None:
    """Qt's own words (OK, Cancel, a field's menu) in the window's language; Qt itself speaks English."""
    from PySide6.QtCore import QLibraryInfo, QTranslator

    translator = QTranslator(application)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(f"qtbase_{words.language()}", folder):
        application.installTranslator(translator)


@dataclass(frozen=True)
class Shell:
    """What stands on the screen until the window does."""

    application: Any
    widget: Any
    settings: Settings
    look: Look


def open_shell(look: Look, *, visible: bool) -> Shell:
    """Paint something before numpy and pyqtgraph are imported: half a second that a person would see."""
    from app.settings import Settings

    settings = Settings(None if look.remember else state_folder() / "unattended.ini")
    if visible and settings.scale_percent != 100:
        # Qt reads it once, when the application is made; what somebody set by hand goes before.
        os.environ.setdefault("QT_SCALE_FACTOR", f"{settings.scale_percent / 100:g}")
    application = qt_application(visible=visible)
    from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

    from widgets import style

    theme = look.theme or (settings.theme if look.remember else "light")
    words.use(look.language or (settings.language if look.remember else "es"))
    speak_qt(application)
    style.use(theme)
    style.use_touch(on=settings.switch("touch", default=False))
    settings.theme, settings.language = theme, words.language()
    style.load_fonts()
    application.setStyleSheet(style.sheet())
    widget = QWidget()
    widget.setObjectName("window")
    widget.setWindowTitle("Sinóptico")
    widget.resize(*look.size)
    name = QLabel("Sinóptico")
    name.setProperty("look", "title")
    column = QVBoxLayout(widget)
    column.addStretch(1)
    column.addWidget(name)
    column.addStretch(1)
    widget.show()
    application.processEvents()
    return Shell(application, widget, settings, look)


def make_window(session: Session, shell: Shell, sheet: Sheet | None = None) -> tuple[Any, MainWindow]:
    """The QApplication and the window over a session's plants, shown and refreshing.

    It opens at `sheet`, a drawing of the first plant, or at those of last time.
    """
    from app.historian_access import HistorianAccess, place_of
    from app.main_window import MainWindow

    places = {plant.refinery: place_of(plant, shell.look.historian) for plant in session.plants}
    window = MainWindow(
        session.lives,
        shell.settings,
        HistorianAccess(places, session.bootstrap),
        person=getpass.getuser(),
        version=VERSION,
    )
    window.resize(*shell.look.size)
    window.show()
    shell.widget.close()
    window.begin(sheet)
    return shell.application, window


def run_until_closed(application: Any, stop: StopRequest) -> int:
    """The event loop, until the window is closed or `stop` is asked for; the exit code."""
    stop.quit_when_asked(application)
    return int(application.exec()) or stop.code


def lake_folder() -> Path:
    """Where the local lake lies."""
    folder = state_folder() / "lake"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def quiet_logs() -> None:
    """Warnings and worse go to stderr and to logs/window.log in the state folder, as one line each."""
    folder = state_folder() / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    file = RotatingFileHandler(folder / "window.log", maxBytes=1_000_000, backupCount=1, encoding="utf-8", delay=True)
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger().addHandler(file)


def states(session: Session) -> Mapping[str, Any]:
    """The session's processes now."""
    return {} if session.supervisor is None else session.supervisor.states()
