"""The trace on the screen: its mark on each open sheet, and the card that says what it passes."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QObject
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QWidget

from app.sheet_jumps import SheetJumps
from app.sheet_tabs import SheetTabs, Tab
from app.tracing import Trace, Tracer
from pid_renderer.route import Direction
from resources.words import t
from widgets.signal_words import shown
from widgets.trace_card import TraceCard, Traced


class TraceView(QObject):
    """At most one trace at a time, of one plant."""

    item_chosen = QtSignal(int, str)
    """Drawing number and code of something on the way."""
    sheet_chosen = QtSignal(int)

    def __init__(self, tabs: SheetTabs, stage: QWidget) -> None:
        super().__init__(tabs)
        self._tabs = tabs
        self._tracers: dict[str, Tracer] = {}
        self._tracer: Tracer | None = None
        self._refinery = ""
        self._start = ("", 0, "")
        self.trace: Trace | None = None
        self.card = TraceCard(stage)
        self.card.move(12, 12)
        self.card.closed.connect(self.end)
        self.card.direction_chosen.connect(self._turn)
        self.card.chosen.connect(self.item_chosen)
        self.card.sheet_chosen.connect(self.sheet_chosen)

    def start(self, tab: Tab, jumps: SheetJumps, code: str, direction: Direction = "both") -> bool:
        """Follow from a code of a sheet; False for one that is not on it."""
        element = tab.canvas.live.element(code) if tab.canvas.live is not None else None
        if element is None:
            return False
        self._refinery = tab.live.plant.refinery
        self._tracer = self._tracers.setdefault(self._refinery, Tracer(jumps))
        self._start = (code, tab.number, element.id)
        self._follow(direction)
        return True

    def end(self) -> None:
        """No trace any more, on no sheet."""
        self.trace = None
        self.card.hide()
        for tab in self._tabs.tabs:
            tab.canvas.show_route(None)

    def mark(self, tab: Tab) -> None:
        """Show on a sheet what the trace passes there."""
        here = self.trace is not None and tab.live.plant.refinery == self._refinery
        route = self.trace.routes.get(tab.number) if self.trace is not None and here else None
        tab.canvas.show_route(route)
        self.card.setVisible(here)
        if here:
            self._say(tab)

    def _turn(self, direction: str) -> None:
        self._follow(cast("Direction", direction))

    def _follow(self, direction: Direction) -> None:
        assert self._tracer is not None
        self.trace = self._tracer.trace(*self._start, direction)
        tab = self._tabs.current
        for other in self._tabs.tabs:
            if other is not tab:
                other.canvas.show_route(None)
        if tab is not None:
            self.mark(tab)

    def _say(self, tab: Tab) -> None:
        trace, tracer = self.trace, self._tracer
        assert trace is not None
        assert tracer is not None
        jumps, drawings = tracer.jumps, tab.live.plant.drawings
        names = [
            (item.kks or item.tag, item.text("EquipmentDescription", "Description"), number)
            for number, item in trace.equipment(jumps)
        ]
        instruments = sum(len(route.instruments) for route in trace.routes.values())
        counts = t("trace.counts", equipment=len(names), valves=trace.count(jumps, "valve"), instruments=instruments)
        empty = not any(route.up or route.down for route in trace.routes.values())
        sheets = [(number, drawings[number].title) for number in trace.routes if number != tab.number]
        self.card.show_trace(
            Traced(
                t("trace.title", tag=self._name(trace, jumps)),
                trace.direction,
                t("trace.nothing") if empty else counts,
                names,
                sheets,
                [
                    *(t("trace.enters", where=where) for where in trace.comes),
                    *(t("trace.leaves", where=where) for where in trace.leaves),
                    *(t("trace.note", what=what) for what in trace.notes),
                ],
            )
        )

    @staticmethod
    def _name(trace: Trace, jumps: SheetJumps) -> str:
        """What the route began at; a thing without a tag goes by its kind."""
        sheet = jumps.sheet(trace.home)
        element = sheet.drawing.elements.get(trace.code) if sheet is not None else None
        if element is None:
            return shown(trace.code)
        return t(f"family.{element.family.replace(' ', '_')}") if element.family != "other" else element.id
