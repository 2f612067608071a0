"""A theme's tokens as Qt colours, pens, brushes and fonts, each made once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final, Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPen

from pid_renderer import ink
from resources.theme import Theme, tokens

Weight = Literal["regular", "medium", "semibold", "bold"]
_TINT: Final = 0.36
"""Opacity of a step of the deviation scale on equipment; only the plates of values are solid."""


@cache
def font(px: int, weight: Weight = "regular", condensed: bool = False, numerals: bool = False) -> QFont:
    """A font of the design at `px` pixels; figures are tabular in Plex without any feature.

    `numerals` keeps every digit where it is whatever stands beside it: without kerning a value's signs never move.
    """
    kind = tokens()["type"]
    made = QFont()
    made.setFamilies([kind["condensed" if condensed else "family"], *kind["fallback"]])
    made.setPixelSize(max(1, px))
    made.setWeight(QFont.Weight(kind["weight"][weight]))
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    made.setKerning(not numerals)
    return made


@cache
def metrics(px: int, weight: Weight = "regular", condensed: bool = False, numerals: bool = False) -> QFontMetricsF:
    """Metrics of `font`."""
    return QFontMetricsF(font(px, weight, condensed, numerals))


@cache
def text_width(text: str, px: int, weight: Weight = "regular", condensed: bool = False) -> float:
    """Width of `text` in pixels."""
    return metrics(px, weight, condensed).horizontalAdvance(text)


@cache
def plain_color(value: str) -> QColor:
    """A colour given as `#RRGGBB`."""
    return QColor(value)


class PaintBox:
    """Colours, pens and brushes of one theme."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self._colors: dict[str, QColor] = {}
        self._pens: dict[tuple[str, float, tuple[float, ...]], QPen] = {}

    def color(self, token: str) -> QColor:
        """The colour of a token; `deviation.#RRGGBB` is that very colour."""
        if token.startswith("deviation.#"):
            return plain_color(token.removeprefix("deviation."))
        if token not in self._colors:
            self._colors[token] = QColor(ink.color(self.theme, token))
        return self._colors[token]

    def brush(self, token: str) -> QBrush:
        """A solid brush."""
        return QBrush(self.color(token))

    def step(self, step: int) -> str:
        """The token of a step of the deviation scale."""
        return "deviation." + next(found.fill for found in self.theme.deviation if found.step == step)

    def tint(self, step: int) -> QBrush:
        """The brush that lays a step of the deviation scale over a body."""
        ink = QColor(self.color(self.step(step)))
        ink.setAlphaF(_TINT)
        return QBrush(ink)

    def hatch(self, token: str = "quality.bad") -> QBrush:  # noqa: S107 - a colour token
        """The diagonal hatch of what is bad."""
        return QBrush(self.color(token), Qt.BrushStyle.BDiagPattern)

    def pen(self, token: str, width: float, dash: Sequence[float] = ()) -> QPen:
        """A pen; `width` and `dash` in the painter's units."""
        key = (token, round(width, 3), tuple(dash))
        if key not in self._pens:
            made = QPen(self.color(token), width)
            made.setCapStyle(Qt.PenCapStyle.FlatCap if dash else Qt.PenCapStyle.SquareCap)
            made.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            if dash:
                made.setDashPattern([max(0.05, length / max(width, 1e-6)) for length in dash])
            self._pens[key] = made
        return self._pens[key]
