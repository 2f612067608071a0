"""What a person at the screen sees while one process after another is killed, and for how long."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import requests
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel

from app import processes, stack_processes
from app.application import Look, Session, make_window, open_shell, states
from app.commands.stack import write_sheets
from app.main_window import MainWindow
from app.processes import BROKER, INGEST, LAKE, MTU, SIMULATOR
from app.stack_processes import PANEL
from app.watching import watch_parts
from contracts import plant, quality
from contracts.plant import Plant
from contracts.sample import now_us
from runtime.supervisor import Process
from widgets.source_card import Card

START_S: Final = 180.0
SETTLE_S: Final = 6.0
"""Between a recovery and the next kill: longer than anything on the screen takes to calm down."""
GIVE_UP_S: Final = 90.0
AFTERGLOW_S: Final = 3.0
"""How long after a recovery a belated mark still counts as its victim's."""
PAINTED_S: Final = 0.4
CHUNK_AGE_S: Final = 3
PICTURE_PX: Final = 1280

JVM: Final = "broker jvm"
VICTIMS: Final = (SIMULATOR, BROKER, JVM, MTU, INGEST, LAKE, PANEL)


@dataclass
class Kill:
    """One victim; times are seconds after the kill, None: it did not happen."""

    victim: str
    killed_us: int
    first_bad_s: float | None = None
    """The first reading on the screen that no longer counted as good."""
    all_bad_s: float | None = None
    source_bad_s: float | None = None
    """The status bar no longer called the source alive."""
    named_s: float | None = None
    """The status bar or a card over the drawing named the part."""
    noticed_s: float | None = None
    """The supervisor knew."""
    recovered_s: float | None = None
    most_bad: int = 0
    oldest_good_s: float = 0.0
    """The age to which the newest of all values grew before the first was marked."""
    restarts: int = 0
    status_bar: list[str] = field(default_factory=list)
    """What it said, in order, rates left out."""
    card: list[str] = field(default_factory=list)
    picture: str = ""
    picture_after: str = ""


def measure(source: Path, scratch: Path, pictures: Path) -> list[Kill]:
    """Run the demo's processes and the panel under the product's own window, and kill each in turn."""
    loaded = plant.load(source)
    sheets = scratch / "sheets"
    write_sheets([loaded], sheets)
    shell = open_shell(Look("light", "es", str(scratch / "lake"), (1600, 900), remember=False), visible=False)

    def wanted(session: Session) -> Sequence[Process]:
        served = [processes.Served(live.plant, live.store.name) for live in session.lives]
        (scratch / "lake").mkdir(exist_ok=True)
        panel = [each for each in stack_processes.stack(served, scratch, sheets, 0) if each.name == PANEL]
        demo = processes.demo(served, scratch, scratch / "lake", direct=False)
        return [*(_storing_often(each) if each.name == LAKE else each for each in demo), *panel]

    with Session([loaded], direct=False) as session:
        session.run(wanted)
        application, window = make_window(session, shell)
        watch_parts(window, session, wanted)
        try:
            screen = Screen(session, application, window, scratch, pictures)
            screen.until(screen.all_well, START_S)
            with Visitor(session, loaded) as visitor:
                kills = [screen.kill(victim, visitor) for victim in VICTIMS]
            screen.save_pictures()
            return kills
        finally:
            window.close()


def _storing_often(lake: Process) -> Process:
    """A lake writer whose chunks come soon enough to be waited for."""
    assert callable(lake.argv)
    argv = lake.argv
    return dataclasses.replace(lake, argv=lambda known: [*argv(known), "--age", CHUNK_AGE_S])


