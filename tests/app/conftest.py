"""A live plant whose store the test itself writes, as the ingest process would."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6

from app.historian_access import HistorianAccess
from app.live_plant import LivePlant
from app.main_window import MainWindow
from app.settings import Settings
from contracts.plant import load
from contracts.quality import Quality
from contracts.sample import now_us
from data.live_store import LiveStore
from resources import words
from tests.app.open_windows import open_window, shut
from tests.app.plants import write_plant
from tests.app.two_sheets import write_two_sheets
from widgets import style

SIM_R1 = Path(__file__).parents[2] / "resources" / "plants" / "sim-r1"


class Fed:
    """A live plant and a clock the test moves."""

    def __init__(self, live: LivePlant) -> None:
        self.live = live
        self.now = now_us()
        self.source("live")

    def feed(self, kks: str, value: float | None, code: int = Quality.GOOD) -> None:
        number = float("nan") if value is None else value
        self.live.store.write([self.live.store.rows[kks]], [number], [self.now], [code])

    def feed_all(self, value: float = 5.0) -> None:
        for signal in self.live.plant.signals:
            self.feed(signal.kks, value if signal.kind == "analog" else 0.0)

    def source(self, state: str, detail: str = "") -> None:
        self.live.store.set_source(state, detail)
        self.live.store.beat()

    def wait(self, seconds: float, *, beating: bool = True) -> dict:
        """Let time pass and refresh; `beating`: the ingest process lives on."""
        self.now += int(seconds * 1e6)
        if beating:
            self.live.store._shared.arrays["heartbeat_us"][0] = self.now
        return self.live.refresh(self.now)


@pytest.fixture
def fed(tmp_path: Path) -> Iterator[Fed]:
    words.use("es")
    plant = write_plant(tmp_path / "plant")
    store = LiveStore.create([signal.kks for signal in plant.signals], 600)
    yield Fed(LivePlant(plant, store, source="Kafka sim-t1"))
    store.close()
    store.unlink()


@pytest.fixture
def shown(qapp, tmp_path):
    """The window over the reference plant, every tag at its design value or the middle of its range."""
    words.use("es")
    style.use("light")
    if qapp.styleSheet() != style.sheet():
        qapp.setStyleSheet(style.sheet())
    plant = load(SIM_R1)
    store = LiveStore.create([signal.kks for signal in plant.signals], 600)
    fed = Fed(LivePlant(plant, store, source="Kafka sim-r1"))
    for signal in plant.signals:
        middle = (signal.low + signal.high) / 2 if signal.kind == "analog" else 0.0
        fed.feed(signal.kks, middle if signal.design is None else signal.design)
    settings = Settings(tmp_path / "settings.ini")
    window = MainWindow([fed.live], settings, HistorianAccess({}), person="ana", version="0")
    window.resize(1920, 1080)
    window.show()
    window.begin()
    window.refresh.stop()
    yield window, fed
    window.close()
    # Deleted here and now: a dozen windows that wait for an event loop would all be styled anew by each theme.
    shiboken6.delete(window)
    store.close()
    store.unlink()


@pytest.fixture
def two_sheets(qapp, tmp_path):
    words.use("es")
    style.use("light")
    if qapp.styleSheet() != style.sheet():
        qapp.setStyleSheet(style.sheet())
    plant = write_two_sheets(tmp_path / "plant")
    store = LiveStore.create([signal.kks for signal in plant.signals], 60)
    fed = Fed(LivePlant(plant, store, source="Kafka sim-t1"))
    fed.feed_all()
    yield fed
    store.close()
    store.unlink()


@pytest.fixture
def window(two_sheets, tmp_path):
    made = open_window(two_sheets, Settings(tmp_path / "settings.ini"))
    yield made
    shut(made)
