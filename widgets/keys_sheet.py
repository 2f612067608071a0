"""The sheet of keys, F1: by what a person wants to do."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from resources.words import t

KEYS: Final = (
    (
        (
            "view",
            (
                ("+  −", "zoom"),
                ("0", "fit"),
                ("Ctrl 1", "full_size"),
                ("Z", "rectangle"),
                ("F", "selection"),
                ("⇧ ← → ↑ ↓", "pan"),
                ("Alt ←  Alt →", "walk"),
                ("⌂", "home"),
                ("Ctrl ⌂", "keep_home"),
                ("M", "minimap"),
                ("L", "legend"),
                ("⇧ T", "trend_dock"),
            ),
        ),
        (
            "drawings",
            (
                ("Ctrl Tab", "tabs"),
                ("Ctrl W", "close_tab"),
                ("Ctrl ←  Ctrl →", "drawings"),
                ("E", "tree"),
                ("Ctrl F  Ctrl K  /", "search"),
            ),
        ),
    ),
    (
        (
            "symbol",
            (
                ("← → ↑ ↓", "move"),
                ("⏎", "open"),
                ("⇧ F10  ≣", "menu"),
                ("R  ⇧ clic", "trace"),
                ("T  H", "trend"),
                ("P", "provenance"),
                ("B  O", "bindings"),
                ("Ctrl Z  Ctrl Y", "undo"),
                ("Esc", "close"),
            ),
        ),
        (
            "layers",
            (
                ("V  A  D  C", "live_layers"),
                ("⇧ P  ⇧ I  ⇧ S  ⇧ L", "sheet_layers"),
            ),
        ),
    ),
    (
        (
            "alarms",
            (
                ("F9  ⇧ F9", "acknowledge"),
                ("F10", "shelve"),
                ("N", "next_alarm"),
            ),
        ),
        (
            "window",
            (
                ("1 – 4", "pages"),
                ("F11", "full_screen"),
                ("Ctrl E", "export"),
                ("Ctrl ,", "settings"),
                ("F1  ?", "keys"),
            ),
        ),
        (
            "fingers",
            (
                ("1", "finger_pan"),
                ("2", "finger_zoom"),
                ("··", "finger_near"),
                ("—", "finger_menu"),
            ),
        ),
    ),
)
"""Columns of groups: a title, then key and what it does."""


class KeysSheet(QDialog):
    """Three columns of groups. Show it with `open`: then no key acts on what lies behind it until it is closed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(t("action.keys"))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 20, 24, 16)
        whole.setSpacing(16)
        row = QHBoxLayout()
        row.setSpacing(36)
        whole.addLayout(row)
        for groups in KEYS:
            column = QVBoxLayout()
            column.setSpacing(14)
            for title, keys in groups:
                column.addLayout(_group(title, keys))
            column.addStretch(1)
            row.addLayout(column)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        whole.addWidget(buttons)
        for key in ("F1", "?"):
            QShortcut(QKeySequence(key), self, self.reject)


def _group(title: str, keys: tuple[tuple[str, str], ...]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(18)
    grid.setVerticalSpacing(5)
    head = QLabel(t(f"keys.group.{title}"))
    head.setProperty("look", "strong")
    grid.addWidget(head, 0, 0, 1, 2)
    for place, (key, what) in enumerate(keys):
        label = QLabel(key)
        label.setProperty("look", "head")
        grid.addWidget(label, place + 1, 0)
        grid.addWidget(QLabel(t(f"keys.{what}")), place + 1, 1)
    grid.setColumnStretch(1, 1)
    return grid
