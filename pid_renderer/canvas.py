"""The synoptic: a P&ID sheet in a window, alive. Zoom, pan, selection, layers; `composer` paints.

A plain raster widget: ten thousand graphics items cost a hundred times as much.
"""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QContextMenuEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QTouchEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from contracts.number_text import Language
from contracts.plant import Plant
from contracts.sample import now_us
from data.reading import Reading
from data.reading_table import Changes, ReadingTable
from pid_renderer import accessible, overlays
from pid_renderer.binding import Binding
from pid_renderer.composer import Composer
from pid_renderer.describe import accessible_name, card
from pid_renderer.drawing import Box, Drawing
from pid_renderer.hands import ZOOM_STEP, Hands, Tool
from pid_renderer.hit import Targets, Way
from pid_renderer.hover import Hover
from pid_renderer.live_sheet import LiveSheet, rect
from pid_renderer.live_state import Derived
from pid_renderer.minimap import Minimap
from pid_renderer.paint_box import PaintBox
from pid_renderer.route import Route
from pid_renderer.route_overlay import RouteOverlay
from pid_renderer.selection import Selection
from pid_renderer.sheet_layers import Layers, SheetLayer
from pid_renderer.sheet_window import Paper, SheetWindow
from pid_renderer.touch import Touch
from pid_renderer.view import View, fitting
from pid_renderer.words import word
from resources.theme import Theme, tokens
from resources.theme import theme as theme_called

_MOST_RECTANGLES: Final = 24
_TOUCHES: Final = (QEvent.Type.TouchBegin, QEvent.Type.TouchUpdate, QEvent.Type.TouchEnd, QEvent.Type.TouchCancel)


