"""All values of a sheet at one zoom: one picture for all of a plate but its digits, and ten pictures for digits.

A plate's picture is shared by all that have the same unit, marks and number of digits, so a new value costs no text
layout: its digits are computed for all plates at once. What is written in words, an age or a deviation, has a picture
of its own; there are few of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter

from contracts.number_text import Language, number
from data.reading import AlarmMark
from data.reading_table import ALARM_CODES, ALARM_STATES
from pid_renderer import paint_box, plates
from pid_renderer.atlas import Atlas, Fragments, X, Y, picture
from pid_renderer.live_columns import BAD, FORCED, GOOD, LAST_KNOWN, STALE, TRUSTS, LiveColumns
from pid_renderer.live_state import MISSING, BoxRoom, ValueLook
from pid_renderer.plate import Plate
from pid_renderer.plates import BLANK, Fit, Room
from pid_renderer.symbol import Canvas2D
from pid_renderer.symbol_batch import Index, Scale
from pid_renderer.value_form import FORMS, Form, State, written
from pid_renderer.value_forms import Arrangement

SLOTS: Final = 14
PARTS: Final = 1 + SLOTS
_PHASES: Final = 4
"""Places of a digit inside a pixel: as many as Qt's own text has."""
_POWERS: Final = 10 ** np.arange(18, dtype=np.int64)
_MOST_DIGITS: Final = 13
_TIE: Final = 1e-6
_BESIDE_PX: Final = 60.0
"""How far a badge stands out of a plate."""


class Face(NamedTuple):
    """What the picture of a plate depends on and no reading changes."""

    unit: str
    sizes: Fit
    horizontal: str
    room: Room | None
    """Of a value in a vessel: the room it has."""
    extra_px: int
    """Size of a vessel's second line where this is it; else 0."""
    height: BoxRoom


class _Template(NamedTuple):
    """A plate without its digits."""

    picture: int
    left: float
    """From the anchor to its left edge, device pixels."""
    slots: tuple[tuple[int, int, int], ...]
    """Of each digit: pixels from the left edge, from the middle line, and the number of the picture of its 0."""


class Texts(NamedTuple):
    """What of a sheet's state decides how values look, beside their readings."""

    language: Language
    design: bool
    folded: bool
    look: Callable[[Plate], ValueLook]
    """A plate's look in words."""


class _Group(NamedTuple):
    """What plates have in common whatever the zoom."""

    unit: str
    size: float
    horizontal: str
    before_mm: float
    """In a vessel: from its left wall to the middle of the value, and from there to its right wall; else both 0."""
    after_mm: float
    second: bool


class NumberPlaces:
    """Where the plates of a sheet stand, in painting order, and the second lines of those in vessels behind them."""

    def __init__(self, plates_: Sequence[Plate], columns: LiveColumns) -> None:
        self.plates = plates_
        inside = [place for place, plate in enumerate(plates_) if plate.vessel is not None]
        self.of = np.array([*range(len(plates_)), *inside], np.int64)
        """The plate each row belongs to."""
        self.second = np.arange(len(self.of)) >= len(plates_)
        known: dict[_Group, int] = {}
        groups, x, y, top, bottom = [], [], [], [], []
        for place, second in zip(self.of.tolist(), self.second.tolist(), strict=True):
            plate = plates_[place]
            if plate.vessel is None:
                group = _Group(plate.signal.unit, plate.anchor.size, plate.anchor.horizontal, 0.0, 0.0, False)
                x.append(plate.anchor.x)
                y.append(plate.anchor.box.centre[1])
                top.append(0.0)
                bottom.append(0.0)
            else:
                shell, at = plate.vessel.shape.shell, plate.vessel.text_at
                unit = "" if second else plate.signal.unit
                group = _Group(unit, 1.0, "center", round(at - shell.left, 3), round(shell.right - at, 3), second)
                x.append(at)
                y.append(0.0)
                top.append(shell.top)
                bottom.append(shell.bottom)
            groups.append(known.setdefault(group, len(known)))
        self.groups = list(known)
        self.group = np.array(groups, np.int64)
        self.x, self.y, self.top, self.bottom = np.array(x), np.array(y), np.array(top), np.array(bottom)
        """Anchor, and the inside of the vessel round it, mm."""
        signals = [plates_[place].signal for place in self.of.tolist()]
        self.row = np.array([columns.rows.get(signal.kks, columns.none) for signal in signals], np.int64)
        decimals = np.array([min(9, max(0, signal.decimals)) for signal in signals], np.int64)
        self.decimals = np.where(self.second, 0, decimals)
        self.computed = np.array([bool(plates_[place].derived) for place in self.of.tolist()], bool)


