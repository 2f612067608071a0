"""The Cloud Function: an HTTP request loads a day. Deployed with `--entry-point load_day`; see cloud/deploy/README.md.

Environment: `LAKE_URL` (gs://bucket or a folder), `PLANTS` (plant folders, separated by commas; they are uploaded with
the function), `HIVE` (host:port, optional: where the day's partitions are added).
Request: JSON, all optional: `{"day": "YYYY-MM-DD", "refinery": "r1"}`. Without a day it loads yesterday (UTC) and
every other day that new chunks made due. Asking again changes nothing.
Answer: 200 with the days' reports; 400 for a bad request, 500 for a bad deployment, 503 where the lake or Hive fail
(Cloud Scheduler tries again), each with one sentence.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import functions_framework
from flask import Request

from cloud.loader.chunks import day_before, today
from cloud.loader.load import CannotLoad
from cloud.loader.run import run_day, run_due
from contracts import plant
from contracts.lake import BadChunk
from contracts.plant import BadPlant, Plant
from runtime.object_store import NotThere, ObjectStore, StoreError, open_store

_log = logging.getLogger(__name__)

Answer = tuple[dict[str, Any], int]


@functions_framework.http
def load_day(request: Request) -> Answer:
    """See the module."""
    try:
        plants, store = _deployment()
    except (BadPlant, ValueError) as error:
        return _failure(500, error)
    except StoreError as error:
        return _failure(503, error)
    try:
        day, chosen = _asked(request, plants)
        reports = [report for each in chosen for report in _load(store, each, day)]
    except (StoreError, NotThere, BadChunk, OSError) as error:
        return _failure(503, error)
    except ValueError as error:
        return _failure(400, error)
    return {"days": reports}, 200


def _load(store: ObjectStore, each: Plant, day: str | None) -> list[dict[str, Any]]:
    hive = os.environ.get("HIVE", "")
    if day is not None:
        return [run_day(store, each, day, hive)]
    reports = run_due(store, each, hive)
    yesterday = day_before(today())
    if all(report["day"] != yesterday for report in reports):
        reports.append(run_day(store, each, yesterday, hive))
    return reports


def _deployment() -> tuple[list[Plant], ObjectStore]:
    lake, folders = os.environ.get("LAKE_URL", ""), os.environ.get("PLANTS", "")
    if not lake or not folders:
        raise ValueError("set LAKE_URL (gs://bucket) and PLANTS (plant folders, separated by commas) at deployment")
    return [plant.load(Path(folder.strip())) for folder in folders.split(",")], open_store(lake)


def _asked(request: Request, plants: list[Plant]) -> tuple[str | None, list[Plant]]:
    body = request.get_json(silent=True) if request.get_data() else {}
    if not isinstance(body, dict):
        raise CannotLoad('the request is not a JSON object; send {} or {"day": "YYYY-MM-DD"}')
    asked = {**request.args, **body}
    unknown = sorted(set(asked) - {"day", "refinery"})
    if unknown:
        raise CannotLoad(f"{unknown[0]!r} is not known; send day and refinery, or nothing")
    day, refinery = asked.get("day"), asked.get("refinery")
    if day is not None and not isinstance(day, str):
        raise CannotLoad(f"day {day!r}: write it as text, YYYY-MM-DD")
    chosen = [each for each in plants if refinery in (None, each.refinery)]
    if not chosen:
        raise CannotLoad(f"refinery {refinery!r} is not served here; known: {', '.join(p.refinery for p in plants)}")
    return day, chosen


def _failure(status: int, error: Exception) -> Answer:
    _log.error("%s", error)
    return {"error": str(error)}, status
