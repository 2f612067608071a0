"""Asks what of a drawing becomes a picture, in which look and format."""

from __future__ import annotations

from typing import Final, NamedTuple

from PySide6.QtWidgets import QButtonGroup, QDialog, QDialogButtonBox, QGridLayout, QLabel, QRadioButton, QWidget

from resources.words import t

CHOICES: Final = (
    ("what", ("view", "sheet")),
    ("look", ("screen", "paper")),
    ("format", ("png", "svg", "pdf")),
)


class PictureChoice(NamedTuple):
    """What was asked for."""

    scope: str
    """view or sheet."""
    look: str
    """screen or paper."""
    format: str
    """png, svg or pdf."""


class PictureDialog(QDialog):
    """Three questions with the usual answers given."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(t("export.title"))
        grid = QGridLayout(self)
        grid.setContentsMargins(24, 20, 24, 20)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(6)
        self._groups: dict[str, QButtonGroup] = {}
        row = 0
        for name, answers in CHOICES:
            label = QLabel(t(f"export.{name}"))
            label.setProperty("look", "head")
            grid.addWidget(label, row, 0)
            group = self._groups[name] = QButtonGroup(self)
            for number, answer in enumerate(answers):
                button = QRadioButton(t(f"export.{answer}"))
                button.setChecked(number == 0)
                group.addButton(button, number)
                grid.addWidget(button, row, 1)
                row += 1
            grid.setRowMinimumHeight(row, 10)
            row += 1
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        save = buttons.addButton(t("export.save"), QDialogButtonBox.ButtonRole.AcceptRole)
        save.setDefault(True)
        cancel = buttons.button(QDialogButtonBox.StandardButton.Cancel)
        cancel.setText(t("action.cancel"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        grid.addWidget(buttons, row, 0, 1, 2)

    @property
    def choice(self) -> PictureChoice:
        """The answers as they stand."""
        return PictureChoice(*(answers[self._groups[name].checkedId()] for name, answers in CHOICES))
