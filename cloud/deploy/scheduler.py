"""`python -m cloud.deploy.scheduler`: Cloud Scheduler's work on this machine, by the very file that is deployed."""

from __future__ import annotations

import argparse
import logging
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from apscheduler.schedulers.background import BackgroundScheduler

from cloud.deploy.schedule_file import BadSchedule, Schedule, read
from runtime import child

_log = logging.getLogger(__name__)


class Scheduler:
    """Fires one job's request by its schedule; retries as the file says."""

    def __init__(self, schedule: Schedule, url: str, stop: threading.Event) -> None:
        self._schedule = schedule
        self._url = url
        self._stop = stop
        self._lock = threading.Lock()
        self.runs = 0
        self.failures = 0
        self.last = ""
        """How the last run ended, one sentence."""

    def fire(self) -> bool:
        """Make the request now, again on failure; whether one succeeded. A run that is still going is waited for."""
        with self._lock:
            self.runs += 1
            for attempt in range(1, self._schedule.attempts + 1):
                self.last = self._request()
                if not self.last:
                    return True
                _log.error("attempt %d of %d: %s", attempt, self._schedule.attempts, self.last)
                if attempt == self._schedule.attempts or self._stop.wait(self._schedule.pause_s(attempt)):
                    break
            self.failures += 1
            return False

    def _request(self) -> str:
        """Why the request failed; empty if it did not."""
        job = self._schedule.job
        target = job.http_target
        try:
            answer = requests.request(
                self._schedule.method,
                self._url,
                data=target.body,
                headers=dict(target.headers),
                timeout=job.attempt_deadline.total_seconds(),
            )
        except requests.RequestException as error:
            return f"{self._url} does not answer: {error}"
        text = answer.text.strip()
        if answer.ok:
            _log.info("%s", text)
            return ""
        return f"{self._url} answers {answer.status_code}: {text[:500]}"


def main() -> int:
    """Run until told to stop; 2 for a bad schedule, 1 if `--once` failed."""
    arguments = _arguments()
    logging.basicConfig(level=logging.INFO, format="scheduler: %(message)s", stream=sys.stderr)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    stop = child.stop_event()
    try:
        schedule = read(arguments.file)
    except BadSchedule as error:
        child.report("failed", detail=str(error))
        return 2
    scheduler = Scheduler(schedule, arguments.function, stop)
    if arguments.once:
        return 0 if scheduler.fire() else 1
    clock = BackgroundScheduler(timezone=schedule.trigger.timezone)
    clock.add_job(scheduler.fire, schedule.trigger, coalesce=True, max_instances=1, misfire_grace_time=3600)
    if arguments.now:
        clock.add_job(scheduler.fire)
    clock.start()
    try:
        while True:
            _report(scheduler, schedule)
            if stop.wait(1.0):
                return 0
    finally:
        clock.shutdown()


def _report(scheduler: Scheduler, schedule: Schedule) -> None:
    following: Any = schedule.trigger.get_next_fire_time(None, datetime.now(UTC))
    detail = {"detail": scheduler.last} if scheduler.last else {}
    child.report(
        "degraded" if scheduler.last else "ready",
        **detail,
        next_run=following.isoformat(),
        runs=scheduler.runs,
        failures=scheduler.failures,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="cloud.deploy.scheduler", description=__doc__)
    parser.add_argument("--function", required=True, help="URL of the function, in place of the file's httpTarget.uri")
    parser.add_argument("--file", type=Path, default=Path(__file__).with_name("scheduler.yaml"))
    when = parser.add_mutually_exclusive_group()
    when.add_argument("--now", action="store_true", help="make the request at once too, then keep to the schedule")
    when.add_argument("--once", action="store_true", help="make the request at once and end with how it went")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
