"""Paint the printed sheet: few calls for many strokes, texts as wide as the file says."""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from pid_renderer import paper
from pid_renderer.drawing import Box, Drawing, Primitive, Text
from pid_renderer.paint_box import font, metrics
from pid_renderer.paper import PaperInk
from pid_renderer.sheet_painter import path_of

_EM: Final = 200
"""Texts are laid out at this font size and scaled: their width does not depend on the picture's."""
_NARROWEST, _WIDEST = 0.5, 2.0
"""How far a text may be stretched to the width the file states; beyond, the width is not believed."""
_LINE: Final = 1.2
"""Distance of lines in font sizes."""


class _Strokes(NamedTuple):
    """Neighbours in painting order with one ink."""

    ink: PaperInk
    path: QPainterPath


class PaperPainter:
    """The whole sheet, every primitive, in black on white."""

    def __init__(self, drawing: Drawing) -> None:
        self._strokes: list[_Strokes] = []
        self._texts: list[tuple[Text, PaperInk]] = []
        run: list[Primitive] = []
        before: PaperInk | None = None
        for primitive, ink in paper.inks(drawing):
            if isinstance(primitive, Text):
                self._texts.append((primitive, ink))
                continue
            if before is not None and (ink != before or ink.fill):
                self._strokes.append(_Strokes(before, path_of(run)))
                run = []
            before = ink
            run.append(primitive)
        if before is not None:
            self._strokes.append(_Strokes(before, path_of(run)))

    def paint(self, painter: QPainter, thinnest_mm: float = 0.0, visible: Box | None = None) -> None:
        """Paint with a painter whose unit is the sheet's millimetre; no line is thinner than `thinnest_mm`.

        Texts outside of `visible` (mm) are left out: a search of a file must not find what its page does not show.
        """
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        for ink, path in self._strokes:
            pen = QPen(QColor(ink.color), max(ink.width_mm, thinnest_mm))
            pen.setCapStyle(Qt.PenCapStyle.FlatCap if ink.dash_mm else Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            if ink.dash_mm:
                pen.setDashPattern([length / pen.widthF() for length in ink.dash_mm])
            painter.setPen(pen)
            if ink.fill:
                painter.setBrush(QColor(ink.fill))
            elif ink.hatched:
                painter.fillPath(path, Qt.BrushStyle.BDiagPattern)
                painter.setBrush(Qt.BrushStyle.NoBrush)
            else:
                painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(path)
        for text, ink in self._texts:
            if visible is not None and not text.box.meets(visible):
                continue
            painter.setPen(QColor(ink.color))
            _paint_text(painter, text)
        painter.restore()


@cache
def _rule() -> QFontMetricsF:
    return metrics(_EM)


@cache
def _advance(line: str) -> float:
    return _rule().horizontalAdvance(line)


def _paint_text(painter: QPainter, text: Text) -> None:
    lines = text.text.split("\n")
    natural = max(_advance(line) for line in lines) * text.height_mm / _EM
    stretch = text.width_mm / natural if natural > 0 else 0.0
    if not _NARROWEST <= stretch <= _WIDEST:
        stretch = paper.breadth(text)
    rule, step = _rule(), _LINE * _EM
    first = {
        "top": rule.ascent() * _LINE * _EM / rule.height(),
        "center": rule.capHeight() / 2 - step * (len(lines) - 1) / 2,
        "bottom": -step * (len(lines) - 1),
    }[text.vertical]
    painter.save()
    painter.translate(*text.at)
    painter.rotate(text.angle_deg)
    painter.scale(stretch * text.height_mm / _EM, text.height_mm / _EM)
    painter.setFont(font(_EM))
    for row, line in enumerate(lines):
        x = {"left": 0.0, "center": -0.5, "right": -1.0}[text.horizontal] * _advance(line)
        painter.drawText(QPointF(x, first + row * step), line)
    painter.restore()
