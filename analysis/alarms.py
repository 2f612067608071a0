"""Alarms by ISA-18.2: normal, unacknowledged, acknowledged, returned unacknowledged, shelved.

Acknowledging and shelving are this product's own record; nothing here reaches the plant. A bad value neither raises nor
clears an alarm: what is not known is not over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from contracts import quality
from contracts.signal_list import Signal

State = Literal["normal", "unacknowledged", "acknowledged", "returned", "shelved"]

FAULT: Final = "FAULT"
"""The name of a binary fault's alarm; the limits are LL, L, H, HH."""

HYSTERESIS_OF_SPAN: Final = 0.005
"""An alarm ends only this part of the span inside its limit (or one deadband, if more), so noise cannot chatter it."""

_FAULT_ROLES: Final = frozenset({"fault", "trip"})
_WORSE: Final = {"L": "LL", "H": "HH"}


@dataclass
class Alarm:
    """One limit of one tag."""

    kks: str
    limit: str
    limit_value: float
    priority: int
    """1 (highest) to 4."""
    clear_value: float
    """Where the value must return to for the alarm to end: inside the limit by the hysteresis."""
    present: bool = False
    state: State = "normal"
    since_us: int = 0
    """Source time of the sample that raised it."""
    returned_us: int = 0
    shelved_until_us: int = 0

    @property
    def rises(self) -> bool:
        """True for H and HH and a fault: the alarm lies above its limit."""
        return self.limit not in ("L", "LL")


def _alarms_of(signal: Signal) -> list[Alarm]:
    if signal.role in _FAULT_ROLES:
        return [Alarm(signal.kks, FAULT, 0.5, signal.priority, 0.5)]
    margin = max(signal.deadband, HYSTERESIS_OF_SPAN * (signal.high - signal.low))
    found = []
    for limit, value, outer in (
        ("LL", signal.ll, None),
        ("L", signal.l, signal.ll),
        ("H", signal.h, signal.hh),
        ("HH", signal.hh, None),
    ):
        if value is not None:
            # The list states one priority a signal: that of its outermost limit. An inner one warns, one step milder.
            priority = signal.priority if outer is None else min(4, signal.priority + 1)
            inside = value + margin if limit in ("L", "LL") else value - margin
            found.append(Alarm(signal.kks, limit, value, priority, inside))
    return found


class AlarmBoard:
    """The alarms of a plant's signals and what was done about them."""

    def __init__(self, signals: Sequence[Signal]) -> None:
        self._by_tag: dict[str, list[Alarm]] = {
            signal.kks: alarms for signal in signals if (alarms := _alarms_of(signal))
        }

    @property
    def alarmed(self) -> Mapping[str, Sequence[Alarm]]:
        """Every configured alarm by tag."""
        return self._by_tag

    def update(self, kks: str, value: float | None, code: int, time_us: int) -> list[Alarm]:
        """Judge a tag's sample; the alarms whose state it changed."""
        alarms = self._by_tag.get(kks)
        if alarms is None or value is None or quality.is_bad(code):
            return []
        return [alarm for alarm in alarms if _judge(alarm, value, time_us)]

    def acknowledge(self, kks: str, limit: str | None = None) -> list[Alarm]:
        """A person has seen a tag's alarm (all of them without `limit`); those that changed."""
        changed = []
        for alarm in self._by_tag.get(kks, ()):
            if limit is not None and limit not in (alarm.limit, _WORSE.get(alarm.limit)):
                continue
            if alarm.state == "unacknowledged":
                alarm.state = "acknowledged"
            elif alarm.state == "returned":
                alarm.state = "normal"
            else:
                continue
            changed.append(alarm)
        return changed

    def shelve(self, kks: str, until_us: int) -> list[Alarm]:
        """Put a tag's alarms aside until a time; those that changed."""
        changed = [alarm for alarm in self._by_tag.get(kks, ()) if alarm.state != "shelved"]
        for alarm in changed:
            alarm.state, alarm.shelved_until_us = "shelved", until_us
        return changed

    def unshelve(self, kks: str) -> list[Alarm]:
        """Take a tag's alarms back; one whose condition is still there must be seen again."""
        changed = [alarm for alarm in self._by_tag.get(kks, ()) if alarm.state == "shelved"]
        for alarm in changed:
            alarm.state = "unacknowledged" if alarm.present else "normal"
        return changed

    def end_shelving(self, now_us: int) -> list[Alarm]:
        """Take back every alarm whose time on the shelf is over."""
        over = {a.kks for a in self._all() if a.state == "shelved" and a.shelved_until_us <= now_us}
        return [alarm for kks in over for alarm in self.unshelve(kks)]

    def worst(self, kks: str) -> Alarm | None:
        """The alarm a tag's badge shows."""
        standing = [alarm for alarm in self._by_tag.get(kks, ()) if alarm.state != "normal"]
        return min(standing, key=_order, default=None)

    def standing(self) -> list[Alarm]:
        """All that are not normal: unacknowledged first, then by priority, then the newest first.

        A milder limit is folded into its outer one while that stands too.
        """
        shown = []
        for alarms in self._by_tag.values():
            limits = {alarm.limit for alarm in alarms if alarm.state != "normal"}
            shown += [a for a in alarms if a.state != "normal" and _WORSE.get(a.limit) not in limits]
        return sorted(shown, key=_order)

    def _all(self) -> Iterator[Alarm]:
        for alarms in self._by_tag.values():
            yield from alarms


