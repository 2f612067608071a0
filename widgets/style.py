"""How the theme's tokens become Qt colours, fonts, icons and one style sheet.

The theme is the application's, as its style sheet is; widgets that paint ask here while painting, so a change of theme
is one repaint.
"""

from __future__ import annotations

import math
from functools import cache
from importlib import resources
from typing import Final, Literal

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPixmap

from resources.theme import Theme, ThemeName, theme, tokens

Weight = Literal["regular", "medium", "semibold", "bold"]

_WEIGHTS: Final = {
    "regular": QFont.Weight.Normal,
    "medium": QFont.Weight.Medium,
    "semibold": QFont.Weight.DemiBold,
    "bold": QFont.Weight.Bold,
}
_used: list[Theme] = []
_touched: list[bool] = []


def use(name: ThemeName) -> None:
    """Paint with this theme from now on; the caller applies `sheet()` and repaints."""
    _used[:] = [theme(name)]


def use_touch(*, on: bool) -> None:
    """Whether targets are large enough for fingers from now on; the caller applies `sheet()`."""
    _touched[:] = [on]


def current() -> Theme:
    """The theme in use."""
    if not _used:
        use("light")
    return _used[0]


@cache
def _color(_theme: ThemeName, value: str) -> QColor:
    return QColor(value)


def color(token: str) -> QColor:
    """A token as a Qt colour."""
    return _color(current().name, current()[token])


def px(size: str) -> int:
    """A type size by name, in whole pixels and never under the token."""
    return math.ceil(float(tokens()["type"]["px"][size]))


def load_fonts() -> list[str]:
    """Register the shipped fonts; the families found. A font that Qt refuses is left out: the fallbacks stand in."""
    families: list[str] = []
    for file in sorted((resources.files("resources") / "fonts").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".woff2"):
            number = QFontDatabase.addApplicationFontFromData(QByteArray(file.read_bytes()))
            families += QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
    return sorted(set(families))


@cache
def font(size: str | int, weight: Weight = "regular", *, condensed: bool = False) -> QFont:
    """A font of the interface. `size` is a token's name or pixels."""
    kind = tokens()["type"]
    made = QFont()
    made.setFamilies([kind["condensed"] if condensed else kind["family"], *kind["fallback"]])
    made.setPixelSize(px(size) if isinstance(size, str) else size)
    made.setWeight(_WEIGHTS[weight])
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


