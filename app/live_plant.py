"""One plant as the window sees it: readings judged from its live store, alarms, stock and the state of its source.

No Qt here: commands without a display use it as the window does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from analysis import deviation, stock
from analysis.alarms import Alarm, AlarmBoard, LimitColumns
from analysis.stock import Inventory, Strapping
from contracts.plant import Plant, Tank
from contracts.quality import Quality
from contracts.sample import Sample, now_us
from data.live_store import LiveStore, Snapshot
from data.reading import NEVER_SEEN, STALE_AFTER_HEARTBEATS, AlarmMark, Reading
from data.reading_table import Changes, ReadingTable, judge_rows
from resources.words import t
from widgets.plant_now import Codes, SourceNow, TankNow, Times, Values

WRITER_DEAD_AFTER_S: Final = 3.0
"""The ingest process beats several times a second; three seconds without a beat mean it is gone."""
LOST_AFTER_S: Final = 0.5
"""How long a source may be lost before its values count as old: a quick reconnect is not worth a grey screen."""
_RATE_WINDOW_S: Final = 5.0


class LivePlant:
    """Readings of one plant. Call `refresh` on the GUI's clock; everything else only looks."""

    def __init__(self, plant: Plant, store: LiveStore, *, source: str) -> None:
        """`source`: what fills the store, in a few words; empty where nothing does."""
        self.plant = plant
        self.store = store
        self.board = AlarmBoard(plant.signals)
        self.source_name = source
        self.strappings: Mapping[str, Strapping] = {
            tank.kks: stock.read_strapping(tank.strapping) for tank in plant.tanks
        }
        self.readings = ReadingTable([signal.kks for signal in plant.signals])
        self._heartbeat_us = np.array([signal.heartbeat_s * 1e6 for signal in plant.signals])
        self._deviation = deviation.Columns(plant.signals)
        self._limits = LimitColumns(self.board, self.readings.rows)
        self._versions: np.ndarray | None = None
        self._source_alive = True
        self._source = self._look_at_source(now_us(), math.inf, 0.0)
        self._event_marks: list[tuple[int, int]] = []
        self._judged_s = 0

    def refresh(self, now: int) -> Changes:
        """Readings that changed since the last call, at the time `now` (µs).

        What arrived is judged at once; once a second also what only grew older, and all of it when the source came or
        went.
        """
        rows, self._versions = self.store.changed(self._versions)
        second = now // 1_000_000
        on_the_second = second != self._judged_s
        if on_the_second or rows.size:
            snapshot = self.store.snapshot()
        else:
            return Changes(self.readings, rows)
        if on_the_second:
            self._judged_s = second
            rows = np.union1d(rows, self._update_source(now, snapshot))
        before = self.readings.tick
        value, time_us, code = judge_rows(
            [column[rows] for column in snapshot[:-1]], now, self._heartbeat_us[rows], source_alive=self._source_alive
        )
        self.readings.write(rows, value, time_us, code, self._deviation.percent(rows, value))
        for row in self._limits.crossed(rows, snapshot.value[rows], snapshot.quality[rows]).tolist():
            newest = _sample(snapshot.value[row], snapshot.time_us[row], snapshot.quality[row])
            kks = self.plant.signals[row].kks
            self.board.update(kks, newest.value, newest.quality, newest.time_us)
            self._limits.look_again(row)
            self.readings.mark(row, self._mark(kks))
        if on_the_second:
            for alarm in self.board.end_shelving(now):
                self.mark_again(alarm.kks)
        return Changes(self.readings, self.readings.since(before))

    def _update_source(self, now: int, snapshot: Snapshot) -> np.ndarray:
        """Look at the source; the rows whose reading depends on it or on their age."""
        newest_us = int(snapshot.time_us.max(initial=0))
        self._event_marks = [*self._event_marks[-int(_RATE_WINDOW_S) :], (now, self.store.events)]
        (first_us, first), (last_us, last) = self._event_marks[0], self._event_marks[-1]
        # The counter begins anew with the ingest process.
        rate = max(0.0, (last - first) / ((last_us - first_us) / 1e6)) if last_us > first_us else 0.0
        age_s = (now - newest_us) / 1e6 if newest_us else math.inf
        self._source = self._look_at_source(now, max(0.0, age_s), rate)
        # A source still connecting has shown nothing that could be old; one that was live and went has.
        alive = self._source.alive or (
            self._source.state == "lost" and now - self._source.since_us < LOST_AFTER_S * 1e6
        )
        alive = alive or (self._source.state == "connecting" and newest_us == 0)
        if alive != self._source_alive or not alive:
            # While the source is away every value ages on the screen, second by second.
            self._source_alive = alive
            return np.arange(len(self.plant.signals))
        old = (now - snapshot.good_time_us) > STALE_AFTER_HEARTBEATS * self._heartbeat_us
        return np.flatnonzero(old & (snapshot.good_time_us > 0))

    def _look_at_source(self, now: int, newest_age_s: float, rate: float) -> SourceNow:
        store = self.store
        state, detail, since_us = str(store.source_state), store.source_detail, store.source_since_us
        if not self.source_name:
            state = "none"
        silent_s = (now - max(store.heartbeat_us, since_us if not store.heartbeat_us else 0)) / 1e6
        if silent_s > WRITER_DEAD_AFTER_S and store.heartbeat_us:
            state, since_us = "dead", store.heartbeat_us
            detail = ""
        return SourceNow(self.source_name, state, detail, since_us, newest_age_s, store.events, rate, store.rejected)

    def _mark(self, kks: str) -> AlarmMark | None:
        alarm = self.board.worst(kks)
        if alarm is None or alarm.state == "normal":
            return None
        return AlarmMark(alarm.priority, alarm.limit, alarm.state, alarm.since_us)

    def mark_again(self, kks: str) -> Reading:
        """The reading after a person did something about its alarm."""
        self.readings.mark(self.readings.rows[kks], self._mark(kks))
        return self.readings[kks]

    @property
    def source(self) -> SourceNow:
        """How the source was at the last whole second."""
        return self._source

    @property
    def all_old_since_us(self) -> int | None:
        """Since when no value can be current because the source is away; None while it is there."""
        if self._source_alive:
            return None
        return int(self.readings.time_us.max(initial=0)) or None

    @property
    def not_good(self) -> int:
        """How many readings are not of good quality."""
        return int(np.count_nonzero(self.readings.quality & 0xC0 != 0xC0))

    @property
    def unsettled(self) -> list[str]:
        """Tags whose reading may still become better by waiting: not seen yet, too old, or of a source not yet live."""
        if not self._source.alive or not self._source_alive:
            return list(self.readings)
        old = (self.readings.time_us == 0) | (self.readings.quality == Quality.LAST_USABLE)
        return [self.readings.tags[row] for row in np.flatnonzero(old).tolist()]

    def recent(self, kks: str) -> tuple[Times, Values, Codes]:
        """The recent past of a signal, oldest first."""
        return self.store.recent(self.store.rows[kks])

    def alarms(self, kks: str) -> Sequence[Alarm]:
        """The alarms configured on a signal."""
        return self.board.alarmed.get(kks, ())

    def tank_now(self, kks: str) -> TankNow | None:
        """The stock of the tank that a signal or an equipment belongs to."""
        signal = self.plant.by_kks.get(kks)
        equipment = kks if signal is None else signal.equipment
        for tank in self.plant.tanks:
            if tank.kks == equipment or kks in (tank.level, tank.temperature):
                return self.stock_of(tank)
        return None

    def stock(self) -> list[TankNow]:
        """The stock of every tank, in the plant's order."""
        return [self.stock_of(tank) for tank in self.plant.tanks]

    def stock_of(self, tank: Tank) -> TankNow:
        """One tank's stock, with the worse of the two readings it was computed from."""
        level = self.readings[tank.level]
        temperature = self.readings[tank.temperature] if tank.temperature else NEVER_SEEN
        held: Inventory = stock.inventory(
            self.strappings[tank.kks],
            level.value,
            temperature.value,
            tank.density_15c_kg_m3,
            stock.group_of(tank.service),
        )
        used = [level] if temperature.value is None else [level, temperature]
        return TankNow(tank, held, min(used, key=lambda reading: reading.quality))

    def provenance(self, kks: str) -> list[tuple[str, str]]:
        """Where a signal's value comes from."""
        signal = self.plant.by_kks[kks]
        plc = self.plant.plcs[signal.plc]
        return [
            (t("provenance.plc"), f"{signal.plc} · {plc.connection}"),
            (t("provenance.address"), signal.address),
            (t("provenance.scan"), f"{signal.scan_s:g} s · {signal.heartbeat_s:g} s"),
            (t("provenance.topic"), f"{self.plant.refinery}.{signal.zone}"),
            (t("provenance.source"), self.source_name),
            (t("provenance.state"), t(f"source.state.{self._source.state}")),
            (t("provenance.signal_list"), self.plant.folder.name),
        ]


def _sample(value: float, time_us: int, code: int) -> Sample:
    return Sample(None if value != value else float(value), int(time_us), int(code))
