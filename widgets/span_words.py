"""Spans of time typed in words, English or Spanish: `last 8 h`, `ayer de 6 a 14`, `2026-11-20/2026-11-23`. No Qt.

Words mean the plant's calendar: `yesterday` is its day from midnight to midnight, of 23 or 25 h where clocks change.
`last …` ends at the present and goes on with it; everything else stays where it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, NamedTuple

from resources.words import t

HOUR_US: Final = 3_600_000_000
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_FIRST_US, _LAST_US = (
    int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000 for year in (_FIRST_YEAR, _LAST_YEAR + 1)
)


class BadSpan(ValueError):
    """Words that say no span; the text is a sentence for a person."""


class Span(NamedTuple):
    """From ≤ time < to, in µs of UTC."""

    from_us: int
    to_us: int
    follows: bool = False
    """Whether it ends at the present and moves with it."""


class _Part(NamedTuple):
    """A day, a month, an instant …"""

    start: datetime
    end: datetime
    """Of an instant its start."""


_UNITS: Final = {
    "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0, "seg": 1.0, "segundo": 1.0, "segundos": 1.0,
    "min": 60.0, "mins": 60.0, "minute": 60.0, "minutes": 60.0, "minuto": 60.0, "minutos": 60.0,
    "h": 3600.0, "hr": 3600.0, "hrs": 3600.0, "hour": 3600.0, "hours": 3600.0, "hora": 3600.0, "horas": 3600.0,
    "d": 86_400.0, "day": 86_400.0, "days": 86_400.0, "dia": 86_400.0, "dias": 86_400.0,
    "w": 604_800.0, "week": 604_800.0, "weeks": 604_800.0, "sem": 604_800.0, "semana": 604_800.0, "semanas": 604_800.0,
}  # fmt: skip
"""Seconds by word, of what is always as long."""
_MONTH_WORDS: Final = ("month", "months", "mes", "meses", "mo")
_YEAR_WORDS: Final = ("year", "years", "ano", "anos", "a", "y")
_SMALL: Final = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ten": 10,
    "twelve": 12, "un": 1, "una": 1, "uno": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7,
    "ocho": 8, "diez": 10, "doce": 12,
}  # fmt: skip
_MONTHS: Final = (
    ("january", "enero", "jan", "ene"), ("february", "febrero", "feb"), ("march", "marzo", "mar"),
    ("april", "abril", "apr", "abr"), ("may", "mayo"), ("june", "junio", "jun"), ("july", "julio", "jul"),
    ("august", "agosto", "aug", "ago"), ("september", "septiembre", "setiembre", "sept", "sep"),
    ("october", "octubre", "oct"), ("november", "noviembre", "nov"), ("december", "diciembre", "dec", "dic"),
)  # fmt: skip
_MONTH: Final = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
_WEEKDAY: Final = {
    name: number
    for number, names in enumerate(
        (
            ("monday", "lunes", "mon", "lun"),
            ("tuesday", "martes", "tue"),
            ("wednesday", "miercoles", "wed", "mie"),
            ("thursday", "jueves", "thu", "jue"),
            ("friday", "viernes", "fri", "vie"),
            ("saturday", "sabado", "sat", "sab"),
            ("sunday", "domingo", "sun", "dom"),
        )
    )
    for name in names
}
_CLOCK: Final = r"(\d{1,2})(?:[:.](\d{2}))?(?::(\d{2}))?(?:\.(\d{1,6}))?\s*(am|pm|a\.m\.|p\.m\.)?(?:\s*h)?"
_COUNT: Final = r"(\d+(?:[.,]\d+)?|" + "|".join(sorted(_SMALL, key=len, reverse=True)) + r")"
_PERIOD: Final = {
    "day": ("day", "dia"),
    "week": ("week", "semana"),
    "month": ("month", "mes"),
    "year": ("year", "ano"),
    "hour": ("hour", "hora"),
}


def parse_span(text: str, now_us: int, zone: tzinfo) -> Span:
    """What the words mean at `now_us` (UTC) on the clocks of `zone`. Raises `BadSpan`."""
    words = _folded(text)
    if not words:
        raise BadSpan(t("span.empty"))
    now = datetime.fromtimestamp(now_us / 1e6, UTC).astimezone(zone)
    reader = _Reader(now, zone)
    try:
        seconds = reader.last(words)
        if seconds is not None:
            return _checked(now_us - round(seconds * 1e6), now_us, now_us, follows=True)
        part = reader.span(words)
    except (ValueError, OverflowError) as error:
        if isinstance(error, BadSpan):
            raise
        raise BadSpan(t("span.no_such_date", text=text.strip())) from error
    if part is None:
        raise BadSpan(t("span.not_understood", text=text.strip()))
    return _checked(_us(part.start), _us(part.end), now_us)


def span_text(from_us: int, to_us: int, zone: tzinfo) -> str:
    """`20 nov 2026 10:42 → 23 nov 2026 10:42`: as `parse_span` reads it."""
    fine = (to_us - from_us) < 10 * 60_000_000
    return f"{_moment_text(from_us, zone, fine=fine)} \N{RIGHTWARDS ARROW} {_moment_text(to_us, zone, fine=fine)}"


def _moment_text(us: int, zone: tzinfo, *, fine: bool) -> str:
    moment = datetime.fromtimestamp(us / 1e6, UTC).astimezone(zone)
    month = t("months").split()[moment.month - 1]
    return f"{moment.day} {month} {moment.year} {moment:%H:%M}" + (f":{moment:%S}" if fine else "")


def shifted(span_us: tuple[int, int], steps: int) -> tuple[int, int]:
    """The span before (`steps` −1) or after (1), as long and without a gap between."""
    from_us, to_us = span_us
    moved = steps * (to_us - from_us)
    return from_us + moved, to_us + moved


def _checked(from_us: int, to_us: int, now_us: int, *, follows: bool = False) -> Span:
    if to_us <= from_us:
        raise BadSpan(t("span.backwards"))
    if from_us > now_us:
        raise BadSpan(t("span.future"))
    if from_us < _FIRST_US or to_us > _LAST_US:
        raise BadSpan(t("span.too_far", first=_FIRST_YEAR, last=_LAST_YEAR))
    return Span(from_us, to_us, follows)


def _folded(text: str) -> str:
    """Lower case without accents, arrows as ` to `, words that say nothing left out."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    plain = re.sub(r"[\u2192\u2013\u2014]|\.\.+|->", " to ", plain).replace("º", "")
    plain = re.sub(r",(?!\d)", " ", plain)
    plain = re.sub(r"(?<=\d)\s+a\s+las?\s+(?=\d)", " to ", plain)
    plain = re.sub(r"\ba\s+las?\s+(?=\d)", " ", plain)
    plain = re.sub(r"\b(the|el|la|las|los|del|de|on|at|of|from|entre|between|dia(?= \d)|day(?= \d))\b", " ", plain)
    plain = re.sub(r"\b(and|y)\b", " to ", plain) if re.search(r"entre|between", text.lower()) else plain
    return " ".join(plain.split())


