"""How a value's quality is said and shown: its word, its icon, its ink. No Qt."""

from __future__ import annotations

from contracts import quality
from resources.words import t


def value_token(code: int) -> str:
    """The ink of a value by its quality: live, greyed when stale, bad ink when bad."""
    if quality.is_bad(code):
        return "quality.bad"
    if quality.known(code) == quality.Quality.LAST_USABLE:
        return "quality.stale"
    return "quality.forced" if quality.known(code) == quality.Quality.LOCAL_OVERRIDE else "value.live"


def is_current(code: int) -> bool:
    """Whether anything may be concluded about this moment: neither bad nor old."""
    return not quality.is_bad(code) and quality.known(code) != quality.Quality.LAST_USABLE


def quality_word(code: int) -> str:
    """Good, stale, uncertain, forced, or what kind of bad."""
    known = quality.known(code)
    if known in (quality.Quality.LAST_KNOWN, quality.Quality.LAST_USABLE, quality.Quality.LOCAL_OVERRIDE):
        return t(f"quality.{int(known)}")
    if quality.is_good(code):
        return t("quality.good")
    if quality.is_uncertain(code):
        return t("quality.uncertain")
    return t(f"quality.{int(known)}")


def quality_icon(code: int) -> str:
    """The icon beside the quality's word."""
    known = quality.known(code)
    if known == quality.Quality.LAST_USABLE:
        return "clock-pause"
    if known == quality.Quality.LOCAL_OVERRIDE:
        return "hand-stop"
    return "circle-check" if quality.is_good(code) else "square-x" if quality.is_bad(code) else "info-circle"
