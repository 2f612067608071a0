"""A window on a sheet: which part of the paper is seen, how large, and what moves it."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from pid_renderer.drawing import Box, Point
from pid_renderer.view import View, centred, fitting, showing

SMALLEST_ZOOM, LARGEST_ZOOM = 0.05, 12.0
READING_ZOOM: Final = 1.3
"""Near enough to read everything about one symbol."""


class Paper(NamedTuple):
    """A sheet's size."""

    width_mm: float
    height_mm: float
    scale_100: float
    """Pixels per millimetre at 100 %."""


class SheetWindow(QWidget):
    """Fits, zooms and pans. Who paints overrides `placed`."""

    zoom_changed = Signal(float)
    """1.0 = 100 %."""
    view_changed = Signal()
    """A hand or a jump moved the sheet; not the window's own change of size."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.paper: Paper | None = None
        self.view = View(1.0, 0.0, 0.0)
        self._held: Box | Literal["sheet"] | None = "sheet"
        """What stays in the window when its size changes; None once a hand has moved the sheet."""

    def placed(self) -> None:
        """The view is another one."""

    @property
    def zoom(self) -> float:
        """1.0 = 100 %: an instrument's bubble is 30 px."""
        return self.view.scale / self.paper.scale_100 if self.paper is not None else 1.0

    @property
    def zoom_percent(self) -> float:
        """The zoom in percent."""
        return 100.0 * self.zoom

    def fit(self) -> None:
        """Show the whole sheet."""
        if self.paper is not None and self.paper.width_mm > 0:
            view = fitting(self.paper.width_mm, self.paper.height_mm, self.width(), self.height())
            self._set_view(view, "sheet")
        self._held = "sheet"

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom; the point under `at` (the middle without one) stays where it is."""
        if self.paper is None:
            return
        fixed = (self.width() / 2, self.height() / 2) if at is None else (at.x(), at.y())
        self._set_view(self.view.zoomed(self._allowed(self.view.scale * factor) / self.view.scale, fixed))

    def _allowed(self, scale: float) -> float:
        scale_100 = self.paper.scale_100 if self.paper is not None else 1.0
        return min(max(scale, SMALLEST_ZOOM * scale_100), LARGEST_ZOOM * scale_100)

    def near(self, box: Box) -> None:
        """Bring a box (mm) to the middle, near enough to read and not so near that it fills the window."""
        if self.paper is not None:
            largest = 0.5 * min(self.width() / max(box.width, 1.0), self.height() / max(box.height, 1.0))
            scale = min(max(self.view.scale, READING_ZOOM * self.paper.scale_100), largest)
            self._set_view(centred(box.centre, self._allowed(scale), self.width(), self.height()))

    def zoom_into(self, rectangle: QRectF) -> None:
        """Fill the window with a rectangle of it."""
        corners = Box(rectangle.left(), rectangle.top(), rectangle.right(), rectangle.bottom())
        self.show_box(self.view.box_mm(corners))

    def show_box(self, box: Box | None) -> None:
        """Show a part of the sheet (mm) as large as it goes; None shows all of it."""
        if box is None or self.paper is None:
            self.fit()
            return
        wanted = showing(box, self.width(), self.height())
        self._set_view(centred(box.centre, self._allowed(wanted.scale), self.width(), self.height()), box)

    @property
    def seen(self) -> Box | None:
        """What part of the sheet (mm) is in the window; None while all of it is fitted."""
        if self._held == "sheet":
            return None
        return self._held or self.view.box_mm(Box(0.0, 0.0, self.width(), self.height()))

    def centre_on(self, point: Point) -> None:
        """Bring a point of the sheet (mm) to the middle."""
        self._set_view(centred(point, self.view.scale, self.width(), self.height()))

    def pan_by(self, dx: float, dy: float) -> None:
        """Shift the sheet by pixels."""
        self._set_view(self.view.moved(dx, dy))

    def _set_view(self, view: View, held: Box | Literal["sheet"] | None = None) -> None:
        self._place(view)
        self._held = held
        self.view_changed.emit()

    def _place(self, view: View) -> None:
        ratio = self.devicePixelRatioF()
        # Whole device pixels: tiles must not be resampled, and hairlines stay hairlines.
        self.view = View(view.scale, round(view.x * ratio) / ratio, round(view.y * ratio) / ratio)
        self.placed()
        self.update()
        self.zoom_changed.emit(self.zoom)

    def resizeEvent(self, event: QResizeEvent) -> None:
        old, held = event.oldSize(), self._held
        if self.paper is None:
            return
        if isinstance(held, Box):
            scale = self._allowed(showing(held, self.width(), self.height()).scale)
            self._place(centred(held.centre, scale, self.width(), self.height()))
        elif held == "sheet" and self.paper.width_mm > 0:
            self._place(fitting(self.paper.width_mm, self.paper.height_mm, self.width(), self.height()))
        else:
            self._place(self.view.moved((self.width() - old.width()) / 2, (self.height() - old.height()) / 2))
