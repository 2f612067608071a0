"""Runs in PyDM's own environment: `_pydm_child.py WIDGETS FRAMES` prints its figures as JSON on the last line."""

import json
import os
import statistics
import sys
import time
from typing import Any, ClassVar

from pydm import PyDMApplication
from pydm.data_plugins import add_plugin
from pydm.data_plugins.plugin import PyDMConnection, PyDMPlugin
from pydm.widgets.byte import PyDMByteIndicator
from pydm.widgets.label import PyDMLabel
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QWidget

COLUMNS = 60
CELL_PX = 32, 20


class Connection(PyDMConnection):  # type: ignore[misc]
    """Values from this very process."""

    known: ClassVar[dict[str, Any]] = {}

    def __init__(self, channel: Any, address: str, protocol: Any = None, parent: Any = None) -> None:
        super().__init__(channel, address, protocol, parent)
        Connection.known[address] = self
        self.add_listener(channel)
        self.connected = True
        self.connection_state_signal.emit(True)


class Plugin(PyDMPlugin):  # type: ignore[misc]
    """`sim://N`."""

    protocol = "sim"
    connection_class = Connection


def main() -> None:
    """See the module."""
    widgets, frames = int(sys.argv[1]), int(sys.argv[2])
    application = PyDMApplication(use_main_window=False)
    add_plugin(Plugin)
    window = QWidget()
    window.resize(1920, 1080)
    began = time.process_time()
    for number in range(widgets):
        channel = f"sim://{number}"
        if number % 4 == 3:
            widget = PyDMByteIndicator(window, init_channel=channel)
        else:
            widget = PyDMLabel(window, init_channel=channel)
        x, y = number % COLUMNS, number // COLUMNS
        widget.setGeometry(x * CELL_PX[0], y * CELL_PX[1], CELL_PX[0] - 2, CELL_PX[1] - 2)
    window.show()
    application.processEvents()
    built_s = time.process_time() - began
    connections = list(Connection.known.values())
    if len(connections) < widgets:
        sys.exit(f"only {len(connections)} of {widgets} widgets were connected")

    def frame(tick: int) -> None:
        for number, connection in enumerate(connections):
            if number % 4 == 3:
                connection.new_value_signal[int].emit(tick % 2)
            else:
                connection.new_value_signal[float].emit(tick + number / 1000)
        application.processEvents()

    def shown() -> Any:
        return window.screen().grabWindow(window.winId()).toImage()

    for tick in range(3):
        frame(tick)
    before = shown()
    frame(3)
    after = shown()
    places = [widget.geometry() for widget in window.findChildren(QWidget, options=Qt.FindDirectChildrenOnly)]
    same = sum(before.copy(place) == after.copy(place) for place in places)
    spent = []
    for tick in range(frames):
        began = time.process_time()
        frame(tick + 10)
        spent.append(time.process_time() - began)
    median_ms = 1000 * statistics.median(spent)
    figures = {
        "widgets": widgets,
        "build_s": round(built_s, 2),
        "all_changed_ms": round(median_ms, 1),
        "us_per_changed_widget": round(1000 * median_ms / widgets, 1),
        "pixels_changed": before != after,
        "widgets_unseen": same,
    }
    print(json.dumps(figures), flush=True)
    # PyDM's threads do not end in order; what was measured is said.
    os._exit(0)


main()
