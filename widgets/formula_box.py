"""A small pop-over to define a calculated signal; it says at every keystroke what comes out, or what is wrong."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPoint, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from contracts.signal_list import Signal
from resources.words import t
from widgets.buttons import action_button
from widgets.formula import BadFormula, Calculated, signal_of

_LONGEST_NAME = 40


class FormulaBox(QFrame):
    """Name, formula, unit."""

    kept = QtSignal(object, str)
    """The `Calculated`, and the name it had before (empty for a new one)."""

    def __init__(self, known: Mapping[str, Signal], before: Calculated, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("look", "card")
        self.setFixedSize(420, 236)
        self._known, self._before = known, before.name
        title = QLabel(t("formula.new"))
        title.setProperty("look", "head")
        self.name, self.unit = QLineEdit(before.name), QLineEdit(before.unit)
        self.name.setPlaceholderText(t("formula.name"))
        self.name.setAccessibleName(t("formula.name"))
        self.name.setMaxLength(_LONGEST_NAME)
        self.unit.setPlaceholderText(t("formula.unit"))
        self.unit.setAccessibleName(t("formula.unit"))
        self.formula = QPlainTextEdit(before.formula)
        self.formula.setPlaceholderText('"10EGB11CL001XQ01" * 2')
        self.formula.setAccessibleName(t("formula.formula"))
        self.formula.setTabChangesFocus(True)
        self.said = QLabel()
        self.said.setProperty("look", "label")
        self.said.setWordWrap(True)
        self.said.setFixedHeight(36)
        self._keep = action_button(t("formula.keep"), "check")
        self._keep.clicked.connect(self.keep)
        first, last = QHBoxLayout(), QHBoxLayout()
        first.addWidget(self.name, 1)
        first.addWidget(self.unit, 1)
        last.addWidget(self.said, 1)
        last.addWidget(self._keep, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(8)
        column.addWidget(title)
        column.addLayout(first)
        column.addWidget(self.formula, 1)
        column.addLayout(last)
        self.formula.textChanged.connect(self._check)
        self.unit.textChanged.connect(self._check)
        self.name.textChanged.connect(self._check)
        self._check()

    @property
    def calculated(self) -> Calculated:
        """What stands there now."""
        name = " ".join(self.name.text().split())
        return Calculated(name, self.formula.toPlainText().strip(), self.unit.text().strip())

    def pop_up(self, at: QPoint) -> None:
        """Show it with its corner there, on the screen."""
        self.move(at)
        self.show()
        (self.formula if self.name.text() else self.name).setFocus()

    def keep(self) -> None:
        """Hand it over and go, if it can be computed."""
        if self._check():
            self.kept.emit(self.calculated, self._before)
            self.close()

    def _check(self) -> bool:
        made = self.calculated
        try:
            unit = signal_of(made, self._known).unit
            said = t("formula.gives", unit=unit or t("formula.plain"))
            good = bool(made.name)
            said = said if good else t("formula.name_needed")
        except BadFormula as error:
            good, said = False, str(error)
        self.said.setText(said)
        self._keep.setEnabled(good)
        return good