class Screen:
    """The running window, watched while something is killed."""

    def __init__(
        self, session: Session, application: QApplication, window: MainWindow, state: Path, pictures: Path
    ) -> None:
        self._session, self._application, self._window = session, application, window
        self._live = session.lives[0]
        self._state, self._pictures = state, pictures
        pictures.mkdir(parents=True, exist_ok=True)
        self._taken: dict[str, QImage] = {}

    def until(self, condition: Callable[[], bool], within_s: float) -> None:
        """Let the window live until a condition holds. Raises TimeoutError."""
        deadline = time.monotonic() + within_s
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{within_s:.0f} s: {self._bad()[:5]}; {states(self._session)}")
            self._breathe()

    def _breathe(self) -> None:
        self._application.processEvents()
        # What a running event loop does by itself.
        self._application.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        time.sleep(0.01)

    def all_well(self) -> bool:
        """Every tag good, every process ready, nothing over the drawing."""
        return (
            not self._bad()
            and self._live.source.alive
            and all(status.state == "ready" for status in states(self._session).values())
        )

    def kill(self, victim: str, visitor: Visitor) -> Kill:
        """Kill one process with signal 9 and watch until all is as before."""
        self._live_on(SETTLE_S)
        name = self._process(victim)
        before = states(self._session)[name]
        chunks = self._stored_chunks()
        pid = self._jvm_pid() if victim == JVM else before.pid
        assert pid is not None
        killed_us, began = now_us(), time.monotonic()
        os.kill(pid, signal.SIGKILL)
        found = Kill(victim, killed_us)
        worst, picture, taken_s = (-1, False, False, 0), QImage(), 0.0
        while True:
            self._breathe()
            after_s = time.monotonic() - began
            status = states(self._session)[name]
            found.noticed_s = found.noticed_s or (after_s if status.state != "ready" else None)
            found.restarts = status.restarts - before.restarts
            look = (*self._look(found, processes.spoken(name), after_s), self._age_s())
            # Of equal moments the last: by then every part of the window has been painted.
            if look > worst or (look == worst and after_s > taken_s + PAINTED_S):
                worst, picture, taken_s = look, self._window.grab().toImage(), after_s
            well = self.all_well() and found.restarts > 0 and self._fresh(victim, killed_us, visitor, chunks)
            if well and found.recovered_s is None:
                found.recovered_s = after_s
            if found.recovered_s is not None and after_s > found.recovered_s + AFTERGLOW_S:
                break
            if after_s > GIVE_UP_S:
                break
        found.picture = f"kill-{victim.replace(' ', '-')}.png"
        self._taken[found.picture] = picture
        if victim == VICTIMS[0]:
            found.picture_after = "kill-recovered.png"
            self._taken[found.picture_after] = self._window.grab().toImage()
        return found

    # ---- what is seen

    def _look(self, found: Kill, part: str, after_s: float) -> tuple[int, bool, bool]:
        """Note what the screen shows now; how bad it looks, for choosing the picture."""
        bad, total = len(self._bad()), len(self._live.readings)
        found.most_bad = max(found.most_bad, bad)
        if bad:
            found.first_bad_s = found.first_bad_s or after_s
        if bad == total:
            found.all_bad_s = found.all_bad_s or after_s
        if not self._live.source.alive:
            found.source_bad_s = found.source_bad_s or after_s
        newest_s = self._live.source.newest_age_s
        if not bad and found.first_bad_s is None:
            found.oldest_good_s = max(found.oldest_good_s, newest_s)
        said = re.sub(r" · [−\d.,\s]+ (cambios|changes)/s", "", self._said())
        if said not in found.status_bar:
            found.status_bar.append(said)
        card = self._card()
        named = part in card or part in said
        if named:
            found.named_s = found.named_s or after_s
        if card and card not in found.card:
            found.card.append(card)
        return bad, not self._live.source.alive, not bad and named

    def _age_s(self) -> int:
        """Whole seconds since the newest event, as far as they matter to a picture."""
        return int(min(99.0, self._live.source.newest_age_s))

    def _bad(self) -> list[str]:
        return [kks for kks, reading in self._live.readings.items() if not quality.is_good(reading.quality)]

    def _said(self) -> str:
        labels = [label for label in self._window.status.findChildren(QLabel) if label.isVisible() and label.text()]
        labels.sort(key=lambda label: label.x())
        # Source and missing parts; how well the drawing is bound and the version stand behind them.
        texts = [label.text() for label in labels[:-1] if "%" not in label.text()]
        return re.sub("<[^>]+>", "", " | ".join(texts))

    def _card(self) -> str:
        cards = [card for card in self._window.synoptic.tabs.stage.findChildren(Card) if card.isVisible()]
        return " — ".join(filter(None, (f"{c.accessibleName()}: {c.accessibleDescription()}" for c in cards)))

    def save_pictures(self) -> None:
        """Write what was taken. Not while it is watched: a picture costs a tenth of a second of the window's time."""
        for name, image in self._taken.items():
            small = image.scaledToWidth(PICTURE_PX, Qt.TransformationMode.SmoothTransformation)
            _with_its_commonest_colours(small).save(str(self._pictures / name), "PNG", 0)  # type: ignore[call-overload]

    # ---- the processes

    def _process(self, victim: str) -> str:
        kind = BROKER if victim == JVM else victim
        return next(name for name in states(self._session) if processes.part(name) == kind)

    def _jvm_pid(self) -> int:
        return int(json.loads((self._state / "kafka" / "broker.json").read_text(encoding="utf-8"))["jvm"][0])

    def _stored_chunks(self) -> int:
        return len(list((self._state / "lake").rglob("*.parquet")))

    def _fresh(self, victim: str, killed_us: int, visitor: Visitor, chunks: int) -> bool:
        """Whether what the victim does is seen done again, after the kill."""
        times = [reading.time_us for reading in self._live.readings.values()]
        if victim == LAKE:
            return self._stored_chunks() > chunks
        if victim == PANEL:
            return visitor.newest_us > killed_us
        # A gateway that starts, or finds its PLC again, reports every tag.
        return (min if victim in (SIMULATOR, MTU) else max)(times) > killed_us

    def _live_on(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() > end and self.all_well(), seconds + GIVE_UP_S)


