"""Everything on a sheet that lives: symbols, values and flow arrows; what changed, what is visible, what to paint."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QRectF

from contracts.number_text import Language
from contracts.plant import Plant
from contracts.sample import now_us
from contracts.signal_list import Signal
from data.reading import NEVER_SEEN, Reading
from pid_renderer import ink, plates
from pid_renderer.binding import Binding
from pid_renderer.bubble import Bubble
from pid_renderer.drawing import Anchor, Box, Drawing, Element
from pid_renderer.flow import Flow
from pid_renderer.heater import Heater
from pid_renderer.live_state import Derived, ValueLook, derived_look, value_look
from pid_renderer.live_symbols import live_symbol
from pid_renderer.sheet_layers import SheetLayer, layer_of_family
from pid_renderer.sprites import Sprites
from pid_renderer.symbol import Canvas2D, LiveSymbol, paint_symbol
from pid_renderer.value_places import beside, own_labels
from pid_renderer.vessel import Vessel

_EDGE_PX = 2.0
"""How far a box's border stands out of the box."""

DERIVED_ROLES = ("volume", "rate")
"""Places for what no signal sends."""
_NOTHING_DERIVED = Derived("", "", "good")

_TICKS_PX = 12.0
"""What limits and design take of a vessel's inside."""

_FIRST = ("level", "flow")
"""Roles whose values stay longest when a small picture thins out."""


@dataclass
class Plate:
    """One value and where it stands."""

    signal: Signal
    code: str
    anchor: Anchor
    vessel: Vessel | None
    """The vessel whose free part the value stands in; None for a value beside its symbol."""
    shown: ValueLook | None = None
    hidden: bool = False
    """Thinned out at the present zoom."""
    heater: Heater | None = None
    """What computes the text from its own readings, and not the plant."""
    derived: str = ""
    """Role of a text that is computed and not measured; `signal` is then what it is computed from."""
    placed: tuple[float, ValueLook, Box] | None = None
    """Scale, look and box of the last `plate_box`: it is asked several times a frame."""


