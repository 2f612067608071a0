"""A plant at one moment, as `app` would give it."""

import numpy as np

from analysis.alarms import AlarmBoard
from analysis.stock import inventory, read_strapping
from contracts.plant import Plant
from contracts.quality import Quality
from data.reading import NEVER_SEEN, Reading
from widgets.plant_now import TankNow

NOON_US = 1_795_431_600_000_000


class Now:
    def __init__(self, plant: Plant, **values: float) -> None:
        self.plant = plant
        self.board = AlarmBoard(plant.signals)
        self.readings = {
            s.kks: Reading(values[s.kks], NOON_US, int(Quality.GOOD)) if s.kks in values else NEVER_SEEN
            for s in plant.signals
        }
        self.past = (np.empty(0, np.int64), np.empty(0), np.empty(0, np.int16))

    def recent(self, kks):
        return self.past

    def alarms(self, kks):
        return self.board.alarmed.get(kks, ())

    def tank_now(self, kks):
        for tank in self.plant.tanks:
            if kks in (tank.kks, tank.level, tank.temperature):
                level, temperature = self.readings[tank.level].value, self.readings[tank.temperature].value
                held = inventory(read_strapping(tank.strapping), level, temperature, 850.0, "crude")
                return TankNow(tank, held, self.readings[tank.level])
        return None

    def provenance(self, kks):
        return [("PLC", "plc1")]