def _with_its_commonest_colours(image: QImage) -> QImage:
    """256 colours: the commonest exactly as they are, the others (soft edges) as the nearest of them."""
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(plain.constBits(), np.uint32)
    colours, place, count = np.unique(pixels, return_inverse=True, return_counts=True)
    kept = colours[np.argsort(-count)[:256]]

    def channels(codes: NDArray[np.uint32]) -> NDArray[np.int64]:
        return np.stack([(codes >> shift) & 255 for shift in (16, 8, 0)], axis=1).astype(np.int64)

    known = channels(kept)
    nearest = np.array([np.argmin(((known - each) ** 2).sum(axis=1)) for each in channels(colours)], np.uint8)
    indexed = np.ascontiguousarray(nearest[place].reshape(plain.height(), plain.width()))
    made = QImage(indexed.data, plain.width(), plain.height(), plain.width(), QImage.Format.Format_Indexed8)
    made.setColorTable(kept.tolist())
    return made.copy()


class Visitor:
    """Somebody signed in to the panel, whose browser keeps its stream open as browsers do."""

    def __init__(self, session: Session, loaded: Plant) -> None:
        report = states(session)[PANEL].report
        self._url, self._refinery = str(report["url"]), loaded.refinery
        self._browser = requests.Session()
        page = self._browser.get(f"{self._url}sign-in/", timeout=10)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token
        form = {"username": "central", "password": report["passwords"]["central"], "next": "/"}
        form["csrfmiddlewaretoken"] = token[1]
        self._browser.post(f"{self._url}sign-in/", form, timeout=10).raise_for_status()
        self.newest_us = 0
        """Source time of the newest sample that the panel delivered."""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, name="panel visitor", daemon=True)

    def __enter__(self) -> Visitor:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join(10)
        self._browser.close()

    def _read(self) -> None:
        while not self._ended.wait(0.25):
            try:
                with self._browser.get(f"{self._url}{self._refinery}/stream", stream=True, timeout=(1, 5)) as answer:
                    answer.raise_for_status()
                    for line in answer.iter_lines(chunk_size=1):
                        if self._ended.is_set():
                            return
                        if line.startswith(b"data: "):
                            rows = json.loads(line[6:])["rows"]
                            self.newest_us = max([self.newest_us, *(row[2] for row in rows)])
            except (requests.RequestException, ValueError):
                continue
