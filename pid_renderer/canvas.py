"""The synoptic: a P&ID sheet in a window, alive. Zoom, pan, selection, layers; painting is `live_sheet` and `tiles`.

A plain raster widget: the static sheet is copied from tiles, what lives is painted over it, and only where something
changed. Ten thousand graphics items cost a hundred times as much.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QContextMenuEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from contracts.number_text import Language
from contracts.plant import Plant
from contracts.sample import now_us
from data.reading import Reading
from pid_renderer import overlays
from pid_renderer.binding import Binding
from pid_renderer.composer import Composer, Layers
from pid_renderer.describe import accessible_name, hover_lines
from pid_renderer.drawing import Box, Drawing, Point
from pid_renderer.hit import Targets, Way
from pid_renderer.live_sheet import LiveSheet, Plate, rect
from pid_renderer.live_state import Derived
from pid_renderer.paint_box import PaintBox
from pid_renderer.symbol import LiveSymbol
from pid_renderer.view import View, centred, fitting
from pid_renderer.words import word
from resources.theme import Theme, tokens
from resources.theme import theme as theme_called

ZOOM_STEP: Final = 1.25
SMALLEST_ZOOM, LARGEST_ZOOM = 0.05, 12.0
_MOST_RECTANGLES: Final = 24
_WAYS: Final[dict[int, Way]] = {
    Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right",
    Qt.Key.Key_Up: "up",
    Qt.Key.Key_Down: "down",
}


class Canvas(QWidget):
    """One sheet with its live values."""

    chosen = Signal(str)
    """KKS of the element or signal clicked; empty for nothing."""
    hovered = Signal(str)
    """KKS under the cursor; empty for nothing."""
    context_requested = Signal(str, QPoint)
    """KKS under a right click, and where on the screen."""
    zoom_changed = Signal(float)
    """1.0 = 100 %."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 160)
        self.touch = False
        self.reduced_motion = False
        self.view = View(1.0, 0.0, 0.0)
        self.live: LiveSheet | None = None
        self.selected = ""
        self._composer: Composer | None = None
        self._targets: Targets | None = None
        self._theme = theme_called("light")
        self._language: Language = "es"
        self._layers = Layers()
        self._fitted = True
        self._pressed: QPointF | None = None
        self._dragging = False
        self._hover, self._cursor = "", QPointF()
        self._waiting: dict[str, Reading] = {}
        self._last_repaint_s = 0.0
        motion = tokens()["motion"]
        self._repaint_every_s = 1.0 / float(motion["valueRepaintHz"])
        self._flush_timer = QTimer(self, singleShot=True)
        self._flush_timer.timeout.connect(self.flush)
        self._blink_timer = QTimer(self, singleShot=True)
        self._blink_timer.timeout.connect(self._blink)
        self._step_timer = QTimer(self)
        self._step_timer.setInterval(round(1000 / float(motion["flowStepHz"])))
        self._step_timer.timeout.connect(self._step_flow)
        self._hover_timer = QTimer(self, singleShot=True)
        self._hover_timer.setInterval(350)
        self._hover_timer.timeout.connect(self._show_hover)
        self._hover_lines: list[str] = []
        self._veil = ""

    # -- what is shown ---------------------------------------------------------------------------------------------

    def set_sheet(self, drawing: Drawing, binding: Binding, plant: Plant, theme: Theme, language: Language) -> None:
        """Show a sheet; readings begin anew."""
        self._language = language
        self.live = LiveSheet(drawing, binding, plant, language)
        self._targets = Targets(drawing, binding)
        self._composer = Composer(self.live, theme, self._layers)
        self.selected, self._hover, self._hover_lines = "", "", []
        self._waiting = {}
        self.setAccessibleName(f"{word('drawing', language)} {drawing.title or drawing.source}")
        self._theme = theme
        self.fit()

    def set_theme(self, theme: Theme) -> None:
        """Repaint in another theme."""
        self._theme = theme
        if self._composer is not None:
            self._composer.set_theme(theme)
        self.update()

    def set_language(self, language: Language) -> None:
        """Numbers and words in another language."""
        self._language = language
        if self.live is not None:
            self.live.language = language
            self.live.restart()
        self._void()

    def set_layers(self, *, values: bool = True, alarms: bool = True, design: bool = False, flow: bool = False) -> None:
        """Switch layers: values, alarm badges, the design lens, flow arrows and turning marks."""
        self._layers = Layers(values, alarms, design, flow)
        if self._composer is not None:
            self._composer.set_layers(self._layers)
        if flow and not self.reduced_motion:
            self._step_timer.start()
        else:
            self._step_timer.stop()
        self._void()

    def show_readings(self, readings: Mapping[str, Reading]) -> None:
        """Take changed readings (signal KKS → reading). Numbers repaint at most four times a second.

        Call it also when nothing changed: what is old shows its age, which grows.
        """
        self._waiting.update(readings)
        wait_s = self._repaint_every_s - (time.monotonic() - self._last_repaint_s)
        if wait_s <= 0:
            self.flush()
        elif not self._flush_timer.isActive():
            self._flush_timer.start(math.ceil(wait_s * 1000))

    def show_derived(self, texts: Mapping[tuple[str, str], Derived]) -> None:
        """What was computed, by code and role; it appears with the next readings."""
        if self.live is not None:
            self.live.derived = texts

    def show_veil(self, text: str) -> None:
        """One mark and one line over the drawing while its source is gone, instead of one mark a value; empty: none."""
        changed = text != self._veil
        self._veil = text
        if self.live is not None and self.live.fold(bool(text)):
            self._void()
        elif changed:
            self.update()

    def flush(self) -> None:
        """Show the readings that wait; mark only what changed for painting."""
        self._flush_timer.stop()
        self._last_repaint_s = time.monotonic()
        if self.live is None:
            return
        symbols, plates = self.live.apply(self._waiting, now_us())
        self._waiting = {}
        self._repair([*symbols, *plates])
        if self.live.has_blinking() and not self._blink_timer.isActive() and not self.reduced_motion:
            self._blink_timer.start(self._blink_ms())
        if self._hover_lines and self._hover:
            self._write_hover()

    def _repair(self, items: Sequence[LiveSymbol | Plate]) -> None:
        areas = None if self._composer is None else self._composer.repair(items)
        if areas is None:
            self.update()
            return
        if len(areas) > _MOST_RECTANGLES:
            # Qt cuts many rectangles into bands, and copies each by itself.
            self.update()
            return
        for area in areas:
            self.update(area)

    def _void(self) -> None:
        if self._composer is not None:
            self._composer.void()
        self.update()

    # -- motion ----------------------------------------------------------------------------------------------------

    def _blink_ms(self) -> int:
        motion = tokens()["motion"]
        period, duty = 1000 / float(motion["unackBlinkHz"]), float(motion["unackDuty"])
        lit = self._composer is None or self._composer.lit
        return round(period * (duty if lit else 1 - duty))

    def _blink(self) -> None:
        if self.live is None or self._composer is None:
            return
        waiting = self.live.has_blinking() and not self.reduced_motion
        self._composer.lit = not self._composer.lit if waiting else True
        symbols, plates = self.live.blinking()
        self._repair([*symbols, *plates])
        if waiting:
            self._blink_timer.start(self._blink_ms())

    def _step_flow(self) -> None:
        if self._composer is not None:
            self._composer.step += 1
        self._void()

    # -- view ------------------------------------------------------------------------------------------------------

    @property
    def zoom(self) -> float:
        """1.0 = 100 %: an instrument's bubble is 30 px."""
        return self.view.scale / self.live.scale_100 if self.live is not None else 1.0

    @property
    def zoom_percent(self) -> float:
        """The zoom in percent."""
        return 100.0 * self.zoom

    def fit(self) -> None:
        """Show the whole sheet."""
        if self.live is not None and self.live.drawing.width_mm > 0:
            drawing = self.live.drawing
            self._set_view(fitting(drawing.width_mm, drawing.height_mm, self.width(), self.height()))
        self._fitted = True

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom; the point under `at` (the middle without one) stays where it is."""
        if self.live is None:
            return
        scale_100 = self.live.scale_100
        wanted = min(max(self.view.scale * factor, SMALLEST_ZOOM * scale_100), LARGEST_ZOOM * scale_100)
        fixed = (self.width() / 2, self.height() / 2) if at is None else (at.x(), at.y())
        self._set_view(self.view.zoomed(wanted / self.view.scale, fixed))

    def zoom_to(self, kks: str) -> None:
        """Choose something, bring it to the middle and near enough to read."""
        box = self._box_of(kks)
        if box is None or self.live is None:
            return
        largest = 0.5 * min(self.width() / max(box.width, 1.0), self.height() / max(box.height, 1.0))
        scale = min(max(self.view.scale, 1.3 * self.live.scale_100), largest)
        self._set_view(centred(box.centre, scale, self.width(), self.height()))
        self.choose(kks)

    def centre_on(self, point: Point) -> None:
        """Bring a point of the sheet (mm) to the middle."""
        self._set_view(centred(point, self.view.scale, self.width(), self.height()))

    def _set_view(self, view: View) -> None:
        ratio = self.devicePixelRatioF()
        # Whole device pixels: tiles must not be resampled, and hairlines stay hairlines.
        self.view = View(view.scale, round(view.x * ratio) / ratio, round(view.y * ratio) / ratio)
        if self._composer is not None:
            self._composer.place(self.view, self.size(), ratio)
        self._fitted = False
        self._hover_lines = []
        self.update()
        self.zoom_changed.emit(self.zoom)

    # -- selection -------------------------------------------------------------------------------------------------

    def choose(self, kks: str) -> None:
        """Mark an element (by its own KKS or one of its signals'); empty marks nothing."""
        self.selected = kks
        text = accessible_name(self.live, kks, self._language) if self.live is not None and kks else ""
        self.setAccessibleDescription(text)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self.update()

    def _box_of(self, kks: str) -> Box | None:
        element = self.live.element(kks) if self.live is not None and kks else None
        return element.box if element is not None else None

    def kks_at(self, position: QPointF) -> str:
        """KKS of what is under a window pixel: a value's signal, else the element; empty for nothing."""
        if self.live is None or self._targets is None:
            return ""
        size = tokens()["size"]
        smallest = float(size["hitMinTouch" if self.touch else "hitMinMouse"])
        point = self.view.to_mm((position.x(), position.y()))
        code = self._targets.at(point, self.view.scale, smallest)
        if code or not self._layers.values:
            return code
        here = Box(*point, *point)
        for plate in self.live.plates:
            if plate.hidden or plate.vessel is not None:
                continue
            if self.live.plate_box(plate, self.view.scale).meets(here):
                return plate.signal.kks
        return code

    # -- pictures --------------------------------------------------------------------------------------------------

    def picture(self, size: QSize | None = None) -> QImage:
        """The present view as it is, or the whole sheet fitted into `size`."""
        image = QImage(size or self.size(), QImage.Format.Format_RGB32)
        image.fill(self._theme["bg.canvas"])
        painter = QPainter(image)
        view = self.view
        if size is not None and self.live is not None:
            view = fitting(self.live.drawing.width_mm, self.live.drawing.height_mm, size.width(), size.height())
        self.paint_sheet(painter, view, QRectF(image.rect()))
        painter.end()
        return image

    def paint_sheet(self, painter: QPainter, view: View, area: QRectF) -> None:
        """Paint sheet and values through `view` with no tiles, for pictures and print."""
        if self._composer is not None:
            self._composer.paint_direct(painter, view, area)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        window = QRectF(self.rect())
        if self.live is None or self._composer is None:
            painter.fillRect(event.rect(), PaintBox(self._theme).color("bg.canvas"))
            overlays.paint_message(painter, window, word("empty sheet", self._language), PaintBox(self._theme))
            return
        self._composer.show(painter, event.region())
        colors = self._composer.colors
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.live.drawing.primitives:
            overlays.paint_message(painter, window, word("no graphics", self._language), colors)
        if self._veil:
            sheet = Box(0.0, 0.0, self.live.drawing.width_mm, self.live.drawing.height_mm)
            overlays.paint_veil(painter, rect(self.view.box_px(sheet)), window, self._veil, colors)
        box = self._box_of(self.selected)
        if box is not None:
            overlays.paint_brackets(painter, rect(self.view.box_px(box)), colors)
        self._paint_minimap(painter)
        if self._hover_lines:
            frame = overlays.hover_rect(self._hover_lines, self._cursor, window)
            overlays.paint_hover(painter, frame, self._hover_lines, colors)

    def _minimap(self) -> QRectF | None:
        """Where the minimap stands; None while the whole sheet is in sight."""
        if self.live is None or self.live.drawing.width_mm <= 0:
            return None
        sheet = self.view.box_px(Box(0.0, 0.0, self.live.drawing.width_mm, self.live.drawing.height_mm))
        window = Box(-1.0, -1.0, self.width() + 1.0, self.height() + 1.0)
        if window.union(sheet) == window:
            return None
        return overlays.minimap_rect(self.width(), self.height())

    def _paint_minimap(self, painter: QPainter) -> None:
        frame = self._minimap()
        if frame is None or self.live is None or self._composer is None:
            return
        drawing = self.live.drawing
        scale, corner = overlays.sheet_in_minimap(frame, drawing.width_mm, drawing.height_mm)
        origin = corner - frame.topLeft() - QPointF(4, 4)
        picture = self._composer.small_picture(frame.width() - 8, frame.height() - 8, scale, origin)
        shown = self.view.box_mm(Box(0.0, 0.0, self.width(), self.height()))
        places, colors = self._alarm_places(), self._composer.colors
        overlays.paint_minimap(painter, frame, picture, (scale, corner), shown, places, colors)

    def _alarm_places(self) -> list[tuple[Box, int]]:
        assert self.live is not None
        found = []
        for kks, reading in self.live.readings.items():
            box = self._box_of(kks) if reading.alarm is not None else None
            if box is not None and reading.alarm is not None:
                found.append((box, reading.alarm.priority))
        return found

    # -- hands -----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        old = event.oldSize()
        if self._fitted:
            self.fit()
        else:
            dx, dy = (self.width() - old.width()) / 2, (self.height() - old.height()) / 2
            self._set_view(self.view.moved(dx, dy))

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom_by(ZOOM_STEP ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            frame = self._minimap()
            if frame is not None and frame.contains(event.position()):
                self._go_by_minimap(frame, event.position())
                return
            self._pressed, self._dragging = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._cursor = event.position()
        if self._pressed is not None:
            way = event.position() - self._pressed
            if self._dragging or way.manhattanLength() > 5:
                self._dragging = True
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
                self._pressed = event.position()
                self._set_view(self.view.moved(way.x(), way.y()))
            return
        kks = self.kks_at(event.position())
        if kks != self._hover:
            self._hover = kks
            self.setCursor(Qt.CursorShape.PointingHandCursor if kks else Qt.CursorShape.ArrowCursor)
            self._hide_hover()
            self.hovered.emit(kks)
            if kks:
                self._hover_timer.start()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        self.unsetCursor()
        if pressed is not None and not self._dragging and event.button() == Qt.MouseButton.LeftButton:
            kks = self.kks_at(event.position())
            self.choose(kks)
            self.chosen.emit(kks)
        self._dragging = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self.kks_at(event.position()):
            self.fit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        kks = self.kks_at(QPointF(event.pos()))
        if kks:
            self.choose(kks)
        self.context_requested.emit(kks, event.globalPos())

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = ""
        self._hide_hover()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in _WAYS and self._targets is not None and self.live is not None:
            element = self.live.element(self.selected)
            now = self.live.binding.code_of.get(element.id, "") if element is not None else ""
            self.choose(self._targets.next(now, _WAYS[key]))
            self._keep_in_sight()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.selected:
            self.chosen.emit(self.selected)
        elif key == Qt.Key.Key_Escape and self.selected:
            self.choose("")
            self.chosen.emit("")
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(ZOOM_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom_by(1 / ZOOM_STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        else:
            super().keyPressEvent(event)

    def _keep_in_sight(self) -> None:
        box = self._box_of(self.selected)
        if box is not None:
            seen = rect(self.view.box_px(box))
            if not QRectF(self.rect()).contains(seen):
                self.centre_on(box.centre)

    def _go_by_minimap(self, frame: QRectF, position: QPointF) -> None:
        assert self.live is not None
        scale, origin = overlays.sheet_in_minimap(frame, self.live.drawing.width_mm, self.live.drawing.height_mm)
        self.centre_on(((position.x() - origin.x()) / scale, (position.y() - origin.y()) / scale))

    def _show_hover(self) -> None:
        if self._hover:
            self._write_hover()

    def _write_hover(self) -> None:
        lines = hover_lines(self.live, self._hover, self._language, now_us()) if self.live is not None else []
        if lines != self._hover_lines:
            self._hover_lines = lines
            self.update()

    def _hide_hover(self) -> None:
        self._hover_timer.stop()
        if self._hover_lines:
            self._hover_lines = []
            self.update()
