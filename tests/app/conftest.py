"""A live plant whose store the test itself writes, as the ingest process would."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.live_plant import LivePlant
from contracts.quality import Quality
from contracts.sample import now_us
from data.live_store import LiveStore
from resources import words
from tests.app.plants import write_plant


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