def counts(alarms: Iterable[Alarm]) -> tuple[int, int, int, int]:
    """How many of each priority, shelved ones left out."""
    tally = [0, 0, 0, 0]
    for alarm in alarms:
        if alarm.state != "shelved":
            tally[alarm.priority - 1] += 1
    return tally[0], tally[1], tally[2], tally[3]


_RANK: Final[Mapping[State, int]] = {"unacknowledged": 0, "returned": 1, "acknowledged": 2, "shelved": 3, "normal": 4}


def _order(alarm: Alarm) -> tuple[int, int, int]:
    return _RANK[alarm.state], alarm.priority, -alarm.since_us


def _judge(alarm: Alarm, value: float, time_us: int) -> bool:
    """Move one alarm along; True if its state changed."""
    beyond = value >= alarm.limit_value if alarm.rises else value <= alarm.limit_value
    inside = value < alarm.clear_value if alarm.rises else value > alarm.clear_value
    if not alarm.present and beyond:
        alarm.present, alarm.since_us = True, time_us
        if alarm.state == "shelved":
            return False
        alarm.state = "unacknowledged"
        return True
    if alarm.present and inside and not beyond:
        alarm.present, alarm.returned_us = False, time_us
        if alarm.state == "shelved":
            return False
        alarm.state = "normal" if alarm.state == "acknowledged" else "returned"
        return True
    return False


class LimitColumns:
    """The board's limits as columns: which tags' alarms a batch of samples may change, so only those are judged."""

    def __init__(self, board: AlarmBoard, rows: Mapping[str, int]) -> None:
        self._alarms = [(rows[kks], alarm) for kks, alarms in board.alarmed.items() for alarm in alarms]
        self._row = np.array([row for row, _ in self._alarms], np.int64)
        self._limit = np.array([alarm.limit_value for _, alarm in self._alarms], np.float64)
        self._clear = np.array([alarm.clear_value for _, alarm in self._alarms], np.float64)
        self._rises = np.array([alarm.rises for _, alarm in self._alarms], bool)
        self._present = np.array([alarm.present for _, alarm in self._alarms], bool)
        self._of: dict[int, list[int]] = {}
        for place, (row, _) in enumerate(self._alarms):
            self._of.setdefault(row, []).append(place)
        self._value = np.full(len(rows), np.nan)

    def crossed(
        self, rows: NDArray[np.int64], value: NDArray[np.float64], code: NDArray[np.int16]
    ) -> NDArray[np.int64]:
        """Of `rows` with new samples those that raise or end an alarm. A bad value does neither."""
        self._value[rows] = np.where(code & 0xC0 == 0, np.nan, value)
        now = self._value[self._row]
        beyond = np.where(self._rises, now >= self._limit, now <= self._limit)
        inside = np.where(self._rises, now < self._clear, now > self._clear)
        moves = np.where(self._present, inside & ~beyond, beyond)
        self._value[rows] = np.nan
        return np.unique(self._row[moves])

    def look_again(self, row: int) -> None:
        """Take the state of a row's alarms from the board."""
        for place in self._of.get(row, ()):
            self._present[place] = self._alarms[place][1].present
