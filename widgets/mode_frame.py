"""What tells a simulated plant from a real one at a glance: diagonal stripes all round and a banner with the word."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QVBoxLayout, QWidget

from resources.theme import tokens
from resources.words import t
from widgets import style

FRAME_PX = int(tokens()["size"]["modeFrame"])
BANNER_PX = int(tokens()["size"]["modeBanner"])


class Banner(QWidget):
    """The mode's word; it cannot be hidden."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(BANNER_PX)
        self._right = ""
        self.setAccessibleName(t("mode.training.banner"))

    def show_right(self, text: str) -> None:
        """What stands at the banner's right end."""
        if text != self._right:
            self._right = text
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), style.color("mode.training"))
        box = QRectF(self.rect()).adjusted(38, 0, -14, 0)
        icon = style.pixmap("school", "text.inverse", 18, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(12, (self.height() - 18) / 2), icon)
        painter.setPen(style.color("text.inverse"))
        painter.setFont(style.font("body", "bold"))
        word = t("mode.training.banner")
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, word)
        used = painter.fontMetrics().horizontalAdvance(word)
        painter.setFont(style.font("label"))
        painter.drawText(box.adjusted(used + 28, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, t("mode.training.note"))
        painter.setFont(style.font("label", "semibold"))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._right)


class ModeFrame(QWidget):
    """Holds the drawing; striped around a simulated plant, invisible around a real one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.banner = Banner()
        self._training = False
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.banner)
        self.banner.hide()

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        """Put a widget below the banner."""
        self._column.addWidget(widget, stretch)

    def show_mode(self, *, training: bool) -> None:
        """Frame a simulated plant."""
        self._training = training
        self.banner.setVisible(training)
        margin = FRAME_PX if training else 0
        self._column.setContentsMargins(margin, margin, margin, margin)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._training:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inner = self.rect().adjusted(FRAME_PX, FRAME_PX, -FRAME_PX, -FRAME_PX)
        painter.fillRect(self.rect(), style.color("mode.trainingSoft"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.color("mode.training"))
        for x in range(-self.height(), self.width(), 16):
            h = self.height()
            painter.drawPolygon(QPolygonF([QPointF(x, h), QPointF(x + 8, h), QPointF(x + 8 + h, 0), QPointF(x + h, 0)]))
        painter.fillRect(inner, style.color("bg.canvas"))
