"""Where the sheet stands in the window: one scale, one offset. Plain numbers, no Qt."""

from __future__ import annotations

from dataclasses import dataclass

from pid_renderer.drawing import Box, Point


@dataclass(frozen=True, slots=True)
class View:
    """Pixel = millimetre · scale + offset."""

    scale: float
    """Pixels per millimetre."""
    x: float
    """Pixel of the sheet's left edge."""
    y: float
    """Pixel of the sheet's top edge."""

    def to_px(self, point: Point) -> Point:
        """Window pixel of a point of the sheet."""
        return point[0] * self.scale + self.x, point[1] * self.scale + self.y

    def to_mm(self, pixel: Point) -> Point:
        """Point of the sheet under a window pixel."""
        return (pixel[0] - self.x) / self.scale, (pixel[1] - self.y) / self.scale

    def box_px(self, box: Box) -> Box:
        """A box of the sheet in window pixels."""
        return Box(*self.to_px((box.left, box.top)), *self.to_px((box.right, box.bottom)))

    def box_mm(self, box: Box) -> Box:
        """A box of window pixels on the sheet."""
        return Box(*self.to_mm((box.left, box.top)), *self.to_mm((box.right, box.bottom)))

    def moved(self, dx: float, dy: float) -> View:
        """The sheet shifted by pixels."""
        return View(self.scale, self.x + dx, self.y + dy)

    def zoomed(self, factor: float, fixed: Point) -> View:
        """Enlarged by `factor` while the point under pixel `fixed` stays there."""
        x, y = fixed
        return View(self.scale * factor, x + (self.x - x) * factor, y + (self.y - y) * factor)


def fitting(width_mm: float, height_mm: float, width_px: float, height_px: float, margin_px: float = 12.0) -> View:
    """The whole sheet in the middle of the window."""
    room_x, room_y = max(1.0, width_px - 2 * margin_px), max(1.0, height_px - 2 * margin_px)
    scale = min(room_x / max(width_mm, 1e-6), room_y / max(height_mm, 1e-6))
    return View(scale, (width_px - width_mm * scale) / 2, (height_px - height_mm * scale) / 2)


def centred(point: Point, scale: float, width_px: float, height_px: float) -> View:
    """`point` in the middle of the window."""
    return View(scale, width_px / 2 - point[0] * scale, height_px / 2 - point[1] * scale)


def showing(box: Box, width_px: float, height_px: float) -> View:
    """`box` (mm) as large as it fits into the window, in its middle."""
    scale = min(width_px / max(box.width, 1e-6), height_px / max(box.height, 1e-6))
    return centred(box.centre, scale, width_px, height_px)
