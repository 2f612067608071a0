"""Everything on a sheet that lives: symbols, values and flow arrows; what changed, what is visible, what to paint."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from contracts.number_text import Language
from contracts.plant import Plant
from contracts.sample import now_us
from data.reading import NEVER_SEEN, Reading
from data.reading_table import ReadingTable
from pid_renderer import ink, plates
from pid_renderer.binding import Binding
from pid_renderer.bubble import Bubble
from pid_renderer.drawing import Anchor, Box, Drawing, Element, Point
from pid_renderer.flow import Flow
from pid_renderer.heater import Heater
from pid_renderer.live_columns import GOOD, STALE, LiveColumns
from pid_renderer.live_state import Derived, ValueLook, derived_look, value_look
from pid_renderer.live_symbols import live_symbol
from pid_renderer.occupied import Occupied
from pid_renderer.plate import Plate
from pid_renderer.sheet_layers import SheetLayer, layer_of_family
from pid_renderer.sheet_obstacles import SheetObstacles
from pid_renderer.symbol import Canvas2D, LiveSymbol, paint_symbol
from pid_renderer.value_form import FORMS, written
from pid_renderer.value_forms import Arrangement, ValueForms
from pid_renderer.value_places import beside, own_labels
from pid_renderer.vessel import Vessel

_EDGE_PX = 2.0
"""How far a box's border stands out of the box."""

DERIVED_ROLES = ("volume", "rate")
"""Places for what no signal sends."""
_NOTHING_DERIVED = Derived("", "", "good")

_THIN_UNDER: Final = 0.5
_ONLY_ABNORMAL_UNDER: Final = 0.25
"""Zooms under which values thin out, and under which only what is abnormal has a plate."""
_MOST_ROUND_ABNORMAL: Final = 400
"""Where more is abnormal than this, nobody looks for a calm value on a small picture."""
_SMALLEST_VESSEL_PX: Final = 44.0
_LARGEST_OF_ROOM: Final = 2.0
"""A plate may be so many times as high as the room the file keeps for it."""
_REACH_PX: Final = 160.0
"""No plate stands out further from its anchor."""

_FIRST = ("level", "flow")
"""Roles whose values stay longest when a small picture thins out."""


