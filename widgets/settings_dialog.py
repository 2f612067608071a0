"""What a person may set: theme, language, size, touch, motion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QDialogButtonBox, QGridLayout, QLabel, QWidget

from contracts.number_text import Language
from resources.theme import ThemeName
from resources.words import t


class Choices(NamedTuple):
    """All that can be set."""

    theme: ThemeName
    language: Language
    scale_percent: int
    touch: bool
    reduced_motion: bool


class SettingsDialog(QDialog):
    """Shows what is set; the caller takes `choices` when it was accepted."""

    def __init__(self, now: Choices, scales: Sequence[int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(t("settings.title"))
        self._theme, self._language, self._scale = QComboBox(), QComboBox(), QComboBox()
        for name in ("light", "dark"):
            self._theme.addItem(t(f"settings.{name}"), name)
        for name, text in (("es", "Español"), ("en", "English")):
            self._language.addItem(text, name)
        for percent in scales:
            self._scale.addItem(f"{percent} %", percent)
        self._touch, self._calm = QCheckBox(t("settings.touch")), QCheckBox(t("settings.reduced_motion"))
        grid = QGridLayout(self)
        grid.setContentsMargins(24, 20, 24, 20)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(10)
        for row, (name, box, value) in enumerate(
            (
                ("theme", self._theme, now.theme),
                ("language", self._language, now.language),
                ("scale", self._scale, now.scale_percent),
            )
        ):
            label = QLabel(t(f"settings.{name}"))
            label.setBuddy(box)
            box.setCurrentIndex(max(0, box.findData(value)))
            box.setAccessibleName(t(f"settings.{name}"))
            grid.addWidget(label, row, 0)
            grid.addWidget(box, row, 1)
        self._touch.setChecked(now.touch)
        self._calm.setChecked(now.reduced_motion)
        grid.addWidget(self._touch, 3, 0, 1, 2)
        grid.addWidget(self._calm, 4, 0, 1, 2)
        note = QLabel(t("settings.at_next_start"))
        note.setProperty("look", "caption")
        grid.addWidget(note, 5, 0, 1, 2)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(t("action.cancel"))
        buttons.button(QDialogButtonBox.StandardButton.Ok).setText(t("settings.apply"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        grid.addWidget(buttons, 6, 0, 1, 2, Qt.AlignmentFlag.AlignRight)

    @property
    def choices(self) -> Choices:
        """What is set now."""
        return Choices(
            cast("ThemeName", self._theme.currentData()),
            cast("Language", self._language.currentData()),
            int(self._scale.currentData()),
            self._touch.isChecked(),
            self._calm.isChecked(),
        )
