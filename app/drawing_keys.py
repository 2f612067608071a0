"""The keys that look around in the drawings."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from app.synoptic_page import SynopticPage
from widgets.layers_panel import LAYER_KEYS


def drawing_keys(page: SynopticPage) -> dict[str, Callable[[], object]]:
    """What each key does."""
    keys: dict[str, Callable[[], object]] = {
        "+": lambda: page.canvas.zoom_by(1.25),
        "-": lambda: page.canvas.zoom_by(0.8),
        "0": page.fit,
        "Ctrl+1": page.full_size,
        "F": page.zoom_to_selection,
        "Z": lambda: page.canvas.take_tool("rectangle"),
        "R": page.take_trace,
        "M": page.look.toggle_minimap,
        "L": page.look.toggle_legend,
        "E": page.toggle_tree,
        "Shift+T": page.toggle_trend,
        "Home": page.travel.go_home,
        "Ctrl+Home": page.travel.keep_home,
        "Alt+Left": partial(page.travel.walk, -1),
        "Alt+Right": partial(page.travel.walk, 1),
        "Ctrl+Tab": partial(page.tabs.step, 1),
        "Ctrl+Shift+Tab": partial(page.tabs.step, -1),
        "Ctrl+PgDown": partial(page.tabs.step, 1),
        "Ctrl+PgUp": partial(page.tabs.step, -1),
        "Ctrl+W": page.tabs.close_front,
        "Escape": page.close_faceplate,
    }
    return keys | {key: partial(page.head.toggle, layer) for layer, key in LAYER_KEYS.items()}
