"""`python -m simulator --plant DIR`: the training plant as a process of its own (see `runtime.child`)."""

from __future__ import annotations

import argparse
import asyncio
import logging
import math
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from contracts.plant import BadPlant, load
from runtime import child
from simulator.plant_server import PlantServer

_REPORT_S = 1.0


def main(arguments: list[str] | None = None) -> int:
    """Serve until the parent says stop. 0: stopped; 1: a port is taken; 2: bad usage or a bad plant."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.log_reads and not options.ticks:
        parser.error("--log-reads needs --ticks: only a tick tells which state of the registers a read saw")
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="simulator: %(message)s")
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    child.report("starting")
    with ExitStack() as stack:
        try:
            read_log = None
            if options.log_reads:
                read_log = stack.enter_context(options.log_reads.open("a", buffering=1, encoding="ascii"))
        except OSError as error:
            return _failed(error, 2)
        return _run(options, read_log)


def _run(options: argparse.Namespace, read_log: TextIO | None) -> int:
    try:
        plant = load(options.plant)
        server = PlantServer(
            plant,
            dict(options.port),
            speed=options.speed,
            seed=options.seed,
            tick_hz=options.tick_hz if options.ticks else None,
            read_log=read_log,
        )
    except (BadPlant, ValueError) as error:
        return _failed(error, 2)
    try:
        asyncio.run(_serve(server))
    except OSError as error:
        return _failed(error, 1)
    return 0


def _failed(error: Exception, code: int) -> int:
    child.report("failed", detail=str(error))
    sys.stderr.write(f"simulator: {error}\n")
    return code


async def _serve(server: PlantServer) -> None:
    stop = child.stop_event()
    await server.start()
    stepping = asyncio.create_task(server.run())
    try:
        while not stop.is_set():
            if stepping.done():
                stepping.result()
            counters = server.counters
            child.report("degraded" if counters["unsolved"] else "ready", plcs=server.connections, **counters)
            # A thread waits for the event: asyncio has none that another thread may set.
            await asyncio.to_thread(stop.wait, _REPORT_S)
    finally:
        stepping.cancel()
        await server.stop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulator", description="A training plant behind Modbus TCP.")
    parser.add_argument(
        "--plant", type=Path, required=True, metavar="DIR", help="plant folder (plant.toml, model.toml)"
    )
    parser.add_argument(
        "--port",
        type=_port,
        action="append",
        default=[],
        metavar="NAME=N",
        help="port of one PLC in place of its connection string's; 0 = any free one",
    )
    parser.add_argument("--speed", type=_speed, default=1.0, help="process time by clock time; 0 freezes the plant")
    parser.add_argument("--seed", type=int, default=1, help="of the noise; the same seed gives the same plant")
    parser.add_argument("--ticks", action="store_true", help="test mode: a tick counter in every register")
    parser.add_argument("--tick-hz", type=_rate, default=10.0, metavar="HZ", help="ticks a second (default 10)")
    parser.add_argument(
        "--log-reads",
        type=Path,
        metavar="FILE",
        help="with --ticks: append a line time_us,plc,bank,offset,count,tick for each read answered",
    )
    return parser


def _port(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if not name or not number.isdecimal() or not 0 <= int(number) <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=N, such as plc1=5020 or plc1=0")
    return name, int(number)


def _speed(text: str) -> float:
    value = _number(text)
    if not 0.0 <= value <= 1000.0:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and 1000")
    return value


def _rate(text: str) -> float:
    value = _number(text)
    if not 0.1 <= value <= 100.0:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0.1 and 100")
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


if __name__ == "__main__":
    sys.exit(main())
