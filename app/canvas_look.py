"""How the drawings are shown: layers, minimap, legend, touch. The same for all of them, and remembered."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject

from app.settings import Settings
from app.sheet_tabs import SheetTabs
from pid_renderer.canvas import Canvas
from pid_renderer.legend import Legend
from resources.words import language
from widgets import style
from widgets.canvas_head import CanvasHead
from widgets.layers_panel import LIVE_LAYERS, SHEET_LAYERS


class CanvasLook(QObject):
    """Applies to the canvas in front what the head and the keys say, and to a new one what was set before."""

    def __init__(self, tabs: SheetTabs, head: CanvasHead, settings: Settings) -> None:
        super().__init__(tabs)
        self._tabs, self._head, self._settings = tabs, head, settings
        self.legend = Legend(tabs.stage)
        self.legend.closed.connect(self.toggle_legend)
        tabs.stage.installEventFilter(self)
        head.legend_requested.connect(self.toggle_legend)
        head.set_layers({name: settings.switch(f"layer/{name}", default=on) for name, on in head.layers.items()})
        head.layers_changed.connect(self._layers)

    def begin(self, canvas: Canvas) -> None:
        """A canvas that was just made."""
        canvas.touch = self._settings.switch("touch", default=False)
        canvas.reduced_motion = self._settings.switch("reduced_motion", default=False)
        canvas.show_minimap(self._settings.switch("minimap", default=True))

    def apply(self) -> None:
        """Another sheet is in front."""
        self._switch_layers()
        self.show_legend(shown=self._settings.switch("legend", default=False))

    def restyle(self) -> None:
        """Take the theme's colours."""
        self.legend.set_look(style.current(), language())

    def _layers(self, on: Mapping[str, bool]) -> None:
        for name, shown in on.items():
            self._settings.keep_switch(f"layer/{name}", on=shown)
        self._switch_layers()

    def _switch_layers(self) -> None:
        on = self._head.layers
        live = {name: on[name] for name in LIVE_LAYERS}
        self._tabs.canvas.set_layers(**live, hidden=[name for name in SHEET_LAYERS if not on[name]])

    def toggle_minimap(self) -> None:
        """Show or hide the small sheet."""
        on = not self._tabs.canvas.minimap.shown
        self._settings.keep_switch("minimap", on=on)
        for tab in self._tabs.tabs:
            tab.canvas.show_minimap(on)

    def set_touch(self, *, touch: bool, reduced_motion: bool) -> None:
        """Larger targets for fingers; nothing that blinks or steps."""
        for tab in self._tabs.tabs:
            tab.canvas.touch, tab.canvas.reduced_motion = touch, reduced_motion
        self._switch_layers()

    def toggle_legend(self) -> None:
        """Show or hide what the marks mean."""
        self.show_legend(shown=self.legend.isHidden())

    def show_legend(self, *, shown: bool) -> None:
        """The legend at the lower left, or more room for the drawing."""
        self._settings.keep_switch("legend", on=shown)
        tab = self._tabs.current
        if shown and tab is not None and tab.sheet is not None:
            self.legend.set_sheet(tab.sheet.drawing)
            self.legend.set_look(style.current(), language())
        self.legend.setVisible(shown)
        self.legend.raise_()
        self._place_legend()

    def _place_legend(self) -> None:
        self.legend.move(12, max(0, self._tabs.stage.height() - self.legend.height() - 12))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._tabs.stage and event.type() == QEvent.Type.Resize:
            self._place_legend()
        return super().eventFilter(watched, event)
