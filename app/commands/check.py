"""`main.py check`: what a P&ID holds, what was not understood or has no signal, and doubts about a plant's files."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from app.commands import Failed, plants
from app.sheets import Sheet, open_sheet
from contracts.plant import DrawingFile, Plant
from contracts.plant_warnings import warnings
from pid_renderer.drawing import BadDrawing
from resources.words import t


def run(options: argparse.Namespace) -> int:
    """Print the tally; 1 if something was not understood, is not bound or is doubtful."""
    faults = 0
    for plant in plants(options):
        if options.file is None or options.plant:
            for warning in warnings(plant):
                sys.stdout.write(f"{t('check.warning', what=warning)}\n")
                faults += 1
        for source in _sources(plant, options.file):
            try:
                sheet = open_sheet(plant, source)
            except BadDrawing as error:
                raise Failed(str(error), 2) from error
            faults += show(sheet, plant, named=options.file is not None and not options.plant)
    return 1 if faults else 0


def _sources(plant: Plant, file: Path | None) -> list[DrawingFile]:
    if file is None:
        if not plant.drawings:
            raise Failed(f"{plant.folder / 'plant.toml'} has no [[drawings]]; name a file", 2)
        return list(plant.drawings)
    known = [source for source in plant.drawings if source.file.resolve() == file.resolve()]
    return known or [DrawingFile(file, file.stem, None)]


def show(sheet: Sheet, plant: Plant, *, named: bool) -> int:
    """Print one drawing; how many things are wrong with it. `named`: no plant was asked for, so nothing is unbound."""
    drawing, binding = sheet.drawing, sheet.binding
    say = sys.stdout.write
    say(f"{drawing.source}: {drawing.title or t('check.no_title')} — {drawing.exporter}\n")
    families = Counter(element.family for element in drawing.elements.values())
    for family, count in sorted(families.items(), key=lambda entry: (-entry[1], entry[0])):
        say(f"  {count:6d}  {family}\n")
    for unread in drawing.unread:
        say(f"  {t('check.not_understood', what=unread.what, n=unread.count, line=unread.line)}\n")
    faults = len(drawing.unread)
    bound = len(plant.signals) - len(binding.unbound_signals)
    if named and not bound:
        say(f"  {t('check.no_signal', plant=plant.refinery)}\n")
        return faults
    say(f"  {t('check.bound', bound=bound, all=len(plant.signals))}\n")
    for signal in binding.unbound_signals:
        say(f"  {t('check.signal_unbound', signal=f'{signal.kks} {signal.description}'.strip())}\n")
    for element in binding.unbound_elements:
        say(f"  {t('check.element_unbound', element=element.tag, family=element.family, line=element.line)}\n")
    for note in binding.notes:
        say(f"  {note}\n")
    return faults + len(binding.unbound_signals) + len(binding.notes)
