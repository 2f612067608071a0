"""Proteus geometry (sheet units, y up) → sheet millimetres, y down."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from pid_renderer.drawing import Arc, Point, Polyline, Primitive


class Affine(NamedTuple):
    """x' = a·x + c·y + e, y' = b·x + d·y + f."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def __call__(self, x: float, y: float) -> Point:
        """The image of a point."""
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def after(self, inner: Affine) -> Affine:
        """First `inner`, then this."""
        x, y = self(inner.e, inner.f)
        return Affine(
            self.a * inner.a + self.c * inner.b,
            self.b * inner.a + self.d * inner.b,
            self.a * inner.c + self.c * inner.d,
            self.b * inner.c + self.d * inner.d,
            x,
            y,
        )

    @property
    def size(self) -> float:
        """How much it enlarges, as the root of the area ratio."""
        return math.sqrt(abs(self.a * self.d - self.b * self.c))

    def direction_deg(self, angle_deg: float) -> float:
        """Where a direction points afterwards, degrees from x towards y."""
        angle = math.radians(angle_deg)
        x, y = math.cos(angle), math.sin(angle)
        return math.degrees(math.atan2(self.b * x + self.d * y, self.a * x + self.c * y))


IDENTITY = Affine(1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


FARTHEST_MM = 1e6
"""Ink a kilometre off is no ink of this sheet; a dash pattern over such a length would be drawn for minutes."""


def beyond(item: Primitive) -> bool:
    """Whether a primitive reaches where no sheet does, as scales and positions of a broken file make it."""
    if isinstance(item, Polyline):
        return any(not (abs(x) < FARTHEST_MM and abs(y) < FARTHEST_MM) for x, y in item.points)
    sizes = (*item.centre, item.rx, item.ry) if isinstance(item, Arc) else (*item.at, item.height_mm)
    return any(not abs(size) < FARTHEST_MM for size in sizes)


class NotANumber(ValueError):
    """A coordinate that is missing, no number, or beyond any sheet."""


_FAR = 1e9


def number(node: Any, name: str, default: float | None = None) -> float:
    """The attribute `name` as a finite float; `default` where it is absent. Raises `NotANumber`."""
    text = node.get(name)
    if text is None or not text.strip():
        if default is None:
            raise NotANumber(f"{node.tag} without {name}")
        return default
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not abs(value) < _FAR:
        raise NotANumber(f"{node.tag} {name}={text[:20]!r}")
    return value


def position(node: Any) -> Affine | None:
    """The frame that `<Position>` under `node` sets up: Reference = x axis, Axis z < 0 = mirrored. None without one."""
    found = node.find("Position")
    if found is None:
        return None
    location, axis, reference = found.find("Location"), found.find("Axis"), found.find("Reference")
    if location is None:
        return None
    x, y = number(location, "X"), number(location, "Y")
    c, s = (1.0, 0.0) if reference is None else (number(reference, "X", 1.0), number(reference, "Y", 0.0))
    length = math.hypot(c, s)
    c, s = (c / length, s / length) if length > 1e-9 else (1.0, 0.0)
    up = -1.0 if axis is not None and number(axis, "Z", 1.0) < 0 else 1.0
    return Affine(c, s, -s * up, c * up, x, y)


def scale(node: Any) -> tuple[float, float]:
    """`<Scale>` under `node`, (1, 1) without one."""
    found = node.find("Scale")
    return (1.0, 1.0) if found is None else (number(found, "X", 1.0), number(found, "Y", 1.0))


def symbol_frame(node: Any) -> Affine | None:
    """From the catalogue shape's own coordinates to those of the sheet (y up); None where `node` has no position."""
    frame = position(node)
    if frame is None:
        return None
    sx, sy = scale(node)
    return frame.after(Affine(sx, 0.0, 0.0, sy, 0.0, 0.0))


class Ellipse(NamedTuple):
    """An elliptic arc in sheet millimetres, as `drawing.Arc` wants it."""

    centre: Point
    rx: float
    ry: float
    rotation_deg: float
    start_deg: float
    sweep_deg: float


def ellipse(frame: Affine, rx: float, ry: float, start_deg: float, sweep_deg: float) -> Ellipse:
    """The image of the arc (rx cos t, ry sin t) under `frame`.

    Singular value decomposition of the 2×2 part in closed form: M = R(φ) · diag(σ1, σ2) · R(θ), with σ2 < 0 where M
    mirrors (Blinn, "Consider the lowly 2×2 matrix", IEEE CG&A 1996).
    """
    m00, m10, m01, m11 = frame.a * rx, frame.b * rx, frame.c * ry, frame.d * ry
    e, f, g, h = (m00 + m11) / 2, (m00 - m11) / 2, (m10 + m01) / 2, (m10 - m01) / 2
    q, r = math.hypot(e, h), math.hypot(f, g)
    a1 = math.atan2(g, f) if r > 1e-12 else 0.0
    a2 = math.atan2(h, e) if q > 1e-12 else 0.0
    if r <= 1e-12:
        a1 = a2  # a plain rotation: any split will do, take φ = 0's
    if q <= 1e-12:
        a2 = a1
    theta, phi = math.degrees((a2 - a1) / 2), math.degrees((a2 + a1) / 2)
    start, sweep, minor = start_deg + theta, sweep_deg, q - r
    if minor < 0:
        start, sweep, minor = -start, -sweep, -minor
    return Ellipse((frame.e, frame.f), q + r, minor, phi, start, sweep)


def sweep(start_deg: float, end_deg: float) -> float:
    """How far a trimmed curve runs, counter-clockwise, more than 0 and at most 360 degrees."""
    turned = math.fmod(end_deg - start_deg, 360.0)
    return turned if turned > 1e-9 else turned + 360.0
