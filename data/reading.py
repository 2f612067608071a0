"""What the screen shows of one tag: its last sample judged by age, alarm and design.

A value that is old or bad never looks good: staleness is decided here, once, for canvas, faceplate and tables alike.
"""

from __future__ import annotations

import math
from typing import Final, Literal, NamedTuple

from contracts import quality
from contracts.quality import Quality
from contracts.sample import Sample

STALE_AFTER_HEARTBEATS: Final = 3.0
"""A tag is reported each heartbeat at least; one lost heartbeat may be chance, three are not."""

AHEAD_S: Final = 5.0
"""Clocks of plant and viewer may differ a little; further ahead, an age says nothing any more."""

AlarmState = Literal["unacknowledged", "acknowledged", "returned", "shelved", "suppressed", "out of service"]


class AlarmMark(NamedTuple):
    """The worst alarm of a tag, as a badge shows it."""

    priority: int
    """1 (highest) to 4."""
    limit: str
    """LL, L, H, HH or the name of a state alarm."""
    state: AlarmState
    since_us: int


class Reading(NamedTuple):
    """One tag at one refresh of the screen."""

    value: float | None
    """Engineering units: the newest value, or the last good one where the newest has none; None if never seen."""
    time_us: int
    """Source time of `value`; 0 where there never was one."""
    quality: int
    """OPC DA code after staleness: 68 for a good value that is too old, 20 for a bad tag whose last value is kept."""
    alarm: AlarmMark | None = None
    deviation_percent: float | None = None
    """Signed distance from the design value, in percent of it; None where no design value is known."""


NEVER_SEEN: Final = Reading(None, 0, Quality.WAITING)


def age_s(reading: Reading, now_us: int) -> float:
    """Age of a reading's value at the moment it is shown, in seconds; infinite where there never was one.

    A reading is judged when something about it changes and may be shown much later, so it holds a time and no age.
    """
    return max(0.0, (now_us - reading.time_us) / 1e6) if reading.time_us else math.inf


def judge(newest: Sample, last_good: Sample, now_us: int, heartbeat_s: float) -> Reading:
    """The reading of a tag, without alarm and design, which `analysis` adds.

    `newest` is the last event, `last_good` the last with a value of good or uncertain quality (`sample.WAITING` for
    none). A bad event without a value keeps the last good value with *its* time. A value from the future is uncertain:
    its age is not known, so it may well be old.
    """
    if newest.value is None or quality.is_bad(newest.quality):
        if newest.value is not None:
            kept, code = newest, newest.quality
        elif last_good.value is not None:
            kept, code = last_good, int(Quality.LAST_KNOWN)
        else:
            return NEVER_SEEN._replace(quality=newest.quality)
    else:
        kept, code = newest, newest.quality
    reading = Reading(kept.value, kept.time_us, code)
    if quality.is_good(code) and kept.time_us - now_us > AHEAD_S * 1e6:
        return reading._replace(quality=int(Quality.UNCERTAIN))
    if not quality.is_bad(code) and age_s(reading, now_us) > STALE_AFTER_HEARTBEATS * heartbeat_s:
        return reading._replace(quality=int(Quality.LAST_USABLE))
    return reading
