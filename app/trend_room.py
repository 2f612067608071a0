"""The drawing above the trend, with a handle between: how high the trend is, or whether only its head is seen."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from app.settings import Settings
from resources.theme import tokens
from widgets.trend import Trend

_LOW_PX: Final = 700
"""A page lower than this keeps its room for the drawing."""
_TREND_PX: Final = int(tokens()["size"]["trendDock"])
_LOW_TREND_PX: Final = 168


class TrendRoom(QSplitter):
    """Remembers, apart for a low page, whether the trend is open and how high it was dragged."""

    def __init__(self, above: QWidget, trend: Trend, settings: Settings) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self._trend, self._settings = trend, settings
        self.is_low = False
        """Whether the page is too low for a trend of full height."""
        self._high_px = {False: _TREND_PX, True: _LOW_TREND_PX}
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self.addWidget(above)
        self.addWidget(trend)
        self.setStretchFactor(0, 1)
        self.splitterMoved.connect(self._dragged)
        self._fold()

    def toggle(self) -> None:
        """Open the trend, or leave only its head."""
        self.open_trend(is_open=self._trend.is_folded or not self._trend.isVisible())

    def open_trend(self, *, is_open: bool = True) -> None:
        """Show all of the trend, or only its head."""
        self._trend.show()
        self._settings.keep_switch(self._switch, on=is_open)
        self._fold()

    def fit(self, height_px: int) -> None:
        """Take the height of the page."""
        low = height_px < _LOW_PX
        if low != self.is_low:
            self.is_low = low
            self._fold()

    @property
    def _switch(self) -> str:
        return "trend_open_when_low" if self.is_low else "trend_open"

    def _dragged(self) -> None:
        if not self._trend.is_folded:
            self._high_px[self.is_low] = self.sizes()[1]

    def _fold(self) -> None:
        folded = not self._settings.switch(self._switch, default=not self.is_low)
        self._trend.fold(folded=folded)
        wanted = 0 if folded else self._high_px[self.is_low]
        self.setSizes([self.height() - wanted, wanted])