class LiveSheet:
    """The living part of one drawing."""

    def __init__(self, drawing: Drawing, binding: Binding, plant: Plant, language: Language) -> None:
        self.drawing, self.binding, self.plant = drawing, binding, plant
        self.language: Language = language
        self.readings: dict[str, Reading] = {}
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
        self.plates = [plate for plate in self._plates() if plate is not None]
        plated = frozenset(plate.signal.kks for plate in self.plates if not plate.derived)
        for symbol in self.symbols:
            symbol.plated = plated
        self.flow = Flow(drawing, binding)
        self._symbols_by_signal: dict[str, list[LiveSymbol]] = {}
        for symbol in self.symbols:
            for signal in symbol.signals():
                self._symbols_by_signal.setdefault(signal.kks, []).append(symbol)
        self._plates_by_signal: dict[str, list[Plate]] = {}
        for plate in self.plates:
            for kks in (plate.signal.kks,) if plate.heater is None else [s.kks for s in plate.heater.signals()]:
                self._plates_by_signal.setdefault(kks, []).append(plate)
        self.hidden: frozenset[SheetLayer] = frozenset()
        """Layers whose symbols are not painted; a symbol in alarm always is."""
        self._design = False
        self._folded = False
        self._unacknowledged: set[str] = set()
        self._sprites = Sprites()
        self._layout_zoom, self._layout_scale = 0.0, 1.0
        self._reach: dict[int, Box] = {}
        self._extents: dict[int, Box] = {}
        self._round: dict[int, tuple[list[LiveSymbol], list[Plate]]] = {}
        self.restart()

    def restart(self) -> None:
        """Look at everything again (new language, first readings)."""
        for symbol in self.symbols:
            symbol.shown = symbol.look(self.readings)
        for plate in self.plates:
            plate.shown = self._look(plate)
        self._flow_is_old = True
        self._layout_zoom = 0.0

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

    def _look(self, plate: Plate) -> ValueLook:
        if plate.heater is not None:
            return plate.heater.computed(self.readings, self.language)
        if plate.derived:
            return derived_look(self.derived.get((plate.code, plate.derived), _NOTHING_DERIVED))
        percent = plate.vessel is not None
        look = value_look(plate.signal, self.readings, self.language, self._now_us, percent=percent)
        if look.trust == "stale" and self._folded:
            look = look._replace(age="", bare=True)
        elif look.age and percent:
            # Inside a vessel there is no room beside the value.
            look = look._replace(age="", extra=look.age)
        return look if self._design or not look.deviation_step else look._replace(deviation_step=0, deviation="")

    def fold(self, folded: bool) -> bool:
        """Old values without a box each, where one mark over the whole drawing says it; whether that is new."""
        new = folded != self._folded
        self._folded = folded
        if new:
            self.restart()
        return new

    def show_design(self, shown: bool) -> None:
        """Whether values tell how far they are from design."""
        if shown != self._design:
            self._design = shown
            self.restart()

    def apply(self, changes: Mapping[str, Reading], now_us: int) -> tuple[list[LiveSymbol], list[Plate]]:
        """Take new readings at `now_us`; what must be painted again, with the old values that grew older."""
        self._now_us = now_us
        self.readings.update(changes)
        symbols: dict[int, LiveSymbol] = {}
        plates_: list[Plate] = []
        for kks, reading in changes.items():
            if reading.alarm is not None and reading.alarm.state == "unacknowledged":
                self._unacknowledged.add(kks)
            else:
                self._unacknowledged.discard(kks)
            for symbol in self._symbols_by_signal.get(kks, ()):
                symbols[id(symbol)] = symbol
        ageing = [
            plate
            for plate in self.plates
            if plate.derived or (plate.shown is not None and plate.shown.trust == "stale")
        ]
        touched = {id(plate): plate for kks in changes for plate in self._plates_by_signal.get(kks, ())}
        for plate in (touched | {id(plate): plate for plate in ageing}).values():
            look = self._look(plate)
            if look != plate.shown:
                if plate.shown is None or (look.abnormal != plate.shown.abnormal and self._layout_zoom < 0.5):
                    self._layout_zoom = 0.0
                plate.shown = look
                plates_.append(plate)
        dirty = []
        for symbol in symbols.values():
            seen = symbol.look(self.readings)
            if seen != symbol.shown:
                symbol.shown = seen
                dirty.append(symbol)
        self._flow_is_old = self._flow_is_old or bool(changes)
        return dirty, plates_

    def reading(self, kks: str) -> Reading:
        """The reading of a signal."""
        return self.readings.get(kks, NEVER_SEEN)

    # -- painting --------------------------------------------------------------------------------------------------

    def paint(self, on: Canvas2D, visible: Box, *, values: bool, on_paper: bool = False) -> None:
        """Paint all that lives and meets `visible` (mm); `on_paper` = strokes alone, no symbol left out."""
        self.lay_out(on.zoom, on.view.scale)
        symbols = [symbol for symbol in self.symbols if self._extents[id(symbol)].meets(visible)]
        plates_ = [plate for plate in self.plates if values and self.reach(plate, on.view.scale).meets(visible)]
        self._paint(on, visible, symbols, plates_, on_paper=on_paper)

    def round(self, item: LiveSymbol | Plate, visible: Box, *, values: bool) -> Iterator[LiveSymbol | Plate]:
        """`item` and what overlaps it inside `visible` (mm); valid after `lay_out`."""
        symbols, plates_ = self._round[id(item)]
        for symbol in symbols:
            if symbol is item or self._extents[id(symbol)].meets(visible):
                yield symbol
        if values:
            for plate in plates_:
                seen = plate.shown is not None and plate.shown.text and not plate.hidden
                if seen and (plate is item or self.plate_box(plate, self._layout_scale).meets(visible)):
                    yield plate

    def in_order(self, ids: Container[int]) -> Iterator[LiveSymbol | Plate]:
        """The items whose `id` is in `ids`, as they are painted one over the other."""
        yield from (symbol for symbol in self.symbols if id(symbol) in ids)
        yield from (plate for plate in self.plates if id(plate) in ids)

    def paint_item(self, on: Canvas2D, item: LiveSymbol | Plate) -> None:
        """Paint one item of `round`."""
        if isinstance(item, Plate):
            self._paint_plate(on, item)
        elif self._is_shown(item, on.zoom) and not self._sprites.paint(on, item):
            paint_symbol(on, item)

    def _paint(
        self,
        on: Canvas2D,
        visible: Box,
        symbols: list[LiveSymbol],
        plates_: list[Plate],
        *,
        on_paper: bool = False,
    ) -> None:
        painter = on.painter
        if on.flow:
            if self._flow_is_old:
                self.flow.judge(self.readings)
                self._flow_is_old = False
            painter.save()
            painter.translate(on.view.x, on.view.y)
            painter.scale(on.view.scale, on.view.scale)
            self.flow.paint(on, visible)
            painter.restore()
        for symbol in symbols:
            if on_paper:
                if not self._is_hidden(symbol):
                    paint_symbol(on, symbol)
            else:
                self.paint_item(on, symbol)
        for plate in plates_:
            if not plate.hidden and self.plate_box(plate, on.view.scale).meets(visible):
                self._paint_plate(on, plate)

    def extent(self, item: LiveSymbol | Plate, scale: float) -> Box:
        """What an item may have touched or may touch now, mm."""
        if isinstance(item, Plate):
            return self.reach(item, scale) if item.vessel is None else item.vessel.box
        return self._extents[id(item)]

    def reach(self, plate: Plate, scale: float) -> Box:
        """The widest a plate has been at this zoom, so that a longer text is wiped by a shorter one."""
        box = self.plate_box(plate, scale)
        known = self._reach.get(id(plate))
        if known is None or not known.holds(box):
            known = self._reach[id(plate)] = box if known is None else known.union(box)
        return known

    def _is_hidden(self, symbol: LiveSymbol) -> bool:
        layer = layer_of_family(symbol.element.family)
        return layer in self.hidden and getattr(symbol.shown, "alarm", None) is None

    def _is_shown(self, symbol: LiveSymbol, zoom: float) -> bool:
        if self.hidden and self._is_hidden(symbol):
            return False
        if zoom < 0.25:
            return isinstance(symbol, Vessel)
        return zoom >= 0.5 or not isinstance(symbol, Bubble) or symbol.shown != "good"

    def plate_box(self, plate: Plate, scale: float) -> Box:
        """Where a plate stands, mm, with room for its badge; for a value in a vessel all of the vessel's inside."""
        if plate.vessel is not None:
            return plate.vessel.shape.shell
        assert plate.shown is not None
        known = plate.placed
        if known is None or known[1] is not plate.shown or known[0] != scale:
            known = plate.placed = (scale, plate.shown, self._plate_box(plate, plate.shown, scale))
        return known[2]

    def _plate_box(self, plate: Plate, look: ValueLook, scale: float) -> Box:
        sizes = plates.fit(plate.anchor.size * scale / self.scale_100)
        wide, high = plates.width(look, sizes) / scale, plates.height(sizes) / scale
        room = plate.anchor.box
        badge = self._badge_room(plate, scale)
        left = {"left": room.left, "center": room.centre[0] - wide / 2, "right": room.right - wide}[
            plate.anchor.horizontal
        ]
        if plate.anchor.horizontal == "left":
            left += badge
        edge = _EDGE_PX / scale if plates.is_boxed(look) else 0.0
        y, half = room.centre[1], max(high, badge) / 2 + edge
        return Box(left - badge - edge, y - half, left + wide + edge, y + half)

    def _badge_room(self, plate: Plate, scale: float) -> float:
        """Millimetres a plate's alarm badge takes at its left."""
        assert plate.shown is not None
        sizes = plates.fit(plate.anchor.size * scale / self.scale_100)
        return 0.0 if plate.shown.alarm is None else 36.0 * sizes.zoom / scale

    def _paint_plate(self, on: Canvas2D, plate: Plate) -> None:
        look = plate.shown
        assert look is not None
        if plate.vessel is None:
            sizes = plates.fit(plate.anchor.size * on.zoom)
            area = self.plate_box(plate, on.view.scale)
            badge = self._badge_room(plate, on.view.scale)
            edge = _EDGE_PX / on.view.scale if plates.is_boxed(look) else 0.0
            left, middle = on.view.to_px((area.left + badge + edge, plate.anchor.box.centre[1]))
            plates.paint(on.painter, left, middle, look, sizes, on.colors, lit=on.lit, alarms=on.alarms)
            return
        self._paint_in_vessel(on, plate.vessel, look)

    def _paint_in_vessel(self, on: Canvas2D, vessel: Vessel, look: ValueLook) -> None:
        """The level in the larger of liquid and vapour, never across the surface, its percent below."""
        shell, surface = vessel.shape.shell, vessel.surface()
        room = on.view.box_px(shell)
        top, bottom = room.top, room.bottom
        if surface is not None:
            _, y = on.view.to_px((0.0, surface))
            top, bottom = (y, bottom) if bottom - y >= y - top else (top, y)
        grown = min(on.zoom, 2.0 * shell.width * on.view.scale / 240.0)
        sizes = plates.fit(max(grown, 0.66), tank=True)
        if plates.width(look, sizes) > room.width - _TICKS_PX:
            # A small vessel says the number; its unit is one click away.
            look = look._replace(unit="")
        badge = 24.0 * sizes.zoom if look.alarm is not None and on.alarms else 0.0
        wide = plates.width(look, sizes)
        if wide + badge > room.width:
            sizes = plates.fit(max(grown * room.width / (wide + badge), 0.5), tank=True)
            wide = plates.width(look, sizes)
        high = plates.height(sizes)
        extra_px = max(11, round(13 * sizes.zoom))
        with_extra = bool(look.extra) and bottom - top > high + 1.6 * extra_px
        middle = (top + bottom) / 2 - (0.55 * extra_px if with_extra else 0.0)
        centre, _ = on.view.to_px((vessel.text_at, 0.0))
        shift = badge / 2
        left = min(centre - wide / 2 + shift, room.right - wide - 2.0)
        left = max(left, room.left + 2.0 + 2 * shift)
        plates.paint(on.painter, left, middle, look, sizes, on.colors, lit=on.lit, alarms=on.alarms)
        if with_extra:
            plates.paint_centred(
                on.painter, centre, middle + high / 2 + 0.6 * extra_px, look.extra, extra_px, on.colors
            )

    def lay_out(self, zoom: float, scale: float) -> None:
        """Under 50 % values thin out: the abnormal stay, then levels and flows, then what still finds room."""
        if zoom == self._layout_zoom:
            return
        self._layout_zoom, self._layout_scale = zoom, scale
        self._reach = {}
        self._thin_out(zoom, scale)
        self._round = {}
        self._extents = {id(symbol): symbol.box.grown(symbol.reach_px / scale) for symbol in self.symbols}
        items: list[LiveSymbol | Plate] = [*self.symbols, *self.plates]
        extents = [self.extent(item, scale) for item in items]
        for item, box in zip(items, extents, strict=True):
            # A plate may grow by a badge and a sign before the next lay-out.
            wide = box.grown(60.0 / scale) if isinstance(item, Plate) else box
            near = [other for other, its in zip(items, extents, strict=True) if its.meets(wide)]
            self._round[id(item)] = (
                [other for other in near if isinstance(other, LiveSymbol)],
                [other for other in near if isinstance(other, Plate)],
            )

    def _thin_out(self, zoom: float, scale: float) -> None:
        if zoom >= 0.5:
            for plate in self.plates:
                plate.hidden = False
            return
        taken: list[Box] = []

        def rank(plate: Plate) -> tuple[bool, int]:
            role = plate.signal.role
            abnormal = plate.shown is not None and plate.shown.abnormal
            return not abnormal, _FIRST.index(role) if role in _FIRST else len(_FIRST)

        for plate in sorted(self.plates, key=rank):
            box = self.plate_box(plate, scale)
            abnormal = plate.shown is not None and plate.shown.abnormal
            small = plate.vessel is not None and plate.vessel.shape.shell.width * scale < 44
            plate.hidden = not abnormal and (
                zoom < 0.25 or small or bool(plate.derived) or any(box.meets(other) for other in taken)
            )
            if not plate.hidden:
                taken.append(box)

    def has_blinking(self) -> bool:
        """Whether any alarm waits to be acknowledged."""
        return bool(self._unacknowledged)

    def blinking(self) -> tuple[list[LiveSymbol], list[Plate]]:
        """What repaints at the blink's edges."""
        tags = self._unacknowledged
        symbols = {id(s): s for kks in tags for s in self._symbols_by_signal.get(kks, ())}
        return list(symbols.values()), [p for kks in tags for p in self._plates_by_signal.get(kks, ())]

    def outstanding(self, elements: Collection[str], scale: float) -> tuple[Box, ...]:
        """Where (mm) values of some elements (ids) stand, and everything abnormal: what nothing may dim."""
        found = [
            self.plate_box(plate, scale)
            for plate in self.plates
            if plate.shown is not None
            and not plate.hidden
            and (plate.shown.abnormal or self.binding.element_ids.get(plate.code) in elements)
        ]
        found += [symbol.box for symbol in self.symbols if getattr(symbol.shown, "alarm", None) is not None]
        return tuple(found)

    def element(self, code: str) -> Element | None:
        """The element a code or a signal's KKS stands for; one without a code goes by its id."""
        id_ = self.binding.element_ids.get(code) or self.binding.element_ids.get(
            self.binding.code_of_signal.get(code, "")
        )
        return self.drawing.elements.get(id_ or code)


def _inside(vessel: Vessel) -> Anchor:
    return Anchor(vessel.element.id, "level", "", vessel.shape.shell, "center")


def rect(box: Box) -> QRectF:
    """A pixel box as Qt's."""
    return QRectF(box.left, box.top, box.width, box.height)