class NumberBatch:
    """The plates of a sheet at one zoom."""

    def __init__(
        self,
        places: NumberPlaces,
        columns: LiveColumns,
        atlas: Atlas,
        scale: Scale,
        texts: Texts,
        small: NDArray[np.bool_],
        arranged: Arrangement,
    ) -> None:
        """`small`: by plate, only marks of what is wrong are shown; `arranged`: where each stands, how long it is."""
        self._small = small[places.of]
        self._plates, self._columns, self._atlas, self.scale = places.plates, columns, atlas, scale
        self.texts = texts
        self._of, self._second, self._row = places.of, places.second, places.row
        self._decimals, self._computed = places.decimals, places.computed
        self.count = len(self._of)
        self._faces = [
            self._face_of(group, form)
            for form in FORMS[: int(arranged.forms.max(initial=0)) + 1]
            for group in places.groups
        ]
        self._face = places.group + arranged.forms[:, places.of] * len(places.groups)
        """By state and row."""
        device = scale.px_per_mm * scale.ratio
        shift = arranged.shifts[places.of] * scale.ratio
        self._x, self._y = places.x * device + shift[:, 0], places.y * device + shift[:, 1]
        self._top, self._bottom = places.top * device, places.bottom * device
        self._inside = self._bottom > self._top
        high = np.array([plates.height(face.sizes) for face in self._faces])
        extra = np.array([plates.extra_px(face.sizes) for face in self._faces], np.float64)
        self._high, self._extra = high[places.group] * scale.ratio, extra[places.group] * scale.ratio
        self._templates: list[_Template] = []
        self._template_of: dict[int, int] = {}
        self._keys: NDArray[np.int64] = np.zeros(0, np.int64)
        self._found: NDArray[np.int64] = np.zeros(0, np.int64)
        self._digits: dict[Hashable, int] = {}
        self._worded: dict[Hashable, tuple[int, float]] = {}
        self.fragments: NDArray[np.int32] = np.zeros((self.count, PARTS, 6), np.int32)

    def _face_of(self, group: _Group, form: Form) -> Face:
        zoom, px = self.scale.zoom, self.scale.px_per_mm
        if group.before_mm + group.after_mm == 0.0:
            look = written(ValueLook("", group.unit, "good", "", None, 0, ""), form)
            return Face(look.unit, plates.fit(group.size * zoom), group.horizontal, None, 0, look.room)
        room = Room(group.before_mm * px, group.after_mm * px)
        sizes = room.fit(zoom)
        return Face(group.unit, sizes, group.horizontal, room, plates.extra_px(sizes) if group.second else 0, "full")

    def touched(self, changed: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which rows show a signal of the changed rows (a mask), or something computed."""
        found: NDArray[np.bool_] = changed[self._row] | self._computed
        return found

    def blinking(self, unacknowledged: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which rows show an alarm that waits."""
        found: NDArray[np.bool_] = unacknowledged[self._row] & ~self._second
        return found

    # -- what is shown ---------------------------------------------------------------------------------------------

    def place(self, on: Canvas2D, index: Index) -> None:
        """Write the fragments of rows from what their signals say now; makes what is new. May raise `Full`."""
        columns, into = self._columns, self.fragments
        # A small one has no digits, now or before.
        into[index, 0] = 0
        into[index[~self._small[index]], 1:] = 0
        row, trust = self._row[index], columns.trust[self._row[index]]
        value = np.where(self._second[index], 100.0 * columns.fraction[row], columns.value[row])
        missing = np.isnan(columns.value[row])
        decimals = self._decimals[index]
        digits, count = _digits(np.abs(np.where(missing, 0.0, value)), decimals)
        middle, shown = self._middles(index, trust, missing)
        worded = self._computed[index] | (count + decimals > _MOST_DIGITS)
        if not self.texts.folded:
            worded |= trust == STALE
        if self.texts.design:
            worded |= (columns.step[row] != 0) & ((trust == GOOD) | (trust == FORCED))
        small = self._small[index]
        worded &= ~small
        shown &= ~(small & self._second[index])
        for place in np.flatnonzero(worded & shown & ~self._second[index]).tolist():
            self._place_words(on, int(index[place]), float(middle[place]))
        plain = np.flatnonzero(shown & ~worded)
        if not plain.size:
            return
        negative = (value < 0) & (digits > 0) & ~missing
        alarm = np.where(self._second[index], 0, columns.alarm[row])
        # Of a small one nothing tells its number.
        count, decimals, negative = (np.where(small, 0, part) for part in (count, decimals, negative))
        key = self._face[self._states(alarm > 0, trust, columns.step[row] != 0), index]
        for part, most in (
            (trust, len(TRUSTS)),
            (alarm, ALARM_CODES),
            (count, 16),
            (decimals, 10),
            (negative, 2),
            (missing, 2),
            (small, 2),
        ):
            key = key * most + part.astype(np.int64)
        where, which = index[plain], key[plain]
        template = self._lookup(on, which)
        left = np.floor(self._x[where] + self._lefts[template] + 0.5).astype(np.int64)
        line = np.floor(middle[plain] + 0.5).astype(np.int64)
        into[where, 0] = self._atlas.place[self._pictures[template]]
        into[where, 0, X] += left
        into[where, 0, Y] += line
        self._place_digits(
            where, template, left, line, digits[plain], (count + decimals)[plain], (missing | small)[plain]
        )

    def _states(self, alarm: NDArray[np.bool_], trust: NDArray[np.uint8], off: NDArray[np.bool_]) -> Index:
        """The `State` of each, as `plates.state_of` has it."""
        marked = trust != GOOD
        if self.texts.folded:
            marked &= trust != STALE
        if self.texts.design:
            marked |= off
        found: Index = np.where(alarm, State.ALARMED, np.where(marked, State.MARKED, State.CALM))
        return found

    def in_order(self, index: Index) -> Fragments:
        """The fragments of rows, in their order."""
        if self._small[index].all():
            return np.ascontiguousarray(self.fragments[index, 0])
        return self.fragments[index].reshape(-1, 6)

    def _place_digits(
        self,
        where: Index,
        template: Index,
        left: Index,
        line: Index,
        digits: Index,
        count: Index,
        bare: NDArray[np.bool_],
    ) -> None:
        count = np.where(bare, 0, count)
        for place in range(int(count.max(initial=0))):
            has = np.flatnonzero(count > place)
            digit = digits[has] // _POWERS[count[has] - 1 - place] % 10
            slot = self._slots_of[template[has], place]
            rows = self._atlas.place[slot[:, 2] + digit]
            rows[:, X] += left[has] + slot[:, 0]
            rows[:, Y] += line[has] + slot[:, 1]
            self.fragments[where[has], 1 + place] = rows

    def _middles(
        self, index: Index, trust: NDArray[np.uint8], missing: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """The line each row is centred on, and whether it is shown at all.

        A value in a vessel stands in the larger of liquid and vapour, its second line below it where there is room.
        """
        middle, shown = self._y[index].copy(), np.ones(index.size, bool)
        inside = np.flatnonzero(self._inside[index])
        if inside.size:
            at = index[inside]
            top, bottom = self._top[at], self._bottom[at]
            fraction = self._columns.fraction[self._row[at]]
            level = (trust[inside] != BAD) & (trust[inside] != LAST_KNOWN)
            surface = np.where(level, bottom - fraction * (bottom - top), top)
            below = bottom - surface >= surface - top - 0.5
            top, bottom = np.where(below, surface, top), np.where(below, bottom, surface)
            roomy = bottom - top > self._high[at] + 1.6 * self._extra[at]
            extra = roomy & ~missing[inside] & (trust[inside] != LAST_KNOWN)
            line = (top + bottom) / 2 - np.where(extra, 0.55 * self._extra[at], 0.0)
            second = self._second[at]
            middle[inside] = np.where(second, line + self._high[at] / 2 + 0.6 * self._extra[at], line)
            shown[inside] = ~second | extra
        return middle, shown

    # -- pictures --------------------------------------------------------------------------------------------------

    def _lookup(self, on: Canvas2D, keys: Index) -> Index:
        """The template of each key."""
        if self._keys.size:
            place = np.minimum(np.searchsorted(self._keys, keys), self._keys.size - 1)
            if (self._keys[place] == keys).all():
                return self._found[place]
        wanted: list[int] = np.unique(keys).tolist()
        for key in wanted:
            if key not in self._template_of:
                made = self._make(on, key)
                self._template_of[key] = len(self._templates)
                self._templates.append(made)
        known_keys = sorted(self._template_of)
        self._keys = np.array(known_keys, np.int64)
        self._found = np.array([self._template_of[key] for key in known_keys], np.int64)
        self._pictures = np.array([known.picture for known in self._templates], np.int64)
        self._lefts = np.array([known.left for known in self._templates])
        self._slots_of = np.zeros((len(self._templates), SLOTS, 3), np.int64)
        for number_, template in enumerate(self._templates):
            if template.slots:
                self._slots_of[number_, : len(template.slots)] = template.slots
        return self._found[np.searchsorted(self._keys, keys)]

    def _make(self, on: Canvas2D, key: int) -> _Template:
        key, small = divmod(int(key), 2)
        key, missing = divmod(key, 2)
        key, negative = divmod(key, 2)
        key, decimals = divmod(key, 10)
        key, count = divmod(key, 16)
        key, alarm = divmod(key, ALARM_CODES)
        of_face, kind = divmod(key, len(TRUSTS))
        face = self._faces[of_face]
        text = "" if small else MISSING if missing else _pattern(count, decimals, bool(negative), self.texts.language)
        mark = None
        if alarm:
            priority, state = divmod(alarm - 1, len(ALARM_STATES))
            mark = AlarmMark(priority + 1, "", ALARM_STATES[state], 0)
        bare = TRUSTS[kind] == "stale" and self.texts.folded
        if small:
            # An alarm's badge needs no box.
            marks = ValueLook("", "", TRUSTS[kind], "", mark, 0, "", bare=TRUSTS[kind] == "good")
            made, left, _, _ = self._paint(on, face, marks)
            return _Template(made, left, ())
        look = ValueLook(text, "" if missing else face.unit, TRUSTS[kind], "", mark, 0, "", bare=bare, room=face.height)
        if face.extra_px:
            return self._make_second(on, face, f"{text} %")
        made, left, px, numeral = self._paint(on, face, look)
        slots = self._slots(on, text, numeral, px, "semibold", self.scale.ratio)
        return _Template(made, left, slots)

    def _make_second(self, on: Canvas2D, face: Face, text: str) -> _Template:
        """The second line of a value in a vessel."""
        px, ratio = face.extra_px, self.scale.ratio
        half = plates.advance(text, px, "regular") / 2
        margin = math.ceil(half + 4.0)

        def paint(painter: QPainter) -> None:
            plates.paint_centred(painter, float(margin), float(px), text, px, on.colors)

        size = math.ceil(2 * margin * ratio), math.ceil(2 * px * ratio)
        made = self._atlas.add(picture(*size, ratio, paint), -round(margin * ratio), -round(px * ratio))
        base = paint_box.metrics(px).capHeight() / 2
        numeral = plates.Numeral(-half, base, "text.secondary")
        return _Template(made, 0.0, self._slots(on, text, numeral, px, "regular", ratio))

    def _slots(
        self, on: Canvas2D, text: str, numeral: plates.Numeral, px: int, weight: paint_box.Weight, ratio: float
    ) -> tuple[tuple[int, int, int], ...]:
        found = []
        for place, sign in enumerate(text):
            if sign == BLANK:
                at = (numeral.x + plates.advance(text[:place], px, weight)) * ratio
                whole, phase = divmod(math.floor(at * _PHASES + 0.5), _PHASES)
                found.append((whole, 0, self._zero(on, (px, weight, numeral.ink, numeral.base), phase)))
        return tuple(found)

    def _zero(self, on: Canvas2D, kind: tuple[int, paint_box.Weight, str, float], phase: int) -> int:
        """Number of the picture of 0; the other digits follow."""
        made = self._digits.get((kind, phase))
        if made is None:
            px, weight, ink, base = kind
            ratio = self.scale.ratio
            wide, high = math.ceil(px * ratio) + 2, math.ceil(2 * px * ratio)
            numbers = []
            for digit in range(10):

                def paint(painter: QPainter, digit: int = digit) -> None:
                    painter.setFont(paint_box.font(px, weight, numerals=True))
                    painter.setPen(on.colors.color(ink))
                    painter.drawText(
                        QPointF((1 + phase / _PHASES) / ratio, base + round(px * ratio) / ratio), str(digit)
                    )

                numbers.append(self._atlas.add(picture(wide, high, ratio, paint), -1, -round(px * ratio)))
            made = self._digits[kind, phase] = numbers[0]
        return made

    def _paint(
        self, on: Canvas2D, face: Face, look: ValueLook, below: str = ""
    ) -> tuple[int, float, int, plates.Numeral]:
        """A plate's picture, its left edge from the anchor in device pixels, its type size, where its number stands.

        The picture's origin is the plate's left edge on its middle line.
        """
        sizes, ratio = face.sizes, self.scale.ratio
        extra, below_by = plates.extra_px(sizes), plates.height(sizes) / 2
        if face.room is not None:
            look, sizes, left = face.room.put(look, self.scale.zoom, alarms=on.alarms)
        else:
            left = plates.left_of(look, sizes, face.horizontal, plates.width(look, sizes))
        wide, high = plates.width(look, sizes), plates.height(sizes)
        # Of the words below, half may stand out at each side.
        side = math.ceil(_BESIDE_PX * sizes.zoom + plates.advance(below, extra, "regular"))
        rise = math.ceil(high / 2 + 24.0 * sizes.zoom)
        drop = rise + (math.ceil(high + extra) if below else 0)
        numeral = plates.Numeral(0.0, 0.0, "")

        def paint(painter: QPainter) -> None:
            nonlocal numeral
            numeral = plates.paint(
                painter, float(side), float(rise), look, sizes, on.colors, lit=on.lit, alarms=on.alarms
            )
            if below:
                middle = rise + below_by + 0.6 * extra
                plates.paint_centred(painter, side - left, middle, below, extra, on.colors)

        size = math.ceil((2 * side + wide) * ratio), math.ceil((rise + drop) * ratio)
        made = self._atlas.add(picture(*size, ratio, paint), -round(side * ratio), -round(rise * ratio))
        return made, left * ratio, sizes.value_px, numeral._replace(x=numeral.x - side, base=numeral.base - rise)

    def _place_words(self, on: Canvas2D, at: int, middle: float) -> None:
        """A plate with more than a number in it: painted as a whole, kept while it says the same."""
        plate = self._plates[self._of[at]]
        look = self.texts.look(plate)
        face = self._faces[self._face[plates.state_of(look), at]]
        if not look.text:
            return
        roomy = self._roomy(at)
        key = (face, look, on.lit, roomy)
        made = self._worded.get(key)
        if made is None:
            picture_, left, _, _ = self._paint(on, face, look, look.extra if roomy else "")
            made = self._worded[key] = picture_, left
        self.fragments[at, 0] = self._atlas.place[made[0]]
        self.fragments[at, 0, X] += math.floor(self._x[at] + made[1] + 0.5)
        self.fragments[at, 0, Y] += math.floor(middle + 0.5)

    def _roomy(self, at: int) -> bool:
        """Whether a second line fits under a value in a vessel."""
        if not self._inside[at]:
            return False
        bottom, top = float(self._bottom[at]), float(self._top[at])
        row = self._row[at]
        if self._columns.trust[row] in (BAD, LAST_KNOWN):
            room = bottom - top
        else:
            part = float(self._columns.fraction[row])
            room = max(part, 1.0 - part) * (bottom - top)
        return bool(room > self._high[at] + 1.6 * self._extra[at])

    def relight(self) -> None:
        """Forget what was painted in the other part of the blink."""
        waits = ALARM_STATES.index("unacknowledged")
        for key in list(self._template_of):
            alarm = key // (2 * 2 * 2 * 10 * 16) % ALARM_CODES
            if alarm and (alarm - 1) % len(ALARM_STATES) == waits:
                del self._template_of[key]
        self._keys = np.zeros(0, np.int64)


def _pattern(count: int, decimals: int, negative: bool, language: Language) -> str:
    """The text of a number with so many digits before the decimal sign, blanks in their place."""
    ones = float("1" * count + ("." + "1" * decimals if decimals else ""))
    return number(-ones if negative else ones, decimals, language).replace("1", BLANK)


def _digits(value: NDArray[np.float64], decimals: Index) -> tuple[Index, Index]:
    """Values rounded to their decimals, as whole numbers, and how many digits stand before the decimal sign.

    Rounded as Python's format does, which every other view uses: where two results are equally near, it is asked.
    """
    power = _POWERS[decimals]
    scaled = np.minimum(value * power, 1e17)
    whole = np.rint(scaled)
    near = np.abs(scaled - np.floor(scaled) - 0.5) < _TIE * np.maximum(1.0, scaled * 1e-9)
    for place in np.flatnonzero(near).tolist():
        whole[place] = float(f"{value[place]:.{decimals[place]}f}".replace(".", ""))
    digits = whole.astype(np.int64)
    before = digits // power
    return digits, 1 + np.searchsorted(_POWERS[1:], before, side="right")
