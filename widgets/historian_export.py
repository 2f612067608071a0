"""The historian's exports: what is drawn or the raw samples as CSV, Parquet or Excel; the plot as PNG or SVG.

Tables are written off the GUI thread, with progress, and can be cancelled; a file is there whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

import numpy as np
from PySide6.QtCore import QObject, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from contracts.number_text import number
from contracts.quality import Quality
from contracts.signal_list import Signal
from resources.words import language, t
from widgets import series_files, style
from widgets.historian_asking import Asking
from widgets.lines import Line
from widgets.plant_now import PlantNow
from widgets.plot_picture import BadPlotPicture, write_plot_picture
from widgets.series_files import Block, Head
from widgets.source_card import Card
from widgets.time_plot import TimePlot

LANE: Final = "historian.export"
DRAWN: Final = ("mean", "min", "max", "quality")
RAW: Final = ("value", "quality")
_ROWS_A_BLOCK: Final = 100_000
What = Literal["drawn", "raw"]


class Exported(NamedTuple):
    """What stands on the page."""

    now: PlantNow
    plot: TimePlot
    signals: Sequence[Signal]
    """The pens that are drawn."""
    lines: Mapping[str, Line]
    """Theirs, by KKS."""
    tags: Sequence[str]
    """The measured signals behind them."""
    width: str
    """Of a bucket, in words; empty where samples are drawn."""


class HistorianExport(QObject):
    """Writes what `shown` gives; tells of it on `card`."""

    told = QtSignal(object, int)

    def __init__(self, shown: Callable[[], Exported | None], asking: Asking, card: Card, parent: QWidget) -> None:
        super().__init__(parent)
        self._shown, self._asking, self._card, self._parent = shown, asking, card, parent
        self._cancel: Callable[[], None] = lambda: None
        self._going = False
        self.told.connect(self._show_progress, Qt.ConnectionType.QueuedConnection)

    def menu(self) -> QMenu:
        """What can be exported, and as what."""
        menu = QMenu(self._parent)
        whats: tuple[What, ...] = ("drawn", "raw")
        for what in whats:
            part = menu.addMenu(style.icon("file-spreadsheet"), t(f"historian.export.{what}"))
            for kind, name in (("csv", "CSV…"), ("parquet", "Parquet…"), ("xlsx", "Excel…")):
                part.addAction(name).triggered.connect(lambda _=False, w=what, k=kind: self.ask_table(w, k))
        part = menu.addMenu(style.icon("photo"), t("historian.export.picture"))
        for kind in ("png", "svg"):
            part.addAction(f"{kind.upper()}…").triggered.connect(lambda _=False, k=kind: self.ask_picture(k))
        return menu

    def ask_table(self, what: What, kind: str) -> None:
        """Ask for a file's name, and write it."""
        if (path := self._path(kind)) is not None:
            self.write_table(what, path)

    def ask_picture(self, kind: str) -> None:
        """Ask for a file's name, and draw it."""
        if (path := self._path(kind)) is not None:
            self.write_picture(path)

    def _path(self, kind: str) -> Path | None:
        name, _ = QFileDialog.getSaveFileName(self._parent, t("action.export"), f"historian.{kind}", f"*.{kind}")
        if not name:
            return None
        path = Path(name)
        return path if path.suffix else path.with_suffix(f".{kind}")

    def write_picture(self, path: Path) -> None:
        """The plot as it is shown."""
        if (shown := self._shown()) is None:
            self._card.say("info-circle", t("historian.export.nothing"), "")
            return
        try:
            write_plot_picture(shown.plot, path, f"{shown.now.plant.name} · {t('page.historian')}")
        except BadPlotPicture as error:
            self._card.say("alert-triangle", t("historian.export"), str(error), (t("action.close"), self._card.hide))

    def write_table(self, what: What, path: Path) -> None:
        """Rows of what is drawn or of raw samples, in the format that the name's ending says."""
        if (shown := self._shown()) is None:
            self._card.say("info-circle", t("historian.export.nothing"), "")
            return
        plant = shown.now.plant
        from_us, to_us = shown.plot.span_us
        cancel = self._asking.source.new_cancel()
        stopped: list[bool] = []

        def told(part: float, rows: int) -> None:
            if stopped:
                raise Stopped
            self.told.emit(part, rows)

        signals: list[Signal]
        columns: tuple[str, ...]
        if what == "drawn":
            signals, columns = list(shown.signals), DRAWN
            words = t("file.drawn") if shown.width else t("file.raw")
            lines = [(signal.kks, shown.lines[signal.kks]) for signal in signals if signal.kks in shown.lines]
            blocks = drawn_blocks(lines, from_us, to_us)
        else:
            signals, columns, words = [plant.by_kks[tag] for tag in shown.tags], RAW, t("file.raw")
            blocks = self._raw_blocks(shown, from_us, to_us, cancel, told)
        head = Head(f"{plant.name} ({plant.refinery})", signals, from_us, to_us, plant.timezone, words)

        def work() -> int:
            return series_files.write(path, blocks, columns, head, lambda rows: told(-1.0, rows))

        def stop() -> None:
            stopped.append(True)
            cancel.cancel()

        self._cancel, self._going = stop, True
        self._say_going(None, 0)
        self._asking.run(
            LANE,
            work,
            lambda rows: self._done(rows, path),
            lambda error: self._failed(error, stopped=bool(stopped)),
            stop,
        )

    def _raw_blocks(
        self, shown: Exported, from_us: int, to_us: int, cancel: object, told: Callable[[float, int], None]
    ) -> Iterator[Block]:
        rows = 0
        for place, tag in enumerate(shown.tags):
            for times, values, codes in self._asking.source.samples(shown.now, tag, from_us, to_us, cancel):
                for start in range(0, times.size, _ROWS_A_BLOCK):
                    part = slice(start, start + _ROWS_A_BLOCK)
                    yield Block(tag, times[part], {"value": values[part], "quality": codes[part]})
                rows += times.size
                done = (int(times[-1]) - from_us) / (to_us - from_us) if times.size else 0.0
                told((place + done) / len(shown.tags), rows)

    # ---- telling

    def _say_going(self, part: float | None, rows: int) -> None:
        far = "" if part is None else f"{round(100 * part)} % · "
        self._card.say(
            "download",
            t("historian.export.going"),
            far + t("historian.rows", n=number(rows, 0, language())),
            (t("action.cancel"), self.cancel),
            progress=part,
            busy=part is None,
        )

    def _show_progress(self, part: float, rows: int) -> None:
        if part >= 0 and self._going:
            self._say_going(part, rows)

    def cancel(self) -> None:
        """Stop writing; no file is left."""
        self._cancel()

    def _done(self, rows: int, path: Path) -> None:
        self._going = False
        said = t("historian.export.done", rows=number(rows, 0, language()), path=path.name)
        self._card.say("circle-check", said, str(path.parent), (t("action.close"), self._card.hide))

    def _failed(self, error: Exception, *, stopped: bool) -> None:
        self._going = False
        if stopped:
            self._card.say("info-circle", t("historian.export.cancelled"), "", (t("action.close"), self._card.hide))
            return
        why = str(error) or type(error).__name__
        self._card.say("alert-triangle", t("export.failed", why=why), "", (t("action.close"), self._card.hide))


class Stopped(Exception):
    """The person does not want the file any more."""


def drawn_blocks(lines: Sequence[tuple[str, Line]], from_us: int, to_us: int) -> Iterator[Block]:
    """The points of lines inside a span; of samples, least and greatest are the sample."""
    for kks, line in lines:
        inside = (line.times_us >= from_us) & (line.times_us < to_us) & np.isfinite(line.mean)
        low, high = (line.mean if part is None else part for part in (line.low, line.high))
        codes = np.full(line.times_us.size, int(Quality.GOOD), np.int16) if line.codes is None else line.codes
        yield Block(
            kks,
            line.times_us[inside],
            {"mean": line.mean[inside], "min": low[inside], "max": high[inside], "quality": codes[inside]},
        )