def _us(moment: datetime) -> int:
    gone = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (gone.days * 86_400 + gone.seconds) * 1_000_000 + gone.microseconds


class _Reader:
    """Reads folded words at one present."""

    def __init__(self, now: datetime, zone: tzinfo) -> None:
        self._now, self._zone, self._today = now, zone, now.date()

    # ---- whole spans

    def last(self, words: str) -> float | None:
        """Seconds of `last 8 h`, `ultimas 2 semanas`, `3 d 4 h`; None for what is no length up to now."""
        rest = re.sub(r"^(last|past|previous|ultim[oa]s?)\s+(?=\d|" + "|".join(_SMALL) + r")", "", words)
        bare = re.match(r"^(last|past|ultim[oa])\s+(\w+)$", words)
        if bare and bare[2] in _UNITS and _UNITS[bare[2]] <= 3600:
            return _UNITS[bare[2]]
        if bare and bare[1] in ("ultimo", "ultima"):
            rest = f"1 {bare[2]}"
        total, at = 0.0, 0
        pattern = re.compile(_COUNT + r"\s*([a-z]+)\s*")
        while at < len(rest):
            found = pattern.match(rest, at)
            seconds = None if found is None else self._length_s(_count(found[1]), found[2])
            if found is None or seconds is None:
                return None
            total, at = total + seconds, found.end()
        return total or None

    def _length_s(self, count: float, unit: str) -> float | None:
        if unit in _UNITS:
            return count * _UNITS[unit]
        months = count if unit in _MONTH_WORDS else 12 * count if unit in _YEAR_WORDS else None
        if months is None:
            return None
        start = self._at(_months_on(self._today, -round(months)), self._now.time())
        return (self._now.astimezone(UTC) - start.astimezone(UTC)).total_seconds()

    def span(self, words: str) -> _Part | None:
        """A part of the calendar, or what lies between two; None for what is neither."""
        since = re.match(r"^(since|desde)\s+(.+)$", words)
        words = words if since is None else since[2]
        if (part := self.part(words)) is not None:
            if since is not None:
                return _Part(part.start, self._now)
            return part if part.end > part.start else _Part(part.start, part.start + timedelta(hours=1))
        for found in re.finditer(r"\s+(?:to|until|till|hasta|al|a)\s+|\s+-\s+|\s*/\s*|(?<=:\d\d)-(?=\d)", words):
            first = self.part(words[: found.start()]) or self._begun(words[: found.start()])
            last = None if first is None else self.part(words[found.end() :], first.start)
            if first is not None and last is not None:
                end = last.end
                if end <= first.start and re.fullmatch(_CLOCK, words[found.end() :]):
                    end = self._at(end.date() + timedelta(days=1), end.time())
                return _Part(first.start, end)
        return None

    def _begun(self, words: str) -> _Part | None:
        """The first half of `6 to 14`: a bare number is an hour here; of `20 to 23 nov` it is a day, left to `part`."""
        found = re.fullmatch(_CLOCK, words)
        return None if found is None else self._instant(self._today, found)

    # ---- parts of the calendar

    def part(self, words: str, base: datetime | None = None) -> _Part | None:
        """A day, a week, an instant …; a clock alone is on the day of `base`."""
        words = words.strip()
        if words in ("now", "ahora", "right now"):
            return _Part(self._now, self._now)
        readers: tuple[Callable[[str], _Part | None], ...] = (self._iso, self._ago, self._period, self._with_clock)
        for read in readers:
            if (part := read(words)) is not None:
                return part
        found = re.fullmatch(_CLOCK, words)
        if found is not None and (base is not None or found[2] or found[5]):
            return self._instant(self._today if base is None else base.date(), found)
        return None

    def _iso(self, words: str) -> _Part | None:
        """A date and time with `T`, perhaps with its own offset from UTC."""
        if not re.fullmatch(r"\d{4}-\d\d-\d\d[t ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?\s*(z|[+-]\d\d:?\d\d)?", words):
            return None
        moment = datetime.fromisoformat(words.upper().replace(" ", "T", 1).replace(" ", ""))
        moment = self._at(moment.date(), moment.time()) if moment.tzinfo is None else moment.astimezone(self._zone)
        return _Part(moment, moment)

    def _ago(self, words: str) -> _Part | None:
        """`3 days ago`: that day. `hace 5 h`: the hour that began then."""
        found = re.fullmatch(r"(?:hace\s+" + _COUNT + r"\s*([a-z]+)|" + _COUNT + r"\s*([a-z]+)\s+ago)", words)
        if found is None:
            return None
        count, unit = _count(found[1] or found[3]), found[2] or found[4]
        if unit in _MONTH_WORDS:
            return self._month(_months_on(self._today, -round(count)))
        if unit in _YEAR_WORDS:
            return self._year(self._today.year - round(count))
        if unit not in _UNITS:
            return None
        if _UNITS[unit] == _UNITS["week"]:
            return self._week(self._today - timedelta(weeks=round(count)))
        if _UNITS[unit] == _UNITS["day"]:
            return self._day(self._today - timedelta(days=round(count)))
        start = (self._now.astimezone(UTC) - timedelta(seconds=count * _UNITS[unit])).astimezone(self._zone)
        return _Part(start, (start.astimezone(UTC) + timedelta(seconds=_UNITS[unit])).astimezone(self._zone))

    def _period(self, words: str) -> _Part | None:
        """`this week`, `mes pasado`, `noviembre 2025`, `2025`, `2025-11`."""
        for name, called in _PERIOD.items():
            either = "|".join(called)
            if re.fullmatch(rf"(this|est[ea])\s+({either})", words):
                return self._nth(name, 0)
            if re.fullmatch(rf"(last|previous|ultim[oa])\s+({either})|({either})\s+(pasad[oa]|anterior)", words):
                return self._nth(name, -1)
        if found := re.fullmatch(r"(\d{4})", words):
            return self._year(int(found[1]))
        if found := re.fullmatch(r"(\d{4})-(\d\d)", words):
            return self._month(date(int(found[1]), int(found[2]), 1))
        found = re.fullmatch(r"([a-z]+)\.?(?:\s+(\d{4}))?", words)
        if found is not None and found[1] in _MONTH:
            first = date(int(found[2] or self._today.year), _MONTH[found[1]], 1)
            return self._month(first if found[2] or first <= self._today else first.replace(year=first.year - 1))
        return None

    def _with_clock(self, words: str) -> _Part | None:
        """A day, and perhaps a time on it or from one time to another."""
        for end in range(len(words), 0, -1):
            if end < len(words) and words[end] != " ":
                continue
            day = self._named_day(words[:end].strip())
            if day is None:
                continue
            rest = words[end:].strip()
            if not rest:
                return self._day(day)
            if found := re.fullmatch(_CLOCK, rest):
                return self._instant(day, found)
            pair = re.fullmatch(rf"({_CLOCK})\s*(?:to|until|till|hasta|a|-)\s*({_CLOCK})", rest)
            first = None if pair is None else re.fullmatch(_CLOCK, pair[1])
            last = None if pair is None else re.fullmatch(_CLOCK, pair[7])
            if first is not None and last is not None:
                start, stop = self._instant(day, first).start, self._instant(day, last).start
                return _Part(start, stop if stop > start else self._instant(day + timedelta(days=1), last).start)
        return None

    def _named_day(self, words: str) -> date | None:
        today = self._today
        near = {
            "today": 0, "hoy": 0, "yesterday": 1, "ayer": 1, "anteayer": 2, "antes ayer": 2,
            "day before yesterday": 2, "antier": 2,
        }  # fmt: skip
        if words in near:
            return today - timedelta(days=near[words])
        found = re.fullmatch(r"(last\s+|this\s+|este\s+)?([a-z]+)(\s+pasado)?", words)
        if found is not None and found[2] in _WEEKDAY:
            back = (today.weekday() - _WEEKDAY[found[2]]) % 7
            past = (found[1] or "").strip() == "last" or found[3]
            return today - timedelta(days=back or (7 if past else 0))
        if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", words):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := re.fullmatch(r"(\d{1,2})[./](\d{1,2})[./](\d{4})", words):
            return date(int(found[3]), int(found[2]), int(found[1]))
        found = re.fullmatch(r"(?:[a-z]+\s+)?(\d{1,2})\s+([a-z]+)\.?(?:\s+(\d{4}))?", words)
        if found is not None and found[2] in _MONTH:
            return self._past_date(found[3], _MONTH[found[2]], int(found[1]))
        found = re.fullmatch(r"([a-z]+)\.?\s+(\d{1,2})(?:\s+(\d{4}))?", words)
        if found is not None and found[1] in _MONTH:
            return self._past_date(found[3], _MONTH[found[1]], int(found[2]))
        return None

    def _past_date(self, year: str | None, month: int, day: int) -> date:
        """A date without a year is the latest that is not to come."""
        if year:
            return date(int(year), month, day)
        here = date(self._today.year, month, day)
        return here if here <= self._today else here.replace(year=here.year - 1)

    # ---- the plant's calendar

    def _nth(self, name: str, step: int) -> _Part:
        if name == "hour":
            start = self._now.replace(minute=0, second=0, microsecond=0).astimezone(UTC) + timedelta(hours=step)
            return _Part(start.astimezone(self._zone), (start + timedelta(hours=1)).astimezone(self._zone))
        if name == "day":
            return self._day(self._today + timedelta(days=step))
        if name == "week":
            return self._week(self._today + timedelta(weeks=step))
        return self._month(_months_on(self._today, step)) if name == "month" else self._year(self._today.year + step)

    def _day(self, day: date) -> _Part:
        return _Part(self._at(day), self._at(day + timedelta(days=1)))

    def _week(self, day: date) -> _Part:
        monday = day - timedelta(days=day.weekday())
        return _Part(self._at(monday), self._at(monday + timedelta(days=7)))

    def _month(self, day: date) -> _Part:
        first = day.replace(day=1)
        return _Part(self._at(first), self._at(_months_on(first, 1)))

    def _year(self, year: int) -> _Part:
        return _Part(self._at(date(year, 1, 1)), self._at(date(year + 1, 1, 1)))

    def _instant(self, day: date, found: re.Match[str]) -> _Part:
        hour, minute, second = (int(found[place] or 0) for place in (1, 2, 3))
        half = (found[5] or "").replace(".", "")
        if half:
            hour = hour % 12 + (12 if half == "pm" else 0)
        if hour == 24 and minute == second == 0:
            moment = self._at(day + timedelta(days=1))
        else:
            moment = self._at(day, time(hour, minute, second))
        return _Part(moment, moment)

    def _at(self, day: date, clock: time = time(0)) -> datetime:
        return datetime.combine(day, clock.replace(tzinfo=None), self._zone)


def _count(word: str) -> float:
    return float(_SMALL[word]) if word in _SMALL else float(word.replace(",", "."))


def _months_on(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    first_after = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (first_after - timedelta(days=1)).day))
