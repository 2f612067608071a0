"""Views of a sheet that a person named, and the one it opens at. Kept in the settings by refinery and sheet."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from app.settings import Settings
from pid_renderer.drawing import Box

LONGEST_NAME: Final = 40


class HomeViews:
    """The named views of all sheets. A view is a part of the sheet in mm, or None for all of it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def of(self, refinery: str, sheet: str) -> Mapping[str, Box | None]:
        """Views by name, in the order they were kept. What the file holds that is no view is left out."""
        found: dict[str, Box | None] = {}
        views = self._settings.views(refinery, sheet).get("views")
        for name, numbers in views.items() if isinstance(views, dict) else ():
            if numbers is None:
                found[name] = None
            elif (box := _box(numbers)) is not None:
                found[name] = box
        return found

    def home(self, refinery: str, sheet: str) -> str:
        """Name of the view a sheet opens at; empty: all of it."""
        name = self._settings.views(refinery, sheet).get("home")
        return name if isinstance(name, str) and name in self.of(refinery, sheet) else ""

    def home_box(self, refinery: str, sheet: str) -> Box | None:
        """The part of the sheet it opens at; None: all of it."""
        return self.of(refinery, sheet).get(self.home(refinery, sheet))

    def keep(self, refinery: str, sheet: str, name: str, box: Box | None, *, home: bool = False) -> None:
        """Keep a view under a name, in place of an older one of that name. Raises ValueError for an empty name."""
        name = " ".join(name.split())[:LONGEST_NAME]
        if not name:
            raise ValueError("a view needs a name")
        views = {**self.of(refinery, sheet), name: box}
        self._write(refinery, sheet, views, name if home else self.home(refinery, sheet))

    def rename(self, refinery: str, sheet: str, old: str, new: str) -> None:
        """Another name for a view; its place in the list stays. Raises ValueError for an empty or taken name."""
        new = " ".join(new.split())[:LONGEST_NAME]
        views = self.of(refinery, sheet)
        if not new or (new in views and new != old):
            raise ValueError(f"a view named {new!r} cannot be: the name is empty or taken")
        home = self.home(refinery, sheet)
        renamed = {new if name == old else name: box for name, box in views.items()}
        self._write(refinery, sheet, renamed, new if home == old else home)

    def remove(self, refinery: str, sheet: str, name: str) -> None:
        """Forget a view."""
        views = {kept: box for kept, box in self.of(refinery, sheet).items() if kept != name}
        home = self.home(refinery, sheet)
        self._write(refinery, sheet, views, "" if home == name else home)

    def open_at(self, refinery: str, sheet: str, name: str) -> None:
        """The sheet opens at this view from now on; at all of it for an empty name."""
        self._write(refinery, sheet, self.of(refinery, sheet), name)

    def _write(self, refinery: str, sheet: str, views: Mapping[str, Box | None], home: str) -> None:
        numbers = {name: None if box is None else [round(n, 3) for n in box] for name, box in views.items()}
        self._settings.keep_views(refinery, sheet, {"home": home, "views": numbers})


def _box(numbers: object) -> Box | None:
    """A part of a sheet from the four numbers kept of it; None for what is none."""
    if not (isinstance(numbers, list) and len(numbers) == 4 and all(isinstance(n, int | float) for n in numbers)):
        return None
    try:
        box = Box(*(float(n) for n in numbers))
    except OverflowError:
        return None
    finite = math.isfinite(box.width) and math.isfinite(box.height)
    return box if finite and box.width > 0 and box.height > 0 else None
