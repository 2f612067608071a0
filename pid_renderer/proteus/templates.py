"""Texts that show an element's attributes, by name or by a template such as `[A]-[B]`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from pid_renderer.drawing import Element, Primitive, Text
from pid_renderer.proteus.attributes import short_name
from pid_renderer.proteus.unread import UnreadTally

LONGEST_TEXT: Final = 2_000
"""No text on a sheet is longer, in letters."""
_NAME: Final = re.compile(r"\[([^\[\]]+)\]")


def resolve(primitives: list[Primitive], elements: Mapping[str, Element], miss: UnreadTally) -> None:
    """Give each text without a string of its own, in place, that of the attributes it refers to."""
    for place, item in enumerate(primitives):
        if not isinstance(item, Text) or item.text or not item.attribute:
            continue
        element = elements.get(item.refers_to)
        template = item.attribute[:LONGEST_TEXT]
        names = _NAME.findall(template) or [template]
        texts = {name: element.text(name, short_name(name)) if element else "" for name in names}
        if not any(texts.values()):
            holder = elements.get(item.owner)
            miss.add(f"text for {template[:60]}, which has no value", holder.line if holder else 0)
        primitives[place] = replace(item, text=_filled(template, texts)[:LONGEST_TEXT])


def _filled(template: str, texts: Mapping[str, str]) -> str:
    shown = _NAME.sub(lambda match: texts[match[1]], template)
    return shown if shown != template else next(iter(texts.values()))