class LiveSheet:
    """The living part of one drawing."""

    def __init__(self, drawing: Drawing, binding: Binding, plant: Plant, language: Language) -> None:
        self.drawing, self.binding, self.plant = drawing, binding, plant
        self.language: Language = language
        self.readings = ReadingTable([signal.kks for signal in plant.signals])
        self.derived: Mapping[tuple[str, str], Derived] = {}
        """By code and role, the texts that stand at places of `DERIVED_ROLES`."""
        self._now_us = now_us()
        self.scale_100 = ink.reading_scale(drawing)
        self.symbols: list[LiveSymbol] = []
        for code, id_ in binding.element_ids.items():
            symbol = live_symbol(drawing, drawing.elements[id_], code, binding)
            if symbol is not None:
                self.symbols.append(symbol)
        self.symbols.sort(key=lambda symbol: symbol.order)
        self.symbol_of = {symbol.code: symbol for symbol in self.symbols}
        for tank in plant.tanks:
            vessel = self.symbol_of.get(tank.kks)
            if isinstance(vessel, Vessel) and tank.service:
                vessel.product = tank.service
        self.plates = [plate for plate in self._plates() if plate is not None]
        plated = frozenset(plate.signal.kks for plate in self.plates if not plate.derived)
        for symbol in self.symbols:
            symbol.plated = plated
        for plate in self.plates:
            plate.look = self.look
        self.flow = Flow(drawing, binding)
        self.columns = LiveColumns(plant.signals)
        self.hidden: frozenset[SheetLayer] = frozenset()
        """Layers whose symbols are not painted; a symbol in alarm always is."""
        self.design = False
        """Whether values tell how far they are from design."""
        self.folded = False
        """Whether one mark over the whole drawing says that the values are old."""
        self.version = 0
        """Counts what changes every look at once: language, fold, lens."""
        self._tick = 0
        self._layout: Layout | None = None

    def restart(self) -> None:
        """Look at everything again (new language, other words)."""
        self.version += 1
        self._layout = None

    def owners_drawn_live(self) -> set[str]:
        """Elements whose strokes the live symbols draw, so the static sheet leaves them out."""
        owners: set[str] = set()
        for symbol in self.symbols:
            owners |= symbol.owners()
        return owners

    # -- values ----------------------------------------------------------------------------------------------------

    def _plates(self) -> Iterable[Plate | None]:
        """One plate at each anchor of the file; where the file keeps no room, beside the symbol."""
        with_anchor: set[str] = set()
        elsewhere = {(a.element, a.signal) for a in self.drawing.anchors if a.by_hand in ("moved", "hidden")}
        for anchor in (*self.drawing.anchors, *own_labels(self.drawing)):
            code = self.binding.code_of.get(anchor.element, "")
            if anchor.by_hand == "hidden":
                with_anchor.add(code)
                continue
            if anchor.role in DERIVED_ROLES and not anchor.signal:
                of = self.binding.signal(code, "level")
                if of is not None:
                    yield Plate(of, code, anchor, None, derived=anchor.role)
                continue
            signal = self.plant.by_kks.get(anchor.signal) if anchor.signal else None
            if signal is None and not anchor.signal:
                signal = self.binding.signal(code, anchor.role) if anchor.role else self.binding.main(code)
            if signal is None or (not anchor.by_hand and (anchor.element, signal.kks) in elsewhere):
                continue
            symbol = self.symbol_of.get(code)
            inside = isinstance(symbol, Vessel) and symbol.level is not None and symbol.level.kks == signal.kks
            if anchor.by_hand == "added":
                yield Plate(signal, code, anchor, None)
                continue
            # The transmitter whose value stands elsewhere, in its tank say, does not show it a second time.
            with_anchor.update((code, self.binding.code_of_signal.get(signal.kks, code)))
            inside = inside and not anchor.by_hand
            yield Plate(signal, code, anchor, symbol if inside and isinstance(symbol, Vessel) else None)
        keeps_room = any(not anchor.by_hand for anchor in self.drawing.anchors)
        for symbol in self.symbols:
            if symbol.code in with_anchor or (keeps_room and not isinstance(symbol, Vessel | Bubble)):
                # A file that keeps room for values says by its silence that none is wanted beside this drive or valve.
                continue
            if isinstance(symbol, Vessel):
                if symbol.level is not None:
                    with_anchor.add(self.binding.code_of_signal.get(symbol.level.kks, symbol.code))
                    yield Plate(symbol.level, symbol.code, _inside(symbol), symbol)
                continue
            if isinstance(symbol, Heater) and symbol.computes is not None:
                yield Plate(symbol.computes, symbol.code, self._beside(symbol), None, derived="duty", heater=symbol)
                continue
            here = [signal for signal in self.binding.signals_at.get(symbol.code, ()) if signal.kind == "analog"]
            if here:
                main = self.binding.main(symbol.code)
                shown = main if main in here and main is not None else here[0]
                yield Plate(shown, symbol.code, self._beside(symbol), None)

    def _beside(self, symbol: LiveSymbol) -> Anchor:
        return beside(self.drawing, symbol.element, symbol.box)

    def look(self, plate: Plate) -> ValueLook:
        """How a plate looks by the readings of the moment, written as far as it has room."""
        look = self._full_look(plate)
        return written(look, plate.forms[plates.state_of(look)])

    def _full_look(self, plate: Plate) -> ValueLook:
        if plate.heater is not None:
            return plate.heater.computed(self.readings, self.language)
        if plate.derived:
            return derived_look(self.derived.get((plate.code, plate.derived), _NOTHING_DERIVED))
        percent = plate.vessel is not None
        look = value_look(plate.signal, self.readings, self.language, self._now_us, percent=percent)
        if look.trust == "stale" and self.folded:
            look = look._replace(age="", bare=True)
        elif look.age and percent:
            # Inside a vessel there is no room beside the value.
            look = look._replace(age="", extra=look.age)
        return look if self.design or not look.deviation_step else look._replace(deviation_step=0, deviation="")

    def fold(self, folded: bool) -> bool:
        """Old values without a box each, where one mark over the whole drawing says it; whether that is new."""
        new = folded != self.folded
        self.folded = folded
        if new:
            self.restart()
        return new

    def show_design(self, shown: bool) -> None:
        """Whether values tell how far they are from design."""
        if shown != self.design:
            self.design = shown
            self.restart()

    def follow(self, table: ReadingTable) -> None:
        """Take readings from a table of the plant's signals from now on."""
        if table is not self.readings and table.tags == self.readings.tags:
            self.readings, self._tick = table, 0

    def apply(self, changes: Mapping[str, Reading], now_us: int) -> NDArray[np.bool_]:
        """Take new readings at `now_us`: for each signal, and for none, whether what shows it must be looked at again.

        That is what changed in the table it follows too, and old values, which grow older.
        """
        self._now_us = now_us
        for kks, reading in changes.items():
            self.readings.put(kks, reading)
        rows, self._tick = self.readings.since(self._tick), self.readings.tick
        abnormal = self.abnormal
        self.columns.take(self.readings, rows)
        news = np.zeros(len(self.columns.trust), bool)
        news[rows] = True
        if not self.folded:
            news |= self.columns.trust == STALE
        if self._layout is not None and self._layout.thin and (abnormal != self.abnormal).any():
            self._layout = None
        return news

    def reading(self, kks: str) -> Reading:
        """The reading of a signal."""
        return self.readings.get(kks, NEVER_SEEN)

    @property
    def abnormal(self) -> NDArray[np.bool_]:
        """By row of the columns: what must never thin out."""
        trust, alarm = self.columns.trust, self.columns.alarm
        odd = (trust != GOOD) & ~(trust == STALE) if self.folded else trust != GOOD
        found: NDArray[np.bool_] = odd | ((alarm > 0) & ~((trust == STALE) & self.folded))
        return found

    # -- painting --------------------------------------------------------------------------------------------------

    def paint(self, on: Canvas2D, visible: Box, *, values: bool) -> None:
        """Paint all that lives and meets `visible` (mm), stroke by stroke: for pictures, print and PDF."""
        painter = on.painter
        if on.flow:
            self.flow.judge(self.readings)
            painter.save()
            painter.translate(on.view.x, on.view.y)
            painter.scale(on.view.scale, on.view.scale)
            self.flow.paint(on, visible)
            painter.restore()
        for symbol in self.symbols:
            reach = symbol.box.grown(symbol.reach_px / on.view.scale)
            if reach.meets(visible):
                symbol.shown = symbol.look(self.readings)
                if not self.is_hidden(symbol):
                    paint_symbol(on, symbol)
        before = self._layout
        hidden = self.layout(on.zoom, on.view.scale).hidden
        for plate, out in zip(self.plates, hidden.tolist(), strict=True):
            if values and not out and self.plate_box(plate, on.view.scale).meets(visible):
                self._paint_plate(on, plate)
        if before is not None and before is not self._layout:
            # A picture at another zoom leaves the window's values where they are.
            self._layout = before
            self._place(before.stands)
            self._hide(before.hidden)

    def is_hidden(self, symbol: LiveSymbol) -> bool:
        """Whether its layer is left out and nothing about it is wrong; by what it shows."""
        layer = layer_of_family(symbol.element.family)
        return layer in self.hidden and getattr(symbol.shown, "alarm", None) is None

    def plate_box(self, plate: Plate, scale: float) -> Box:
        """Where a plate stands, mm, with room for its badge; for a value in a vessel all of the vessel's inside."""
        if plate.vessel is not None:
            return plate.vessel.shape.shell
        look, sizes = plate.shown, self._sizes(plate, scale / self.scale_100)
        wide, high = plates.width(look, sizes) / scale, plates.height(sizes, look.room) / scale
        left, y = self._left_px(plate, look, sizes) / scale + plate.x, plate.y
        badge = plates.BADGE_PX * sizes.zoom / scale if look.alarm is not None else 0.0
        edge = _EDGE_PX / scale if plates.is_boxed(look) else 0.0
        half = max(high, badge) / 2 + edge
        return Box(left - badge - edge, y - half, left + wide + edge, y + half)

    @staticmethod
    def _sizes(plate: Plate, zoom: float) -> plates.Fit:
        return plates.fit(plate.anchor.size * zoom)

    @staticmethod
    def _left_px(plate: Plate, look: ValueLook, sizes: plates.Fit) -> float:
        return plates.left_of(look, sizes, plate.anchor.horizontal, plates.width(look, sizes))

    def _paint_plate(self, on: Canvas2D, plate: Plate) -> None:
        look = plate.shown
        if plate.vessel is not None:
            self._paint_in_vessel(on, plate.vessel, look)
            return
        sizes = self._sizes(plate, on.zoom)
        x, middle = on.view.to_px((plate.x, plate.y))
        left, middle = on.snapped(x + self._left_px(plate, look, sizes)), on.snapped(middle)
        plates.paint(on.painter, left, middle, look, sizes, on.colors, lit=on.lit, alarms=on.alarms)

    @staticmethod
    def _paint_in_vessel(on: Canvas2D, vessel: Vessel, look: ValueLook) -> None:
        """The level in the larger of liquid and vapour, never across the surface, its percent below."""
        room_mm, surface = vessel.shape.shell, vessel.surface()
        shell = on.view.box_px(room_mm)
        top, bottom = shell.top, shell.bottom
        if surface is not None:
            _, y = on.view.to_px((0.0, surface))
            # As in the copied pictures: half a pixel, so that rounding does not choose the side of a half-full tank.
            top, bottom = (y, bottom) if bottom - y >= y - top - 0.5 else (top, y)
        centre, _ = on.view.to_px((vessel.text_at, 0.0))
        room = plates.Room(centre - shell.left, shell.right - centre)
        nominal = room.fit(on.zoom)
        high, extra_px = plates.height(nominal), plates.extra_px(nominal)
        look, sizes, left = room.put(look, on.zoom, alarms=on.alarms)
        with_extra = bool(look.extra) and bottom - top > high + 1.6 * extra_px
        middle = (top + bottom) / 2 - (0.55 * extra_px if with_extra else 0.0)
        below = middle + high / 2 + 0.6 * extra_px
        left, line = on.snapped(centre + left), on.snapped(middle)
        plates.paint(on.painter, left, line, look, sizes, on.colors, lit=on.lit, alarms=on.alarms)
        if with_extra:
            plates.paint_centred(on.painter, on.snapped(centre), on.snapped(below), look.extra, extra_px, on.colors)

    # -- room ------------------------------------------------------------------------------------------------------

    def layout(self, zoom: float, scale: float) -> Layout:
        """Which values are shown at a zoom, and where; made anew where the zoom or what is abnormal changed."""
        if self._layout is None or self._layout.zoom != zoom:
            arranged = self.arrange(zoom, scale)
            assert arranged is not None
            thin, small = zoom < _THIN_UNDER, self._small(zoom, scale)
            stands = np.concatenate([arranged.forms.T, arranged.shifts / scale], axis=1)
            self._place(stands)
            hidden = self._thinned(zoom, scale, small)
            self._layout = Layout(zoom, thin, hidden, small, arranged, stands)
            self._hide(hidden)
        return self._layout

    def _place(self, stands: NDArray[np.float64]) -> None:
        """Tell the plates where they stand and how much of them is written."""
        moved = np.flatnonzero((stands != self._stands).any(axis=1))
        for place, (calm, marked, alarmed, x, y) in zip(moved.tolist(), stands[moved].tolist(), strict=True):
            self.plates[place].forms = FORMS[int(calm)], FORMS[int(marked)], FORMS[int(alarmed)]
            self.plates[place].shift_mm = x, y
        self._stands = stands

    def _hide(self, hidden: NDArray[np.bool_]) -> None:
        for plate, out in zip(self.plates, hidden.tolist(), strict=True):
            plate.hidden = out

    def arrange(self, zoom: float, scale: float, budget_s: float = float("inf")) -> Arrangement | None:
        """Where the values stand at a zoom and how much of each is written; None if it takes longer than so."""
        wanted = ~self._small(zoom, scale)
        return self._value_forms.at(wanted, scale, zoom, self.language, design=self.design, budget_s=budget_s)

    @cached_property
    def _value_forms(self) -> ValueForms:
        return ValueForms(self.plates, SheetObstacles(self.drawing))

    @cached_property
    def _stands(self) -> NDArray[np.float64]:
        """Of each plate, its forms and how far it stands from its anchor: as last told it."""
        return np.zeros((len(self.plates), 5))

    def _small(self, zoom: float, scale: float) -> NDArray[np.bool_]:
        """Which values have no room for their number."""
        return ~self._legible(scale) if zoom < _THIN_UNDER else np.zeros(len(self.plates), bool)

    @cached_property
    def _plate_rows(self) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Of each plate: its row in the columns, and whether its text is computed."""
        rows = [self.columns.rows.get(plate.signal.kks, self.columns.none) for plate in self.plates]
        return np.array(rows, np.int64), np.array([bool(plate.derived) for plate in self.plates], bool)

    def _thinned(self, zoom: float, scale: float, small: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Under 50 % values thin out: the abnormal stay, then levels and flows, then what still finds room."""
        count = len(self.plates)
        if zoom >= _THIN_UNDER:
            return np.zeros(count, bool)
        rows, computed = self._plate_rows
        abnormal = self.abnormal[rows] & ~computed
        hidden: NDArray[np.bool_] = ~abnormal
        if zoom < _ONLY_ABNORMAL_UNDER or np.count_nonzero(abnormal) > _MOST_ROUND_ABNORMAL:
            return hidden
        taken = Occupied(60.0 / scale)
        for number in np.flatnonzero(abnormal).tolist():
            taken.take(self.plate_box(self.plates[number], scale))
        wanted = np.flatnonzero(hidden & ~computed & ~small).tolist()
        for number in sorted(wanted, key=lambda n: _rank(self.plates[n])):
            box = self.plate_box(self.plates[number], scale)
            if taken.is_free(box):
                taken.take(box)
                hidden[number] = False
        return hidden

    def _legible(self, scale: float) -> NDArray[np.bool_]:
        """Which values have a place of about their own size: a number over three others tells nothing."""
        zoom = scale / self.scale_100
        high = {size: plates.height(plates.fit(size * zoom)) for size in {plate.anchor.size for plate in self.plates}}
        wide, room, size, inside, by_hand = self._rooms
        heights = np.array([high[each] for each in size.tolist()])
        found: NDArray[np.bool_] = np.where(
            inside, wide * scale >= _SMALLEST_VESSEL_PX, by_hand | (heights <= _LARGEST_OF_ROOM * room * scale)
        )
        return found

    @cached_property
    def _rooms(self) -> tuple[NDArray[Any], ...]:
        """Of each plate: the width and height of its room, mm, its size, whether in a vessel, whether put by hand."""
        boxes = [plate.anchor.box if plate.vessel is None else plate.vessel.element.box for plate in self.plates]
        return (
            np.array([0.0 if box is None else box.width for box in boxes]),
            np.array([0.0 if box is None else box.height for box in boxes]),
            np.array([plate.anchor.size for plate in self.plates], np.float64),
            np.array([plate.vessel is not None for plate in self.plates], bool),
            np.array([bool(plate.anchor.by_hand) for plate in self.plates], bool),
        )

    def plate_at(self, point: Point, scale: float) -> Plate | None:
        """The value beside a symbol that is shown at a point, mm."""
        x, y = point
        here, reach_x, reach_y = Box(*point, *point), _REACH_PX / scale, 0.25 * _REACH_PX / scale
        for plate in self.plates:
            room = plate.anchor.box
            near = abs(room.centre[0] - x) < room.width + reach_x and abs(room.centre[1] - y) < room.height + reach_y
            if near and not plate.hidden and plate.vessel is None and self.plate_box(plate, scale).meets(here):
                return plate
        return None

    def has_blinking(self) -> bool:
        """Whether any alarm waits to be acknowledged."""
        return bool(self.columns.unacknowledged.size)

    def outstanding(self, elements: Collection[str], scale: float) -> tuple[Box, ...]:
        """Where (mm) values of some elements (ids) stand, and everything abnormal: what nothing may dim."""
        abnormal, rows, none = self.abnormal, self.columns.rows, self.columns.none
        found = [
            self.plate_box(plate, scale)
            for plate in self.plates
            if not plate.hidden
            and (
                (abnormal[rows.get(plate.signal.kks, none)] and not plate.derived)
                or self.binding.element_ids.get(plate.code) in elements
            )
        ]
        alarm = self.columns.alarm
        found += [
            symbol.box
            for symbol in self.symbols
            if any(alarm[rows.get(s.kks, none)] and s.kks not in symbol.plated for s in symbol.signals())
        ]
        return tuple(found)

    def element(self, code: str) -> Element | None:
        """The element a code or a signal's KKS stands for; one without a code goes by its id."""
        id_ = self.binding.element_ids.get(code) or self.binding.element_ids.get(
            self.binding.code_of_signal.get(code, "")
        )
        return self.drawing.elements.get(id_ or code)


class Layout(NamedTuple):
    """What is shown at one zoom."""

    zoom: float
    thin: bool
    hidden: NDArray[np.bool_]
    """By plate."""
    small: NDArray[np.bool_]
    """By plate: it has no room for its number; where something about it is wrong only the marks of that are shown."""
    arranged: Arrangement
    stands: NDArray[np.float64]
    """Of each plate: its forms by state and how far it stands from its anchor, mm."""


def _rank(plate: Plate) -> int:
    role = plate.signal.role
    return _FIRST.index(role) if role in _FIRST else len(_FIRST)


def _inside(vessel: Vessel) -> Anchor:
    box = vessel.element.box
    assert box is not None
    return Anchor(vessel.element.id, "level", "", box, "center")


def rect(box: Box) -> QRectF:
    """A pixel box as Qt's."""
    return QRectF(box.left, box.top, box.width, box.height)
