"""The picture of a drawing as a file: asks what and where, writes it, and says what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from app.commands.snapshot import remark_of
from app.sheet_tabs import Tab
from contracts.sample import now_us
from pid_renderer.export import BadPicture, Look, Scope, export
from resources.words import t
from widgets.picture_dialog import PictureChoice, PictureDialog


def save_picture(parent: QWidget, tab: Tab) -> str:
    """Ask and write; one sentence that says where it is or why it is not, empty where the person thought better."""
    dialog = PictureDialog(parent)
    if dialog.exec() != QDialog.DialogCode.Accepted:
        return ""
    choice = dialog.choice
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    proposed = Path(folder) / f"{tab.live.plant.refinery}-{Path(tab.name).stem}.{choice.format}"
    suffix = choice.format.upper()
    name, _ = QFileDialog.getSaveFileName(parent, t("export.title"), str(proposed), f"{suffix} (*.{choice.format})")
    if not name:
        return ""
    path = Path(name)
    return write_picture(tab, path if path.suffix else path.with_suffix(f".{choice.format}"), choice)


def write_picture(tab: Tab, path: Path, choice: PictureChoice) -> str:
    """Write it; the sentence that says how that went."""
    if tab.sheet is None:
        return t("card.bad_drawing")
    remark = remark_of(tab.live.plant, now_us()) if choice.look == "screen" else ""
    scope, look = cast("Scope", choice.scope), cast("Look", choice.look)
    try:
        export(tab.canvas, path, scope, look, binding=tab.sheet.binding, remark=remark)
    except BadPicture as error:
        return str(error)
    return t("export.done", path=path)
