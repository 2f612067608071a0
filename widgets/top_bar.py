"""The bar on top: product mark, where we are, the mode, search, freshness, clock and who looks."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from resources.words import t
from widgets import style
from widgets.freshness import Clock, Freshness
from widgets.search import Search


class ProductMark(QWidget):
    """A vessel half full, and the product's name."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(126)
        self.setAccessibleName("Sinóptico")

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = style.color("text.primary")
        box = QRectF(17, self.height() / 2 - 8, 16, 16)
        painter.setPen(QPen(ink, 1.8))
        painter.drawRoundedRect(box, 2, 2)
        painter.fillRect(QRectF(box.left(), box.center().y(), box.width(), box.height() / 2), ink)
        painter.setFont(style.font("strong", "bold"))
        area = QRectF(44, 0, self.width() - 44, self.height())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, "Sinóptico")


class ModeSwitch(QWidget):
    """Which world the screen shows: a plant is real or simulated by its id, so nobody mixes them up by a click."""

    _SEGMENTS = (("live", "broadcast"), ("training", "school"))

    def __init__(self) -> None:
        super().__init__()
        self._training, self._narrow = False, False
        self.setFixedSize(224, 32)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_mode(self, *, training: bool) -> None:
        """Live, or a simulated plant."""
        self._training = training
        self.setAccessibleName(t("mode.training" if training else "mode.live"))
        self.setToolTip(t("mode.training.tip" if training else "mode.live.tip"))
        self.update()

    def fold(self, *, narrow: bool) -> None:
        """Show only the mode there is, not the one beside it."""
        self._narrow = narrow
        self.setFixedSize(114 if narrow else 224, 32)

    def sizeHint(self) -> QSize:
        return QSize(114 if self._narrow else 224, 32)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.color("bg.sunken"))
        painter.drawRoundedRect(QRectF(self.rect()), 5, 5)
        segments = [(name, icon, (name == "training") == self._training) for name, icon in self._SEGMENTS]
        shown = [segment for segment in segments if segment[2] or not self._narrow]
        width = self.width() / len(shown)
        for place, (name, icon, on) in enumerate(shown):
            box = QRectF(place * width + 2, 2, width - 4, self.height() - 4)
            if on:
                painter.setPen(QPen(style.color("line.strong"), 1))
                painter.setBrush(style.color("bg.raised"))
                painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            token = "text.primary" if on else "text.tertiary"
            ratio = self.devicePixelRatioF()
            painter.drawPixmap(int(box.left() + 10), int(box.center().y() - 8), style.pixmap(icon, token, 16, ratio))
            painter.setFont(style.font("body", "semibold" if on else "regular"))
            painter.setPen(style.color(token if on else "text.secondary"))
            painter.drawText(box.adjusted(32, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, t(f"mode.{name}"))


def _rule() -> QFrame:
    rule = QFrame()
    rule.setProperty("look", "hair")
    rule.setFixedSize(1, 24)
    return rule


class TopBar(QWidget):
    """48 px high, the same on every page."""

    def __init__(self, search: Search, person: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "topbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(48)
        self.freshness, self.clock, self.mode = Freshness(), Clock(), ModeSwitch()
        self._search = search
        self._path = QLabel()
        self._path.setTextFormat(Qt.TextFormat.RichText)
        self._path.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._person_icon = QLabel()
        self._person_rule = _rule()
        who = QLabel(person)
        who.setProperty("look", "head")
        self._who = who
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 16, 0)
        row.setSpacing(14)
        row.addWidget(ProductMark())
        row.addWidget(_rule())
        row.addWidget(self._path, 1)
        row.addWidget(self.mode)
        row.addWidget(search)
        row.addWidget(self.freshness)
        row.addWidget(_rule())
        row.addWidget(self.clock)
        row.addWidget(self._person_rule)
        row.addWidget(self._person_icon)
        row.addWidget(who)

    def show_path(self, *parts: str) -> None:
        """The breadcrumb: refinery › page or drawing."""
        grey = style.current()["text.secondary"]
        shown = [f'<span style="color:{grey}">{part}</span>' for part in parts[:-1]]
        self._path.setText(f'<span style="color:{grey}"> &nbsp;›&nbsp; </span>'.join([*shown, f"<b>{parts[-1]}</b>"]))
        self._path.setAccessibleName(" › ".join(parts))
        self._person_icon.setPixmap(style.pixmap("user", "text.secondary", 18, self.devicePixelRatioF()))

    def fold(self, *, narrow: bool) -> None:
        """Leave out who looks where there is no room."""
        for widget in (self._who, self._person_icon, self._person_rule):
            widget.setVisible(not narrow)
        self.mode.fold(narrow=narrow)
        self._search.fold(narrow=narrow)
