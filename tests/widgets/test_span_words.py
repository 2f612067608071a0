from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from resources import words
from widgets.span_words import BadSpan, parse_span, shifted, span_text

MADRID = ZoneInfo("Europe/Madrid")
NOW = datetime(2026, 11, 24, 10, 42, tzinfo=MADRID)
"""A Tuesday."""


def us(moment: datetime) -> int:
    return round(moment.timestamp() * 1e6)


def local(text: str) -> int:
    return us(datetime.fromisoformat(text).replace(tzinfo=MADRID))


def parsed(text, now=NOW):
    return parse_span(text, us(now), MADRID)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("last 8 h", 8),
        ("8h", 8),
        ("Últimas 8 horas", 8),
        ("last hour", 1),
        ("última hora", 1),
        ("3 d 4 h", 76),
        ("1,5 h", 1.5),
        ("past two weeks", 336),
        ("las últimas dos semanas", 336),
        ("últimos 30 min", 0.5),
        ("last 3 months", 24 * 92 + 1),
        ("1 a", 24 * 365),
    ],
)
def test_a_length_ends_at_the_present_and_goes_on_with_it(text, hours):
    span = parsed(text)
    assert (span.from_us, span.to_us, span.follows) == (us(NOW) - round(hours * 3.6e9), us(NOW), True)


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("today", "2026-11-24", "2026-11-25"),
        ("ayer", "2026-11-23", "2026-11-24"),
        ("anteayer", "2026-11-22", "2026-11-23"),
        ("yesterday 6:00 to 14:00", "2026-11-23T06:00", "2026-11-23T14:00"),
        ("ayer de 6 a 14", "2026-11-23T06:00", "2026-11-23T14:00"),
        ("ayer de 6:00 a 14:30", "2026-11-23T06:00", "2026-11-23T14:30"),
        ("ayer de 6 a las 14", "2026-11-23T06:00", "2026-11-23T14:00"),
        ("yesterday 6am - 2pm", "2026-11-23T06:00", "2026-11-23T14:00"),
        ("yesterday 22:00 to 6:00", "2026-11-23T22:00", "2026-11-24T06:00"),
        ("ayer a las 6:00", "2026-11-23T06:00", "2026-11-23T07:00"),
        ("hoy entre 6:00 y 8:00", "2026-11-24T06:00", "2026-11-24T08:00"),
        ("6:00 to 8:00", "2026-11-24T06:00", "2026-11-24T08:00"),
        ("hace 3 días", "2026-11-21", "2026-11-22"),
        ("3 days ago", "2026-11-21", "2026-11-22"),
        ("hace una semana", "2026-11-16", "2026-11-23"),
        ("hace 5 h", "2026-11-24T05:42", "2026-11-24T06:42"),
        ("semana pasada", "2026-11-16", "2026-11-23"),
        ("la semana pasada", "2026-11-16", "2026-11-23"),
        ("last week", "2026-11-16", "2026-11-23"),
        ("esta semana", "2026-11-23", "2026-11-30"),
        ("mes pasado", "2026-10-01", "2026-11-01"),
        ("last year", "2025-01-01", "2026-01-01"),
        ("lunes", "2026-11-23", "2026-11-24"),
        ("last tuesday", "2026-11-17", "2026-11-18"),
        ("domingo pasado 10:00 a 12:00", "2026-11-22T10:00", "2026-11-22T12:00"),
        ("noviembre 2025", "2025-11-01", "2025-12-01"),
        ("december", "2025-12-01", "2026-01-01"),
        ("2025", "2025-01-01", "2026-01-01"),
        ("2025-11", "2025-11-01", "2025-12-01"),
        ("2026-11-20", "2026-11-20", "2026-11-21"),
        ("20.11.2026", "2026-11-20", "2026-11-21"),
        ("20/11/2026", "2026-11-20", "2026-11-21"),
        ("20 de noviembre", "2026-11-20", "2026-11-21"),
        ("Nov 20, 2026", "2026-11-20", "2026-11-21"),
        ("2026-11-20 to 2026-11-22", "2026-11-20", "2026-11-23"),
        ("2026-11-20/2026-11-22", "2026-11-20", "2026-11-23"),
        ("del 2026-11-20 al 2026-11-22", "2026-11-20", "2026-11-23"),
        ("2026-11-20T10:42/2026-11-23T10:42", "2026-11-20T10:42", "2026-11-23T10:42"),
        ("2026-11-20 10:42 a 2026-11-23 10:42", "2026-11-20T10:42", "2026-11-23T10:42"),
        ("20 nov 2026 10:42 → 23 nov 2026 10:42", "2026-11-20T10:42", "2026-11-23T10:42"),
        ("desde ayer", "2026-11-23", "2026-11-24T10:42"),
        ("since 2026-11-20 08:00", "2026-11-20T08:00", "2026-11-24T10:42"),
        ("ayer 8:00 hasta ahora", "2026-11-23T08:00", "2026-11-24T10:42"),
        ("lunes a martes", "2026-11-23", "2026-11-25"),
    ],
)
def test_words_mean_the_plants_calendar(text, begin, end):
    assert parsed(text) == (local(begin), local(end), False)


def test_a_time_with_its_own_offset_is_taken_so():
    span = parsed("2026-11-20T10:00Z/2026-11-20T12:00+00:00")
    assert span.from_us == us(datetime(2026, 11, 20, 10, tzinfo=UTC))
    assert span.to_us == us(datetime(2026, 11, 20, 12, tzinfo=UTC))


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_day_on_which_clocks_change_is_an_hour_shorter_or_longer(day, hours):
    span = parsed(day)
    assert span.to_us - span.from_us == hours * 3_600_000_000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "last 8 h"),
        ("banana", "banana"),
        ("2026-13-45", "2026-13-45"),
        ("31 feb 2026", "31 feb 2026"),
        ("ayer 25:00", "25:00"),
        ("2026-11-22 to 2026-11-20", "before"),
        ("2026-12-24", "yet to come"),
        ("1066", "1900"),
        ("last 900000000 weeks", "1900"),
        ("last 0 h", "last 0 h"),
        ("99999999999999 d", "1900"),
    ],
)
def test_what_is_no_span_is_told_in_one_sentence(text, said):
    words.use("en")
    try:
        with pytest.raises(BadSpan, match=said):
            parsed(text)
    finally:
        words.use("es")


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("month", range(1, 12))
def test_what_is_shown_of_a_span_is_read_again_as_the_same(language, month):
    words.use(language)
    try:
        begin, end = (us(datetime(2026, month, day, 9, 5, tzinfo=MADRID)) for day in (3, 7))
        assert parsed(span_text(begin, end, MADRID))[:2] == (begin, end)
    finally:
        words.use("es")


def test_the_span_before_ends_where_this_one_begins():
    assert shifted((100, 150), -1) == (50, 100)
    assert shifted((100, 150), 1) == (150, 200)
