"""What the program remembers between runs: theme, language, open drawings, named views, layout per screen size."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar, cast, get_args

from PySide6.QtCore import QByteArray, QSettings

from contracts.number_text import Language
from resources.theme import ThemeName
from runtime.places import state_folder

SCALES: Final = (100, 115, 125, 150, 175, 200)
Kind = TypeVar("Kind", list[Any], dict[str, Any])


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

    @property
    def tabs(self) -> list[tuple[str, str]]:
        """Refinery and file name of each open drawing, in order."""
        found = self._json("drawing/tabs", list)
        return [(str(item[0]), str(item[1])) for item in found if isinstance(item, list) and len(item) == 2]

    @tabs.setter
    def tabs(self, places: Sequence[tuple[str, str]]) -> None:
        self._store.setValue("drawing/tabs", json.dumps([list(place) for place in places]))

    def views(self, refinery: str, sheet: str) -> dict[str, Any]:
        """What `keep_views` was told of a sheet; empty for one it was told nothing of."""
        return self._json(f"views/{refinery}/{sheet}", dict)

    def keep_views(self, refinery: str, sheet: str, views: Mapping[str, Any]) -> None:
        """Remember the named views of a sheet."""
        self._store.setValue(f"views/{refinery}/{sheet}", json.dumps(views, ensure_ascii=False))

    def switch(self, name: str, *, default: bool) -> bool:
        """Whether something that can be on or off is on: a layer, the minimap, touch …"""
        return str(self._store.value(f"switch/{name}", default)).lower() == "true"

    def keep_switch(self, name: str, *, on: bool) -> None:
        """Remember whether something is on."""
        self._store.setValue(f"switch/{name}", on)

    @property
    def scale_percent(self) -> int:
        """Size of the whole interface, 100 to 200 %."""
        try:
            wanted = int(str(self._store.value("scale_percent", SCALES[0])))
        except ValueError:
            return SCALES[0]
        return wanted if wanted in SCALES else SCALES[0]

    @scale_percent.setter
    def scale_percent(self, percent: int) -> None:
        self._store.setValue("scale_percent", percent)

    def _json(self, key: str, kind: type[Kind]) -> Kind:
        """What stands under a key; an empty one of its kind where that is something else."""
        try:
            found = json.loads(str(self._store.value(key, "")))
        except ValueError:
            return kind()
        return found if isinstance(found, kind) else kind()

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