@cache
def _pixmap(_theme: ThemeName, name: str, ink: str, size: int, ratio: float) -> QPixmap:
    text = (resources.files("resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    text = text.replace("currentColor", ink).replace('stroke-width="2"', 'stroke-width="1.5"')
    device = round(size * ratio)
    text = text.replace('width="24"', f'width="{device}"', 1).replace('height="24"', f'height="{device}"', 1)
    pixmap = QPixmap()
    if not pixmap.loadFromData(QByteArray(text.encode()), "SVG"):
        pixmap = QPixmap(QSize(device, device))
        pixmap.fill(Qt.GlobalColor.transparent)
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def pixmap(name: str, ink: str = "text.secondary", size: int = 18, ratio: float = 1.0) -> QPixmap:
    """An icon drawn in a token's colour."""
    return _pixmap(current().name, name, current()[ink], size, ratio)


def icon(name: str, ink: str = "text.secondary", on: str = "hand.accent", size: int = 18) -> QIcon:
    """An icon for a button; `on` is its colour while checked."""
    made = QIcon()
    for ratio in (1.0, 2.0):
        made.addPixmap(pixmap(name, ink, size, ratio), QIcon.Mode.Normal, QIcon.State.Off)
        made.addPixmap(pixmap(name, on, size, ratio), QIcon.Mode.Normal, QIcon.State.On)
        made.addPixmap(pixmap(name, "line.strong", size, ratio), QIcon.Mode.Disabled, QIcon.State.Off)
    return made


def sheet() -> str:
    """The application's style sheet, by dynamic property `look` where a widget's class does not say it."""
    text = _SHEET + (_TOUCH if any(_touched) else "")
    for token, value in sorted(current().colors.items(), key=lambda item: -len(item[0])):
        text = text.replace(f"@{token}@", value)
    return text


_SHEET: Final = """
* { font-family: "IBM Plex Sans", "Inter", "Noto Sans", "DejaVu Sans"; font-size: 13px; color: @text.primary@; }
QWidget#window { background: @bg.app@; }
QWidget[look="surface"], QStackedWidget, QDialog { background: @bg.surface@; }
QWidget[look="canvas"] { background: @bg.canvas@; }
QWidget[look="topbar"] { background: @bg.surface@; border-bottom: 1px solid @line.hair@; }
QWidget[look="rail-bar"] { background: @bg.surface@; border-right: 1px solid @line.hair@; }
QWidget[look="dock-left"] { background: @bg.surface@; border-right: 1px solid @line.hair@; }
QWidget[look="dock-right"] { background: @bg.surface@; border-left: 1px solid @line.hair@; }
QWidget[look="dock-bottom"] { background: @bg.surface@; border-top: 1px solid @line.hair@; }
QWidget[look="strip"] { background: @bg.surface@; border-top: 1px solid @line.strong@; }
QWidget[look="status"] { background: @bg.app@; }
QWidget[look="card"] { background: @bg.raised@; border: 1px solid @line.hair@; border-radius: 5px; }
QLabel { background: transparent; }
QLabel[look="title"] { font-size: 17px; font-weight: 600; }
QLabel[look="strong"] { font-size: 14px; font-weight: 600; }
QLabel[look="head"] { font-size: 13px; font-weight: 600; }
QLabel[look="label"] { font-size: 12px; color: @text.secondary@; }
QLabel[look="label-strong"] { font-size: 12px; color: @text.primary@; }
QLabel[look="caption"] { font-size: 11px; color: @text.tertiary@; }
QLabel[look="status"] { font-size: 11px; color: @text.secondary@; }
QLabel[look="tag"] { font-family: "IBM Plex Sans Condensed"; font-size: 19px; font-weight: 600; }
QLabel[look="link"] { font-family: "IBM Plex Sans Condensed"; font-size: 13px; font-weight: 500;
  color: @hand.accent@; }
QLabel[look="clock"] { font-size: 20px; font-weight: 600; }
QFrame[look="hair"] { background: @line.hair@; border: none; }
QLineEdit, QComboBox, QDateTimeEdit, QSpinBox { background: @bg.raised@; border: 1px solid @line.strong@;
  border-radius: 4px;
  padding: 3px 8px; min-height: 22px; selection-background-color: @hand.soft@; selection-color: @text.primary@; }
QLineEdit:focus, QComboBox:focus, QDateTimeEdit:focus { border: 2px solid @hand.focus@; padding: 2px 7px; }
QComboBox QLineEdit { border: none; background: transparent; padding: 0; min-height: 0; }
QComboBox::drop-down, QDateTimeEdit::drop-down { border: none; width: 0px; }
QComboBox QAbstractItemView { background: @bg.raised@; border: 1px solid @line.strong@;
  selection-background-color: @hand.soft@;
  selection-color: @text.primary@; }
QPushButton { background: @bg.raised@; border: 1px solid @line.strong@; border-radius: 4px; padding: 4px 10px;
  font-weight: 500; min-height: 20px; }
QPushButton:hover { border-color: @hand.accent@; }
QPushButton:focus { border: 2px solid @hand.focus@; padding: 3px 9px; }
QPushButton:checked { background: @hand.soft@; border-color: @hand.accent@; color: @hand.accent@; }
QPushButton:disabled { color: @line.strong@; }
QPushButton[look="link"] { background: transparent; border: none; color: @hand.accent@; font-weight: 600;
  padding: 2px 4px; }
QPushButton[look="link"]:hover { text-decoration: underline; }
QPushButton[look="chip"] { padding: 1px 10px; min-height: 22px; font-size: 12px; }
QToolButton { background: transparent; border: none; border-radius: 4px; padding: 4px; }
QToolButton:hover { background: @bg.sunken@; }
QToolButton:focus { border: 2px solid @hand.focus@; padding: 2px; }
QToolButton[look="rail"] { border-radius: 6px; padding: 0px; min-width: 40px; min-height: 40px; }
QToolButton[look="rail"]:checked { background: @hand.soft@; }
QSplitter::handle { background: @line.hair@; }
QTreeWidget, QListWidget, QTableView, QTableWidget { background: @bg.surface@; border: none; outline: none;
  selection-background-color: @hand.soft@; selection-color: @hand.accent@; alternate-background-color: @bg.surface@; }
QTreeWidget::item { height: 28px; border-radius: 4px; }
QTreeWidget::item:selected { background: @hand.soft@; color: @hand.accent@; }
QTreeWidget::item:hover:!selected { background: @bg.sunken@; }
QTreeWidget::branch { background: transparent; }
QListWidget::item { padding: 4px 8px; border-radius: 4px; }
QListWidget::item:selected { background: @hand.soft@; color: @hand.accent@; }
QTableView { gridline-color: @line.hair@; font-size: 13px; }
QTableView::item { padding: 0px 8px; border-bottom: 1px solid @line.hair@; }
QTableView::item:selected { background: @hand.soft@; color: @text.primary@; }
QHeaderView { background: @bg.sunken@; border: none; }
QHeaderView::section { background: @bg.sunken@; color: @text.secondary@; font-size: 11px; font-weight: 600;
  border: none;
  padding: 4px 8px; }
QTabBar { background: transparent; border: none; }
QTabBar::tab { background: transparent; border: none; border-bottom: 2px solid transparent; padding: 6px 2px;
  margin-right: 22px;
  color: @text.secondary@; }
QTabBar::tab:selected { color: @text.primary@; font-weight: 600; border-bottom: 2px solid @hand.accent@; }
QTabBar::tab:focus { color: @hand.accent@; }
QCheckBox, QRadioButton { spacing: 8px; min-height: 24px; }
QCheckBox::indicator, QRadioButton::indicator { width: 12px; height: 12px; border: 1px solid @line.strong@;
  background: @bg.raised@; }
QCheckBox::indicator { border-radius: 3px; }
QRadioButton::indicator { border-radius: 7px; }
QCheckBox::indicator:checked { background: @hand.accent@; border-color: @hand.accent@; }
QRadioButton::indicator:checked { width: 6px; height: 6px; border: 4px solid @hand.accent@; }
QCheckBox:focus, QRadioButton:focus { color: @hand.accent@; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QTabBar[look="drawings"] { background: @bg.app@; }
QTabBar[look="drawings"]::tab { background: @bg.app@; color: @text.secondary@; border: none; margin-right: 0px;
  border-top: 2px solid transparent; border-right: 1px solid @line.hair@; padding: 5px 4px 6px 12px; min-width: 72px;
  max-width: 220px; }
QTabBar[look="drawings"]::tab:selected { background: @bg.canvas@; color: @text.primary@; font-weight: 600;
  border-top: 2px solid @hand.accent@; }
QTabBar[look="drawings"]::tab:hover:!selected { background: @bg.sunken@; }
QTabBar[look="drawings"]::tab:focus { color: @hand.accent@; }
QLabel[look="notice"] { background: @bg.raised@; border: 1px solid @hand.accent@; border-radius: 5px;
  padding: 6px 14px; font-weight: 500; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget { background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @line.hair@; border-radius: 4px; min-height: 24px; min-width: 24px; margin: 1px; }
QScrollBar::handle:hover { background: @line.strong@; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QProgressBar { background: @bg.sunken@; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; }
QProgressBar::chunk { background: @hand.accent@; border-radius: 2px; }
QMenu { background: @bg.raised@; border: 1px solid @line.strong@; padding: 4px; }
QMenu::item { padding: 5px 18px; border-radius: 4px; }
QMenu::item:selected { background: @hand.soft@; color: @hand.accent@; }
QToolTip { background: @bg.raised@; color: @text.primary@; border: 1px solid @line.strong@; padding: 4px 6px; }
"""
_TOUCH: Final = """
QPushButton, QComboBox, QDateTimeEdit, QSpinBox { min-height: 36px; }
QLineEdit { min-height: 30px; }
QPushButton[look="chip"] { min-height: 34px; padding: 1px 14px; }
QToolButton { min-width: 34px; min-height: 34px; }
QMenu::item { padding: 12px 24px; }
QTreeWidget::item { height: 44px; }
QListWidget::item { padding: 12px 8px; }
QCheckBox, QRadioButton { min-height: 40px; }
QCheckBox::indicator { width: 22px; height: 22px; }
QTabBar::tab { padding-top: 12px; padding-bottom: 12px; }
"""
"""Over the rest where fingers press: 44 px with the padding."""
