"""`python -m cloud.portal --plant DIR … --bootstrap H:P --state DIR [--port N]`: the web panel's process.

`python -m cloud.portal password LOGIN --state DIR` gives a person a new random password and prints it.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import socket
import sys
from pathlib import Path
from typing import Any, Final

import uvicorn
from django import setup
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application
from django.core.management import call_command
from django.db import Error as DatabaseError

from cloud.portal import accounts, settings
from cloud.portal.accounts import AccessFile
from cloud.portal.hub import Frames, Hub
from cloud.portal.places import Panel, open_panel
from contracts import kafka_settings, plant
from contracts.access import BadAccess
from contracts.plant import BadPlant, Plant
from runtime import child

REPORT_PERIOD_S: Final = 1.0


def main(arguments: list[str] | None = None) -> int:
    """Run the panel until stopped. Returns 0, or 2 if a file given cannot be used."""
    words = sys.argv[1:] if arguments is None else arguments
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s", stream=sys.stderr)
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    if words[:1] == ["password"]:
        return _new_password(words[1:])
    options = _options(words)
    state: Path = options.state
    state.mkdir(parents=True, exist_ok=True)
    stop = child.stop_event()
    try:
        plants = {loaded.refinery: loaded for loaded in map(plant.load, options.plant)}
        kafka = kafka_settings.reached(plants.values(), options.bootstrap)
        settings.configure(state, _merged(plants))
        setup()
        call_command("migrate", verbosity=0, interactive=False)
        call_command("clearsessions")
        path = options.access or state / "access.toml"
        accounts.ensure_access_file(path, tuple(plants))
        access_file = AccessFile(path)
        _announce(access_file.synchronise_if_changed())
    except (BadPlant, BadAccess, OSError) as error:
        child.report("failed", detail=str(error))
        return 2
    except DatabaseError as error:
        child.report("failed", detail=f"the panel's database cannot be used: {error}")
        return 1
    hub = Hub(tuple(plants.values()), kafka.bootstrap, kafka.for_kafka_python())
    open_panel(Panel(plants, hub, Frames(hub), options.sheets or state / "sheets", access_file))
    hub.start()
    try:
        return asyncio.run(_serve(options.host, options.port, stop))
    finally:
        hub.stop()


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m cloud.portal", description=__doc__)
    parser.add_argument("--plant", type=Path, action="append", required=True, help="plant folder; may be repeated")
    parser.add_argument("--bootstrap", default="", help="Kafka, host:port (default: that of plant.toml)")
    parser.add_argument("--state", type=Path, required=True, help="where accounts and the secret key are kept")
    parser.add_argument("--sheets", type=Path, help="folder of <refinery>/<drawing>.svg (default: STATE/sheets)")
    parser.add_argument("--access", type=Path, help="access file (default: STATE/access.toml, made at first start)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="0 = a free one")
    return parser.parse_args(words)


def _merged(plants: dict[str, Plant]) -> dict[str, Any]:
    """The `[panel]` tables of all plants as one; they agree, because one panel has one address and one database."""
    merged: dict[str, Any] = {}
    for loaded in plants.values():
        merged.update(loaded.services.get("panel", {}))
    return merged


def _announce(made: dict[str, str]) -> None:
    """Passwords are told once, to the terminal or to the parent process; stderr may be a log file, so never there."""
    if not made:
        return
    if sys.stdin.isatty():
        for login, password in made.items():
            print(f"panel: user {login}, password {password} (shown once)", flush=True)
    else:
        child.report("starting", passwords=made)


async def _serve(host: str, port: int, stop: Any) -> int:
    from cloud.portal.places import panel

    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        child.report("failed", detail=f"{host}:{port} cannot be listened on: {error.strerror}; choose another --port")
        return 2
    url = f"http://{host}:{listener.getsockname()[1]}/"
    config = uvicorn.Config(
        ASGIStaticFilesHandler(get_asgi_application()),
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    frames = asyncio.create_task(panel().frames.run())
    serving = asyncio.create_task(server.serve([listener]))
    try:
        while not stop.is_set():
            if serving.done() or frames.done():
                child.report("failed", detail="the panel's server ended unexpectedly; it must be started again")
                return 1
            hub = panel().hub
            trouble = _trouble(hub)
            child.report(
                "starting" if not server.started else "degraded" if trouble else "ready",
                url=url,
                kafka=hub.state,
                watchers=panel().frames.watchers,
                events=hub.events,
                rejected=hub.rejected,
                detail=trouble,
            )
            await asyncio.to_thread(_synchronise)
            await asyncio.to_thread(stop.wait, REPORT_PERIOD_S if server.started else 0.1)
    finally:
        frames.cancel()
        panel().frames.end()
        server.should_exit = True
        await serving
    return 0


def _trouble(hub: Hub) -> str:
    if hub.state != "live":
        return f"Kafka is {hub.state}"
    return f"these topics are not there or may not be read: {', '.join(hub.missing)}" if hub.missing else ""


def _synchronise() -> None:
    """An access file that someone is just editing must not stop the panel: the last good one stays in force."""
    from cloud.portal.places import panel

    try:
        _announce(panel().access.synchronise_if_changed())
    except (BadAccess, OSError, DatabaseError) as error:
        logging.getLogger(__name__).warning("%s; the last good access file stays in force", error)


def _new_password(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m cloud.portal password")
    parser.add_argument("login")
    parser.add_argument("--state", type=Path, required=True)
    options = parser.parse_args(words)
    settings.configure(options.state, {})
    setup()
    from django.contrib.auth.models import User

    user = User.objects.filter(username=options.login).first()
    if user is None:
        print(f"{options.login}: no such user; add the person to the access file first", file=sys.stderr)
        return 2
    print(accounts.set_random_password(user))
    return 0


if __name__ == "__main__":
    sys.exit(main())
