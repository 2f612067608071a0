"""What the cursor rests on, and the card that says what it is."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter

from pid_renderer.describe import Card, Row
from pid_renderer.paint_box import PaintBox, Weight, font, metrics, text_width
from resources.theme import tokens

REST_MS: Final = 350
"""A cursor on its way does not ask; one that rests does."""
_PADDING: Final = 12.0
_WIDEST: Final = 420.0
_OFF: Final = 14.0
_WRAP_PX: Final = 300.0
_GAP: Final = 14.0


class Hover(QObject):
    """Follows the cursor. `rested` asks for a card; whoever can describe what is there sets `card`."""

    rested = Signal(str)
    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.code = ""
        self.cursor = QPointF()
        self.card: Card | None = None
        self.beside: QRectF | None = None
        """The symbol the card speaks of, window pixels; the card leaves it free where it can."""
        self._timer = QTimer(self, singleShot=True, interval=REST_MS)
        self._timer.timeout.connect(lambda: self.rested.emit(self.code))

    def move(self, code: str, cursor: QPointF) -> bool:
        """The cursor is over `code` (empty: nothing) at a pixel; whether that is something new."""
        self.cursor = cursor
        if code == self.code:
            return False
        self.hide()
        self.code = code
        if code:
            self._timer.start()
        return True

    def show(self, card: Card | None) -> None:
        """The card to paint from now on."""
        if card != self.card:
            self.card = card
            self.changed.emit()

    def hide(self) -> None:
        """No card until the cursor rests again."""
        self._timer.stop()
        self.code = ""
        self.show(None)

    def paint(self, painter: QPainter, window: QRectF, colors: PaintBox) -> None:
        """Paint the card beside the cursor, inside the window."""
        if self.card is not None:
            paint_card(painter, place(self.card, self.cursor, window, self.beside), self.card, colors)


class _Columns:
    """Widths of the rows' columns."""

    def __init__(self, rows: tuple[Row, ...]) -> None:
        self.label = max((text_width(row.label, 12) for row in rows), default=0.0)
        self.value = max((_value_width(row) for row in rows), default=0.0)
        self.note = max((text_width(row.note, 11) for row in rows), default=0.0)

    @property
    def total(self) -> float:
        """All of a row."""
        return self.label + 14.0 + self.value + (12.0 + self.note if self.note else 0.0)


def _value_width(row: Row) -> float:
    return text_width(row.value, 14, "semibold") + (3.0 + text_width(row.unit, 11) if row.unit else 0.0)


def _head(card: Card) -> list[tuple[str, int, Weight, str]]:
    """Text, size, weight and ink of the lines above the rows."""
    kind = " · ".join(part for part in (card.kind, card.state) if part)
    lines: list[tuple[str, int, Weight, str]] = [
        (card.tag, 14, "semibold", "text.primary"),
        (card.name, 13, "regular", "text.primary"),
        (kind, 12, "regular", "text.secondary"),
        *((line, 11, "regular", "text.tertiary") for line in _wrapped(card.meaning)),
    ]
    return [line for line in lines if line[0]]


def _foot(card: Card) -> list[tuple[str, str]]:
    """Text and ink of the lines under the rows."""
    more = f"+ {card.more}" if card.more else ""
    return [(text, ink) for text, ink in ((more, "text.tertiary"), (card.hint, "hand.accent")) if text]


