"""A window on a sheet: which part of the paper is seen, how large, and what moves it."""

from __future__ import annotations

from typing import Final, NamedTuple

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
    """The sheet stands elsewhere in the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.paper: Paper | None = None
        self.view = View(1.0, 0.0, 0.0)
        self._fitted = True

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
            self._set_view(view, fitted=True)
        self._fitted = True

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
        self._set_view(centred(box.centre, self._allowed(wanted.scale), self.width(), self.height()))

    @property
    def seen(self) -> Box | None:
        """What part of the sheet (mm) is in the window; None while all of it is fitted."""
        return None if self._fitted else self.view.box_mm(Box(0.0, 0.0, self.width(), self.height()))

    def centre_on(self, point: Point) -> None:
        """Bring a point of the sheet (mm) to the middle."""
        self._set_view(centred(point, self.view.scale, self.width(), self.height()))

    def pan_by(self, dx: float, dy: float) -> None:
        """Shift the sheet by pixels."""
        self._set_view(self.view.moved(dx, dy))

    def _set_view(self, view: View, *, fitted: bool = False) -> None:
        ratio = self.devicePixelRatioF()
        # Whole device pixels: tiles must not be resampled, and hairlines stay hairlines.
        self.view = View(view.scale, round(view.x * ratio) / ratio, round(view.y * ratio) / ratio)
        self._fitted = fitted
        self.placed()
        self.update()
        self.zoom_changed.emit(self.zoom)
        self.view_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        old = event.oldSize()
        if self._fitted:
            self.fit()
        else:
            self.pan_by((self.width() - old.width()) / 2, (self.height() - old.height()) / 2)
