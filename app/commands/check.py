"""`main.py check`: what a P&ID holds, what was not understood or has no signal, and doubts about a plant's files."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.binding_table import best_candidates, proposal_lines
from app.commands import Failed, plants
from app.sheets import Sheet, open_sheet
from contracts.number_text import Language, number
from contracts.plant import DrawingFile, Plant
from contracts.plant_warnings import warnings
from pid_renderer import reading
from pid_renderer.drawing import BadDrawing, Drawing, SheetJump
from pid_renderer.said import said
from pid_renderer.tally import tally
from resources.words import language, t


@dataclass(frozen=True)
class Checked:
    """One drawing, read and bound."""

    sheet: Sheet
    written: Drawing
    """What the file itself says and draws: the sheet's drawing may be one that we laid out."""
    plant: Plant
    alone: bool
    """Only the file was asked for and no signal of the shipped plant belongs to it: then nothing is unbound."""

    @property
    def bound(self) -> int:
        """Signals that found an element."""
        return len(self.plant.signals) - len(self.sheet.binding.unbound_signals)

    @property
    def faults(self) -> int:
        """How many things are wrong."""
        binding, unread = self.sheet.binding, len(self.sheet.bare.unread)
        return unread if self.alone else unread + len(binding.unbound_signals) + len(binding.notes)


def run(options: argparse.Namespace) -> int:
    """Print the tally; 1 if something was not understood, is not bound or is doubtful."""
    doubts: list[str] = []
    drawings: list[Checked] = []
    for plant in plants(options):
        if options.file is None or options.plant:
            doubts += warnings(plant)
        named = options.file is not None and not options.plant
        drawings += [
            _check(plant, source, "en" if options.json else language(), named=named)
            for source in _sources(plant, options.file)
        ]
    if options.json:
        found = {"warnings": doubts, "drawings": [as_json(checked) for checked in drawings]}
        sys.stdout.write(f"{json.dumps(found, ensure_ascii=False, indent=2)}\n")
    else:
        for warning in doubts:
            sys.stdout.write(f"{t('check.warning', what=warning)}\n")
        for checked in drawings:
            sys.stdout.write("".join(f"{line}\n" for line in lines(checked)))
    return 1 if doubts or any(checked.faults for checked in drawings) else 0


def _sources(plant: Plant, file: Path | None) -> list[DrawingFile]:
    if file is None:
        if not plant.drawings:
            raise Failed(f"{plant.folder / 'plant.toml'} has no [[drawings]]; name a file", 2)
        return list(plant.drawings)
    known = [source for source in plant.drawings if source.file.resolve() == file.resolve()]
    return known or [DrawingFile(file, file.stem, None)]


def _check(plant: Plant, source: DrawingFile, spoken: Language, *, named: bool) -> Checked:
    try:
        sheet, written = open_sheet(plant, source), reading.read_as_written(source.file)
    except BadDrawing as error:
        raise Failed(said(str(error), spoken), 2) from error
    alone = named and len(sheet.binding.unbound_signals) == len(plant.signals)
    return Checked(sheet, written, plant, alone)


def lines(checked: Checked) -> Iterator[str]:
    """One drawing for people."""
    drawing, binding, plant = checked.written, checked.sheet.binding, checked.plant
    yield f"{drawing.source}: {drawing.title or t('check.no_title')}"
    width, height = (number(mm, 0, language()) for mm in (drawing.width_mm, drawing.height_mm))
    if drawing.primitives:
        yield f"  {t('check.sheet', width=width, height=height, exporter=drawing.exporter)}"
    else:
        yield f"  {t('check.no_sheet', exporter=drawing.exporter)}"
    for kind, count in tally(drawing).items():
        if count:
            yield f"  {count:6d}  {t('check.kind.' + kind.replace(' ', '_'))}"
    for jump in drawing.jumps:
        yield f"  {_jump(jump)}"
    if not checked.sheet.bare.unread:
        yield f"  {t('check.understood')}"
    for unread in checked.sheet.bare.unread:
        what = said(unread.what, language())
        times = "check.not_understood_once" if unread.count == 1 else "check.not_understood"
        yield f"  {t(times, what=what, n=unread.count, line=unread.line)}"
    if checked.alone:
        tags = sorted({element.tag for element in binding.unbound_elements})
        if tags:
            yield f"  {t('check.unbound_tags', n=len(tags), tags=', '.join(tags))}"
        yield f"  {t('check.no_signal', plant=plant.refinery)}"
        return
    yield f"  {t('check.bound', bound=checked.bound, all=len(plant.signals))}"
    for signal in binding.unbound_signals:
        yield f"  {t('check.signal_unbound', signal=f'{signal.kks} {signal.description}'.strip())}"
    for element in binding.unbound_elements:
        yield f"  {t('check.element_unbound', element=element.tag, family=element.family, line=element.line)}"
    for line in proposal_lines(checked.sheet):
        yield f"  {line}"
    for note in binding.notes:
        yield f"  {note}"


def _jump(jump: SheetJump) -> str:
    target = " · ".join(part for part in (jump.target_sheet, jump.target_connector) if part)
    target = target or jump.target_id or t("check.jump_nowhere")
    way = "check.jump_in" if jump.direction == "in" else "check.jump_out"
    return t(way, label=jump.label or jump.element, target=target)


def as_json(checked: Checked) -> dict[str, Any]:
    """One drawing for programs; keys and texts are English whatever the language."""
    drawing, laid, binding = checked.written, checked.sheet.bare, checked.sheet.binding
    return {
        "file": drawing.source,
        "title": drawing.title,
        "exporter": drawing.exporter,
        "laid_out": not drawing.primitives,
        "sheet_mm": [round(laid.width_mm, 3), round(laid.height_mm, 3)] if laid.width_mm > 0 else None,
        "counts": {kind.replace(" ", "_"): count for kind, count in tally(drawing).items()},
        "unread": [{"what": u.what, "count": u.count, "line": u.line} for u in checked.sheet.bare.unread],
        "jumps": [jump._asdict() for jump in drawing.jumps],
        "signals": 0 if checked.alone else len(checked.plant.signals),
        "bound": 0 if checked.alone else checked.bound,
        "unbound_signals": [] if checked.alone else [signal.kks for signal in binding.unbound_signals],
        "unbound_elements": [
            {"tag": element.tag, "family": element.family, "line": element.line} for element in binding.unbound_elements
        ],
        "proposals": []
        if checked.alone
        else [
            {"signal": signal, "element": best.element, "tag": best.tag, "score": best.score, "why": best.why}
            for signal, best in best_candidates(checked.sheet, "en").items()
        ],
        "notes": list(binding.notes),
    }