def _wrapped(text: str) -> list[str]:
    """A long text on lines that fit, cut between words."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, 11) <= _WRAP_PX:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _row_height(row: Row) -> float:
    return 37.0 if row.design else 22.0


def place(card: Card, cursor: QPointF, window: QRectF, beside: QRectF | None = None) -> QRectF:
    """Where the card stands: beside the symbol, else beside the cursor; inside the window, never under the cursor."""
    head, foot = _head(card), _foot(card)
    widest = [text_width(text, px, weight, px == 14) for text, px, weight, _ in head]
    widest += [text_width(text, 12) for text, _ in foot] + [text_width(row.design, 11) for row in card.rows]
    widest += [text_width(label, 12) + _GAP + text_width(text, 12, "semibold") for label, text in card.design]
    wide = min(_WIDEST, 2 * _PADDING + max([*widest, _Columns(card.rows).total]))
    rows = sum(_row_height(row) for row in card.rows) + (9.0 if card.rows else 0.0)
    design = 18.0 * len(card.design) + (9.0 if card.design else 0.0)
    high = 16.0 + 19.0 * len(head) + rows + design + (19.0 * len(foot) + 5.0 if foot else 0.0)
    if beside is not None:
        y = min(max(beside.top(), window.top() + 2), window.bottom() - high - 2)
        for x in (beside.right() + _OFF, beside.left() - _OFF - wide):
            if window.left() <= x and x + wide <= window.right() and y >= window.top():
                return QRectF(round(x), round(y), round(wide), round(high))
    x = cursor.x() + 16 if cursor.x() + 16 + wide < window.right() else cursor.x() - 12 - wide
    y = cursor.y() + 18 if cursor.y() + 18 + high < window.bottom() else cursor.y() - 10 - high
    return QRectF(round(max(x, window.left() + 2)), round(max(y, window.top() + 2)), round(wide), round(high))


def paint_card(painter: QPainter, frame: QRectF, card: Card, colors: PaintBox) -> None:
    """Tag first, then what it is, then value, quality, age and design of its signals."""
    painter.setPen(colors.pen("line.strong", 1.0))
    painter.setBrush(colors.brush("bg.raised"))
    radius = float(tokens()["space"]["radius"]["card"])
    painter.drawRoundedRect(frame.translated(0.5, 0.5), radius, radius)
    left, right, y = frame.left() + _PADDING, frame.right() - _PADDING, frame.top() + 8.0
    room = right - left
    for text, px, weight, ink in _head(card):
        _write(painter, left, y, 19.0, _cut(text, px, weight, room), px, weight, colors, ink, condensed=px == 14)
        y += 19.0
    if card.rows:
        y = _rule(painter, left, right, y, colors)
    columns = _Columns(card.rows)
    for row in card.rows:
        _write(painter, left, y, 20.0, row.label, 12, "regular", colors, "text.secondary")
        end = left + columns.label + 14.0 + columns.value
        unit = text_width(row.unit, 11)
        ink = "value.live" if row.trust in ("good", "uncertain", "forced") else "quality.stale"
        x = end - _value_width(row)
        _write(painter, x, y, 20.0, row.value, 14, "semibold", colors, ink)
        _write(painter, end - unit, y, 20.0, row.unit, 11, "regular", colors, "text.tertiary")
        _write(painter, end + 12.0, y, 20.0, row.note, 11, "regular", colors, "text.secondary")
        if row.design:
            _write(painter, left, y + 18.0, 16.0, _cut(row.design, 11, "regular", room), 11, "regular", colors,
                   "design.mark")  # fmt: skip
        y += _row_height(row)
    if card.design:
        y = _rule(painter, left, right, y, colors)
    for label, text in card.design:
        width = text_width(text, 12, "semibold")
        cut = _cut(label, 12, "regular", room - _GAP - width)
        _write(painter, left, y, 18.0, cut, 12, "regular", colors, "text.secondary")
        _write(painter, right - width, y, 18.0, text, 12, "semibold", colors, "design.mark")
        y += 18.0
    for number, (text, ink) in enumerate(_foot(card)):
        y += 5.0 if number == 0 else 0.0
        _write(painter, left, y, 19.0, _cut(text, 12, "regular", room), 12, "regular", colors, ink)
        y += 19.0


def _rule(painter: QPainter, left: float, right: float, y: float, colors: PaintBox) -> float:
    """A hairline; where what is below it begins."""
    painter.setPen(colors.pen("line.hair", 1.0))
    painter.drawLine(QPointF(left, round(y + 4) + 0.5), QPointF(right, round(y + 4) + 0.5))
    return y + 9.0


def _cut(text: str, px: int, weight: Weight, room: float) -> str:
    """The text, or as much of it as has room."""
    return metrics(px, weight, px == 14).elidedText(text, Qt.TextElideMode.ElideRight, room + 1.0)


def _write(
    painter: QPainter, left: float, top: float, height: float, text: str, px: int, weight: Weight, colors: PaintBox,
    ink: str, *, condensed: bool = False,
) -> None:  # fmt: skip
    if not text:
        return
    painter.setFont(font(px, weight, condensed))
    painter.setPen(colors.color(ink))
    painter.drawText(QPointF(left, top + height / 2 + metrics(px).capHeight() / 2), text)
