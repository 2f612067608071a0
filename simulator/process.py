"""The process model: tanks, pipes, valves, pumps, exchangers and controllers, stepped explicitly with one fixed step.

Quasi-steady hydraulics (`simulator.hydraulics`) give the flows; tank masses, temperatures, valve travel, pump speed and
controllers integrate. What leaves one node enters the other in the same step, so mass is conserved to rounding.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from simulator.exchangers import Exchangers
from simulator.hydraulics import (
    Branches,
    Floats,
    Network,
    NotSolved,
    head_pressure,
    pump_coefficients,
    shaft_power_kw,
)
from simulator.process_file import BadModel, ProcessFile, name_of
from simulator.properties import ANTOINE, HEAT_CAPACITY_KJ_KG_K, density, vapour_pressure_bar

log = logging.getLogger(__name__)

_LONG_S = 1e6
"""Long against any exchanger's hold-up."""


class Process:
    """The running model: `set_input` is what an operator moves, `step` advances, `quantities` is what sensors see."""

    def __init__(self, file: ProcessFile) -> None:
        data = file.data
        self._data = data
        self._tables = [tuple(np.array(column) for column in file.strapping[tank.kks]) for tank in data.tank]
        self._time_s = 0.0
        self._read_nodes()
        self._read_parts()
        self._read_pumps_and_controllers()
        self.spilled_kg = 0.0
        self.unsolved_steps = 0
        self.flow_m3_h = np.zeros(len(data.branch))
        self.mass_flow_kg_h = np.zeros(len(data.branch))
        self._inputs = self._named_inputs()
        self._names = self._quantity_names()
        self._controlled = self.indices(controller.reads for controller in data.controller)
        self._trip_on = self.indices(pump.trip_on or self._names[0] for pump in data.pump)
        self._settle()
        self.quantities = self._read_out()
        self._last_error = self.setpoint - self.quantities[self._controlled]

    def _read_nodes(self) -> None:
        data = self._data
        tanks, rest = data.tank, data.boundary
        self.nodes = [name_of(node) for node in (*tanks, *rest)] + list(data.junction)
        for name in self.nodes:
            if self.nodes.count(name) > 1:
                raise BadModel(f"{name} stands twice among tanks, boundaries and junctions")
        self._tanks = len(tanks)
        count = len(data.junction)
        densities = (_column(tanks, "density_15c_kg_m3"), _column(rest, "density_15c_kg_m3"), np.full(count, 850.0))
        self._density_15c = np.concatenate(densities)
        temperatures = (_column(tanks, "temperature_c"), _column(rest, "temperature_c"))
        self._temperature = np.concatenate((*temperatures, np.full(count, data.ambient_c)))
        self._pressure = np.array([0.0] * len(tanks) + [b.pressure_bar for b in rest] + [1.0] * count)
        self._boundaries = slice(len(tanks), len(tanks) + len(rest))
        self._rest_bar, self._sway_bar = _column(rest, "pressure_bar"), _column(rest, "sway_bar")
        self._sway_s = _column(rest, "sway_s")
        self._antoine = np.array([ANTOINE.get(tank.vapour, (0.0, 0.0, 0.0)) for tank in tanks]).reshape(-1, 3)
        self._nozzle = _column(tanks, "nozzle_m")
        self._heat_loss = _column(tanks, "heat_loss_kw_k")
        level = _column(tanks, "level_m")
        start = np.array([np.interp(h, table[0], table[1]) for h, table in zip(level, self._tables, strict=True)])
        self._capacity = np.array([table[1][-1] for table in self._tables])
        self.mass_kg = start * density(self._density_15c, self._temperature)[: self._tanks]
        self._level = self._levels()

    def _read_parts(self) -> None:
        data = self._data
        parts = [*data.pipe, *data.valve]
        row = {name_of(part): index for index, part in enumerate(parts)}
        node = {name: index for index, name in enumerate(self.nodes)}
        self._valves = slice(len(data.pipe), len(parts))
        self._kv = _column(parts, "kv")
        self._member = np.zeros((len(data.branch), len(parts)))
        self._before_pump = np.zeros((len(data.pump), len(parts)))
        self._pump_branch = np.full(len(data.pump), -1, dtype=np.intp)
        pump_row = {pump.kks: index for index, pump in enumerate(data.pump)}
        for index, branch in enumerate(data.branch):
            before: list[int] = []
            for name in branch.path:
                if name in row:
                    self._member[index, row[name]] = 1.0
                    before.append(row[name])
                else:
                    self._pump_branch[pump_row[name]] = index
                    self._before_pump[pump_row[name], before] = 1.0
        for name, index in pump_row.items():
            if self._pump_branch[index] < 0:
                raise BadModel(f"pump {name} is in no branch's path")
        self._start = np.array([node[branch.start] for branch in data.branch], dtype=np.intp)
        self._end = np.array([node[branch.end] for branch in data.branch], dtype=np.intp)
        check = np.array([branch.check for branch in data.branch], dtype=bool)
        junctions = np.arange(len(self.nodes) - len(data.junction), len(self.nodes), dtype=np.intp)
        self._network = Network(Branches(self._start, self._end, check), junctions)
        self._junctions = junctions
        self._stroke = _column(data.valve, "stroke_s")
        self._rangeability = _column(data.valve, "rangeability")
        self.valve_demand = _column(data.valve, "open")
        self.valve_position = self.valve_demand.copy()

    def _read_pumps_and_controllers(self) -> None:
        data = self._data
        self._shutoff, self._rated_flow = _column(data.pump, "shutoff_head_m"), _column(data.pump, "rated_flow_m3_h")
        self._efficiency, self._run_up = _column(data.pump, "efficiency"), _column(data.pump, "run_up_s")
        self._curve = pump_coefficients(self._shutoff, _column(data.pump, "rated_head_m"), self._rated_flow)
        self.pump_command = np.array([float(pump.running) for pump in data.pump])
        self.pump_speed = self.pump_command.copy()
        self.pump_tripped = np.zeros(len(data.pump), dtype=bool)
        self._discharge = np.zeros(len(data.pump))
        self._power = np.zeros(len(data.pump))
        valve = [v.kks for v in data.valve]
        self._driven = np.array([valve.index(c.valve) for c in data.controller], dtype=np.intp)
        self._gain, self._reset = _column(data.controller, "gain"), _column(data.controller, "reset_s")
        self.setpoint = _column(data.controller, "setpoint")
        self.auto = np.array([float(c.auto) for c in data.controller])
        self.output_pct = self.valve_demand[self._driven] * 100.0
        branch = [b.name for b in data.branch]
        self._heated = np.array([branch.index(x.branch) for x in data.exchanger], dtype=np.intp)
        self._throttled = np.array([valve.index(x.valve) if x.valve else -1 for x in data.exchanger], dtype=np.intp)
        self._exchangers = Exchangers(data.exchanger, self._temperature[self._start[self._heated]])

    def _named_inputs(self) -> dict[str, tuple[Floats, int]]:
        data, inputs = self._data, {}
        for index, valve in enumerate(data.valve):
            inputs[f"{valve.kks}.demand"] = (self.valve_demand, index)
        for index, pump in enumerate(data.pump):
            inputs[f"{pump.kks}.command"] = (self.pump_command, index)
        for index, controller in enumerate(data.controller):
            inputs[f"{controller.kks}.setpoint"] = (self.setpoint, index)
            inputs[f"{controller.kks}.auto"] = (self.auto, index)
            inputs[f"{controller.kks}.output_pct"] = (self.output_pct, index)
        return inputs

    def input_value(self, name: str) -> float:
        """The present value of an input. Raises `BadModel` for a name the model does not have."""
        array, index = self._input(name)
        return float(array[index])

    def set_input(self, name: str, value: float) -> None:
        """Move an input: a valve's demand (0..1), a pump's command (0, 1), a controller's setpoint, auto or output."""
        array, index = self._input(name)
        array[index] = value

    def _input(self, name: str) -> tuple[Floats, int]:
        try:
            return self._inputs[name]
        except KeyError as error:
            raise BadModel(f"the model has no input {name}; it has {', '.join(self._inputs)}") from error

    def indices(self, names: Iterable[str]) -> NDArray[np.intp]:
        """Where in `quantities` the named ones stand. Raises `BadModel` for a name the model does not have."""
        row = {name: index for index, name in enumerate(self._names)}
        names = list(names)
        for name in names:
            if name not in row:
                raise BadModel(f"the model has no quantity {name}; it has {', '.join(self._names)}")
        return np.array([row[name] for name in names], dtype=np.intp)

    def step(self, seconds: float) -> None:
        """Advance by `seconds` of process time; up to about 1 s is accurate and stable."""
        self._time_s += seconds
        self._drive(seconds)
        self._solve_flows()
        self._exchange(seconds)
        self._balance(seconds)
        self.quantities = self._read_out()

    def _drive(self, seconds: float) -> None:
        """Controllers, valve travel, pump speed and trips."""
        error = self.setpoint - self.quantities[self._controlled]
        # Velocity form: the output stays where it is when auto is switched, and stops at its ends without wind-up.
        change = self._gain * (error - self._last_error + error * seconds / self._reset) * 100.0
        self.output_pct[:] = np.clip(self.output_pct + self.auto * change, 0.0, 100.0)
        self._last_error = error
        self.valve_demand[self._driven] = self.output_pct / 100.0
        travel = seconds / self._stroke
        self.valve_position += np.clip(self.valve_demand - self.valve_position, -travel, travel)
        for index, pump in enumerate(self._data.pump):
            if not self.pump_command[index]:
                self.pump_tripped[index] = False
            elif pump.trip_on and self.quantities[self._trip_on[index]] < pump.trip_below:
                self.pump_tripped[index] = True
        change = np.where(self.pump_tripped, 0.0, self.pump_command) - self.pump_speed
        self.pump_speed += np.clip(change, -seconds / self._run_up, seconds / self._run_up)

    def _valve_kv(self) -> Floats:
        """Kv by travel: linear, or equal percentage Kv R^(x−1); shut is shut."""
        x, ratio = self.valve_position, np.maximum(self._rangeability, 1.0)
        return np.where(x <= 0.0, 0.0, np.where(self._rangeability > 0.0, ratio ** (x - 1.0), x))

    def _solve_flows(self) -> None:
        rho = density(self._density_15c, self._temperature)
        head = head_pressure(rho[: self._tanks], np.maximum(self._level - self._nozzle, 0.0))
        self._vapour = vapour_pressure_bar(self._antoine, self._temperature[: self._tanks])
        self._pressure[: self._tanks] = head + self._vapour
        # Two sines whose periods have no common multiple: a unit's pressure never stands still, nor repeats soon.
        turn = 2.0 * np.pi * self._time_s / self._sway_s
        sway = self._sway_bar * (0.7 * np.sin(turn) + 0.3 * np.sin(2.618 * turn))
        self._pressure[self._boundaries] = self._rest_bar + sway
        may_leave = np.ones(len(self.nodes), dtype=bool)
        may_leave[: self._tanks] = self._level > self._nozzle
        kv = self._kv.copy()
        kv[self._valves] *= self._valve_kv()
        closed = kv <= 0.0
        part = np.where(closed, 0.0, 1.0 / np.where(closed, 1.0, kv) ** 2)
        forward = rho[self._start]
        resistance = self._member @ part * forward / 1000.0
        rise = np.zeros(len(self._start))
        pumped = self._pump_branch
        resistance[pumped] += head_pressure(forward[pumped], self._curve)
        rise[pumped] = head_pressure(forward[pumped], self._shutoff * self.pump_speed**2)
        resistance[self._member @ closed > 0.0] = np.inf
        try:
            flow = self._network.solve(self._pressure, rise, resistance, forward, may_leave)
        except NotSolved as error:
            # Nothing moves for this step, which conserves mass; the count is reported as degraded.
            self.unsolved_steps += 1
            flow = np.zeros_like(self.flow_m3_h)
            if self.unsolved_steps == 1:
                log.warning("%s", error)
        self.flow_m3_h, self.mass_flow_kg_h = flow, flow * forward
        drawn = flow[pumped]
        suction = self._pressure[self._start[pumped]] - self._before_pump @ part * forward[pumped] / 1000.0 * drawn**2
        head = self._shutoff * self.pump_speed**2 - self._curve * drawn * np.abs(drawn)
        self._discharge = suction + head_pressure(forward[pumped], head)
        # Affinity law: a pump at speed n at flow q works as at full speed at q/n, times n³.
        speed = np.maximum(self.pump_speed, 1e-3)
        full = shaft_power_kw(
            forward[pumped], np.maximum(head, 0.0) / speed**2, self._rated_flow, drawn / speed, self._efficiency
        )
        self._power = np.where(self.pump_speed > 1e-3, full * speed**3, 0.0)

    def _exchange(self, seconds: float) -> None:
        """Heat exchangers, on what flows now."""
        opening = np.where(self._throttled >= 0, self.valve_position[self._throttled], 1.0)
        inlet, branch = self._temperature[self._start[self._heated]], self._heated
        self._exchangers.step(inlet, self.mass_flow_kg_h[branch], self.flow_m3_h[branch], opening, seconds)

    def _settle(self) -> None:
        """Begin with what flows through junctions and exchangers as if it had flowed so for long."""
        self._solve_flows()
        for _ in self._junctions:
            self._exchange(_LONG_S)
            self._mix(*self._arrivals(1.0)[1:])
            self._solve_flows()

    def _arrivals(self, seconds: float) -> tuple[Floats, Floats, Floats, Floats]:
        """Per node: kg that leave, kg that arrive, kg·°C and m³ at 15 °C that arrive with them."""
        moved = self.mass_flow_kg_h * (seconds / 3600.0)
        source = np.where(moved >= 0.0, self._start, self._end)
        target = np.where(moved >= 0.0, self._end, self._start)
        size, count = np.abs(moved), len(self.nodes)
        stream = self._temperature[source]
        heated = self._heated
        stream[heated] = np.where(moved[heated] > 0.0, self._exchangers.outlet_c, stream[heated])
        return (
            np.bincount(source, size, count).astype(np.float64),
            np.bincount(target, size, count).astype(np.float64),
            np.bincount(target, size * stream, count).astype(np.float64),
            np.bincount(target, size / self._density_15c[source], count).astype(np.float64),
        )

    def _mix(self, arrived: Floats, warmth: Floats, volume: Floats) -> None:
        """Junctions hold nothing: they are what arrives."""
        fed = self._junctions[arrived[self._junctions] > 0.0]
        self._temperature[fed] = warmth[fed] / arrived[fed]
        self._density_15c[fed] = arrived[fed] / volume[fed]

    def _balance(self, seconds: float) -> None:
        """Mass and heat of the tanks, mixing in the junctions."""
        left, arrived, warmth, volume = self._arrivals(seconds)
        tanks = slice(0, self._tanks)
        kept = self.mass_kg - left[tanks]
        mass = kept + arrived[tanks]
        heat = kept * self._temperature[tanks] + warmth[tanks]
        spread = kept / self._density_15c[tanks] + volume[tanks]
        safe = np.maximum(mass, 1.0)
        loss = self._heat_loss * (self._temperature[tanks] - self._data.ambient_c) * seconds
        full = mass > 1.0
        self._temperature[tanks] = np.where(
            full, heat / safe - loss / (safe * HEAT_CAPACITY_KJ_KG_K), self._temperature[tanks]
        )
        self._density_15c[tanks] = np.where(full, safe / np.maximum(spread, 1e-9), self._density_15c[tanks])
        over = np.maximum(mass - self._capacity * density(self._density_15c[tanks], self._temperature[tanks]), 0.0)
        self.spilled_kg += float(over.sum())
        self.mass_kg = mass - over
        self._level = self._levels()
        self._mix(arrived, warmth, volume)

    def volume_m3(self) -> Floats:
        """Liquid in each tank at its temperature."""
        return self.mass_kg / density(self._density_15c, self._temperature)[: self._tanks]

    def level_m(self) -> Floats:
        """Level in each tank by its strapping table."""
        return self._level.copy()

    def _levels(self) -> Floats:
        volumes = self.volume_m3().tolist()
        return np.array([np.interp(v, table[1], table[0]) for v, table in zip(volumes, self._tables, strict=True)])

    def _quantity_names(self) -> list[str]:
        data = self._data
        groups = (
            ([tank.kks for tank in data.tank], ("level_m", "volume_m3", "mass_kg", "vapour_bar")),
            (self.nodes, ("temperature_c", "pressure_bar")),
            ([branch.name for branch in data.branch], ("flow_m3_h", "mass_flow_kg_h")),
            ([valve.kks for valve in data.valve], ("position_pct", "open", "closed")),
            ([pump.kks for pump in data.pump], ("running", "tripped", "speed_pct", "power_kw", "discharge_bar")),
            ([exchanger.kks for exchanger in data.exchanger], ("outlet_c", "duty_kw")),
            ([controller.kks for controller in data.controller], ("setpoint", "output_pct", "auto")),
        )
        return [f"{name}.{quantity}" for names, quantities in groups for quantity in quantities for name in names]

    def _read_out(self) -> Floats:
        """All quantities in the order of `_quantity_names`."""
        running = (self.pump_command > 0.0) & ~self.pump_tripped
        return np.concatenate(
            (
                self._level,
                self.volume_m3(),
                self.mass_kg,
                self._vapour,
                self._temperature,
                self._pressure,
                self.flow_m3_h,
                self.mass_flow_kg_h,
                self.valve_position * 100.0,
                self.valve_position >= 0.995,
                self.valve_position <= 0.005,
                running,
                self.pump_tripped,
                self.pump_speed * 100.0,
                self._power,
                self._discharge,
                self._exchangers.outlet_c,
                self._exchangers.duty_kw,
                self.setpoint,
                self.output_pct,
                self.auto,
            )
        )


def _column(rows: Sequence[msgspec.Struct], name: str) -> Floats:
    return np.array([getattr(row, name) for row in rows], dtype=np.float64)