class Canvas(SheetWindow):
    """One sheet with its live values."""

    chosen = Signal(str)
    """KKS of the element or signal clicked; empty for nothing."""
    hovered = Signal(str)
    """KKS under the cursor; empty for nothing."""
    context_requested = Signal(str, QPoint)
    """KKS under a right click, and where on the screen."""
    jump_requested = Signal(str)
    """Id or code of the off-page connector that was clicked."""
    trace_requested = Signal(str)
    """Code of what should be followed up- and downstream."""
    walk_requested = Signal(int)
    """-1 back, +1 forward through the views of before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        accessible.install()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 160)
        self.touch = False
        self.reduced_motion = False
        self.live: LiveSheet | None = None
        self.selected = ""
        self._composer: Composer | None = None
        self.targets: Targets | None = None
        self._theme = theme_called("light")
        self._language: Language = "es"
        self.layers = Layers()
        self.hands, self.minimap = Hands(self), Minimap()
        self.hover = Hover(self)
        self.hover.rested.connect(self._describe)
        self.hover.changed.connect(self.update)
        self.hints: Mapping[str, str] = {}
        """By code: what a click does there beyond opening the card."""
        self._touch = Touch(self)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self._route, self._selection = RouteOverlay(), Selection()
        self._waiting: dict[str, Reading] = {}
        self._table: ReadingTable | None = None
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
        self._work_timer = QTimer(self, interval=0)
        self._work_timer.timeout.connect(self._work)
        self.veil = ""

    # -- what is shown ---------------------------------------------------------------------------------------------

    def set_sheet(self, drawing: Drawing, binding: Binding, plant: Plant, theme: Theme, language: Language) -> None:
        """Show a sheet; readings begin anew."""
        self._language = language
        self.live = LiveSheet(drawing, binding, plant, language)
        self.paper = Paper(drawing.width_mm, drawing.height_mm, self.live.scale_100)
        self.targets = Targets(drawing, binding)
        self._composer = Composer(self.live, theme, self.layers)
        self.selected = ""
        self.hover.hide()
        self.show_route(None)
        self._waiting, self._table = {}, None
        self.setAccessibleName(f"{word('drawing', language)} {drawing.title or drawing.source}")
        self._theme = theme
        self.fit()

    @property
    def theme(self) -> Theme:
        """The theme it is painted in."""
        return self._theme

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

    def set_layers(
        self,
        *,
        values: bool = True,
        alarms: bool = True,
        design: bool = False,
        flow: bool = False,
        hidden: Collection[SheetLayer] = (),
    ) -> None:
        """Switch layers: values, alarm badges, the design lens, flow arrows; and what of the drawing is `hidden`."""
        self.layers = Layers(values, alarms, design, flow, frozenset(hidden))
        if self._composer is not None:
            self._composer.set_layers(self.layers)
            if not self._composer.is_ready:
                self._work_timer.start()
        if flow and not self.reduced_motion:
            self._step_timer.start()
        else:
            self._step_timer.stop()
        self.update()

    def show_readings(self, readings: Mapping[str, Reading]) -> None:
        """Take changed readings (signal KKS → reading). Numbers repaint at most four times a second.

        Call it also when nothing changed: what is old shows its age, which grows.
        """
        if isinstance(readings, ReadingTable | Changes):
            self._table = readings if isinstance(readings, ReadingTable) else readings.table
        else:
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
        changed = text != self.veil
        self.veil = text
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
        if self._table is not None:
            self.live.follow(self._table)
        news = self.live.apply(self._waiting, now_us())
        self._waiting, self._table = {}, None
        if self._composer is not None:
            self._update(self._composer.take(news))
        if self.live.has_blinking() and not self._blink_timer.isActive() and not self.reduced_motion:
            self._blink_timer.start(self._blink_ms())
        if self.hover.card is not None:
            self._describe(self.hover.code)

    def _update(self, areas: list[QRect] | None) -> None:
        # Qt cuts many rectangles into bands, and copies each by itself.
        if areas is None or len(areas) > _MOST_RECTANGLES:
            self.update()
            return
        for area in areas:
            self.update(area)

    def _void(self) -> None:
        if self._composer is not None:
            self._composer.void()
        self.update()

    def rest(self) -> None:
        """Something else is in front: stand still and give back the memory of the pictures."""
        for timer in (self._flush_timer, self._blink_timer, self._step_timer):
            timer.stop()
        self.hover.hide()
        if self._composer is not None:
            self._composer.set_theme(self._theme)

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
        self._update(self._composer.relight(lit=not self._composer.lit if waiting else True))
        if waiting:
            self._blink_timer.start(self._blink_ms())

    def _step_flow(self) -> None:
        if self._composer is not None:
            self._composer.turn()
        self.update()

    def _work(self) -> None:
        """Make a part of the picture at a new zoom; meanwhile the last one is shown, scaled."""
        if self._composer is None or self._composer.work():
            self._work_timer.stop()
            self.update()

    # -- selection -------------------------------------------------------------------------------------------------

    def choose(self, kks: str) -> None:
        """Mark an element (by its own KKS or one of its signals'); empty marks nothing."""
        self.selected = kks
        text = accessible_name(self.live, kks, self._language) if self.live is not None and kks else ""
        self.setAccessibleDescription(text)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        accessible.say_chosen(self)
        self.update()

    @property
    def chosen_code(self) -> str:
        """Code (id without one) of the element that is selected, itself or by one of its signals; empty for none."""
        element = self.live.element(self.selected) if self.live is not None and self.selected else None
        return "" if self.live is None or element is None else self.live.binding.code_of.get(element.id, element.id)

    def zoom_to(self, kks: str) -> None:
        """Choose something, bring it to the middle and near enough to read."""
        box = self._box_of(kks)
        if box is not None:
            self.near(box)
            self.choose(kks)

    def placed(self) -> None:
        if self._composer is not None:
            self._composer.place(self.view, self.size(), self.devicePixelRatioF())
            if not self._composer.is_ready:
                self._work_timer.start()
        self.hover.show(None)

    def choose_next(self, way: Way) -> None:
        """Choose the nearest symbol in a direction and keep it in sight."""
        if self.targets is None or self.live is None:
            return
        self.choose(self.targets.next(self.chosen_code, way))
        box = self._box_of(self.selected)
        if box is not None and not QRectF(self.rect()).contains(rect(self.view.box_px(box))):
            self.centre_on(box.centre)

    def is_connector(self, code: str) -> bool:
        """Whether `code` is an off-page connector."""
        element = self.live.element(code) if self.live is not None and code else None
        return element is not None and element.family == "connector"

    def ask_menu(self, at: QPointF | None = None) -> None:
        """Ask for the menu of what is under a pixel; without one, of what is selected."""
        if at is not None:
            kks = self.kks_at(at)
            if kks:
                self.choose(kks)
        else:
            kks, box = self.selected, self._box_of(self.selected)
            at = QPointF(self.rect().center()) if box is None else QPointF(*self.view.to_px((box.right, box.centre[1])))
        self.hover.hide()
        self.context_requested.emit(kks, self.mapToGlobal(at.toPoint()))

    # -- trace -----------------------------------------------------------------------------------------------------

    @property
    def is_tracing(self) -> bool:
        """Whether a route is on the sheet."""
        return self._route.route is not None

    def show_route(self, route: Route | None) -> None:
        """Mark a route and dim the rest; None ends it."""
        self._route.set(route)
        self.update()

    def take_tool(self, tool: Tool) -> None:
        """What the next press does."""
        self.hands.take(tool)

    def show_minimap(self, shown: bool) -> None:
        """Whether the small sheet is wanted."""
        self.minimap.shown = shown
        self.update()

    def _box_of(self, kks: str) -> Box | None:
        element = self.live.element(kks) if self.live is not None and kks else None
        return element.box if element is not None else None

    def kks_at(self, position: QPointF) -> str:
        """KKS of what is under a window pixel: a value's signal, else the element; empty for nothing."""
        if self.live is None or self.targets is None:
            return ""
        size = tokens()["size"]
        smallest = float(size["hitMinTouch" if self.touch else "hitMinMouse"])
        point = self.view.to_mm((position.x(), position.y()))
        code = self.targets.at(point, self.view.scale, smallest)
        if code or not self.layers.values:
            return code
        plate = self.live.plate_at(point, self.view.scale)
        return plate.signal.kks if plate is not None else code

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
        """Paint sheet, values and veil through `view` with no tiles, for pictures and print."""
        if self._composer is None or self.live is None:
            return
        self._composer.paint_direct(painter, view, area)
        if self.veil:
            sheet = Box(0.0, 0.0, self.live.drawing.width_mm, self.live.drawing.height_mm)
            overlays.paint_veil_on_picture(painter, rect(view.box_px(sheet)), area, self.veil, self._composer.colors)

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
        if self.veil:
            sheet = Box(0.0, 0.0, self.live.drawing.width_mm, self.live.drawing.height_mm)
            overlays.paint_veil(painter, rect(self.view.box_px(sheet)), window, self.veil, colors)
        if self._route.route is not None:
            drawing, ratio = self.live.drawing, self.devicePixelRatioF()
            bright = self.live.outstanding(self._route.route.bright, self.view.scale)
            self._route.paint(painter, drawing, self.view, self.size(), ratio, colors, bright)
        if (frame := self._selection.frame(self.live, self.selected, self.view)) is not None:
            overlays.paint_brackets(painter, frame, colors)
        self._paint_minimap(painter)
        if self.hands.rectangle is not None:
            overlays.paint_rectangle(painter, self.hands.rectangle, colors)
        self.hover.paint(painter, window, colors)

    def _minimap(self, alarms: Sequence[tuple[Box, int]] | None = None) -> QRectF | None:
        """Where the minimap stands; None while the whole sheet is in sight, or nobody wants it."""
        window = QSizeF(self.size())
        if self.live is None or not self.minimap.is_wanted(self.live.drawing, self.view, window):
            return None
        selected = self._box_of(self.selected)
        places = [box for box, _ in (self._alarm_places() if alarms is None else alarms)]
        places += [] if selected is None else [selected]
        return self.minimap.place(window, [self.view.box_px(box) for box in places])

    def _paint_minimap(self, painter: QPainter) -> None:
        if self.live is None or not self.minimap.is_wanted(self.live.drawing, self.view, QSizeF(self.size())):
            return
        alarms = self._alarm_places()
        frame = self._minimap(alarms)
        if frame is None or self._composer is None:
            return
        drawing = self.live.drawing
        room, scale, origin = self.minimap.picture_view(drawing, frame)
        picture = self._composer.small_picture(room.width(), room.height(), scale, origin)
        seen = self.view.box_mm(Box(0.0, 0.0, self.width(), self.height()))
        self.minimap.paint(painter, frame, picture, drawing, seen, alarms, self._composer.colors)

    def go_by_minimap(self, position: QPointF, *, dragging: bool = False) -> bool:
        """Look where a pixel of the minimap says; False for a pixel beside it."""
        frame = self._minimap()
        if frame is None or self.live is None or not (dragging or frame.contains(position)):
            return False
        self.centre_on(self.minimap.point(self.live.drawing, frame, position))
        return True

    def _alarm_places(self) -> list[tuple[Box, int]]:
        assert self.live is not None
        found = []
        table = self.live.readings
        for row, mark in table.marks.items():
            box = self._box_of(table.tags[row])
            if box is not None:
                found.append((box, mark.priority))
        return found

    # -- hands -----------------------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom_by(ZOOM_STEP ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.hands.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hands.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.hands.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.hands.double_click(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        # The menu key arrives as a key too, and there are platforms where it arrives as nothing else.
        if event.reason() != QContextMenuEvent.Reason.Keyboard:
            self.ask_menu(QPointF(event.pos()))

    def leaveEvent(self, event: QEvent) -> None:
        self.hover.hide()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.hands.key(event):
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QTouchEvent) and event.type() in _TOUCHES:
            self._touch.take(event)
            event.accept()
            return True
        return super().event(event)

    def _describe(self, code: str) -> None:
        """Say what the cursor rests on, as it is now."""
        if self.live is not None and code:
            element, box = self.live.element(code), self._box_of(code)
            is_symbol = box is not None and element is not None and element.family != "pipe"
            self.hover.beside = rect(self.view.box_px(box)) if is_symbol and box is not None else None
            self.hover.show(card(self.live, code, self._language, now_us(), self.hints.get(code, "")))
