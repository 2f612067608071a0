"""Times as people at the plant read them: the plant's zone, 24 hours."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from resources.words import t


def local(time_us: int, zone: tzinfo) -> datetime:
    """A source time in the plant's zone."""
    return datetime.fromtimestamp(time_us / 1e6, UTC).astimezone(zone)


def clock(time_us: int, zone: tzinfo, *, milliseconds: bool = False) -> str:
    """`10:42:07`, or `10:42:07.412`; an em dash for a time that never was."""
    if time_us <= 0:
        return "\N{EM DASH}"
    moment = local(time_us, zone)
    text = moment.strftime("%H:%M:%S")
    return f"{text}.{moment.microsecond // 1000:03d}" if milliseconds else text


def day(time_us: int, zone: tzinfo) -> str:
    """`lun 23 nov 2026`."""
    moment = local(time_us, zone)
    weekday = t("weekdays").split()[moment.weekday()]
    month = t("months").split()[moment.month - 1]
    return f"{weekday} {moment.day} {month} {moment.year}"


def offset(time_us: int, zone: tzinfo) -> str:
    """`UTC+1`."""
    moment = local(time_us, zone)
    shift = moment.utcoffset()
    minutes = 0 if shift is None else round(shift.total_seconds() / 60)
    sign = "+" if minutes >= 0 else "\N{MINUS SIGN}"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")
