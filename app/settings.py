"""What the program remembers between runs: theme, language, last plant, the window's layout per screen size."""

from __future__ import annotations

from pathlib import Path
from typing import cast, get_args

from PySide6.QtCore import QByteArray, QSettings

from contracts.number_text import Language
from resources.theme import ThemeName
from runtime.places import state_folder


class Settings:
    """Typed access to one settings file; a value that no longer makes sense reads as its default."""

    def __init__(self, file: Path | None = None) -> None:
        self._store = QSettings(str(file or state_folder() / "settings.ini"), QSettings.Format.IniFormat)

    @property
    def theme(self) -> ThemeName:
        """The theme last chosen."""
        name = str(self._store.value("theme", "light"))
        return cast("ThemeName", name) if name in get_args(ThemeName) else "light"

    @theme.setter
    def theme(self, name: ThemeName) -> None:
        self._store.setValue("theme", name)

    @property
    def language(self) -> Language:
        """The language last chosen."""
        name = str(self._store.value("language", "es"))
        return cast("Language", name) if name in get_args(Language) else "es"

    @language.setter
    def language(self, name: Language) -> None:
        self._store.setValue("language", name)

    @property
    def drawing(self) -> tuple[str, int]:
        """Refinery and drawing last looked at."""
        try:
            return str(self._store.value("drawing/refinery", "")), int(str(self._store.value("drawing/number", 0)))
        except ValueError:
            return "", 0

    @drawing.setter
    def drawing(self, place: tuple[str, int]) -> None:
        self._store.setValue("drawing/refinery", place[0])
        self._store.setValue("drawing/number", place[1])

    def layout(self, mode: str, screen: str) -> QByteArray:
        """The docks' sizes in a mode on a screen; empty if never changed."""
        value = self._store.value(f"layout/{mode}/{screen}")
        return value if isinstance(value, QByteArray) else QByteArray()

    def keep_layout(self, mode: str, screen: str, state: QByteArray) -> None:
        """Remember the docks' sizes."""
        self._store.setValue(f"layout/{mode}/{screen}", state)

    def flush(self) -> None:
        """Write to disk now."""
        self._store.sync()
