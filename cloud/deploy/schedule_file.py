"""Reads a Cloud Scheduler job from YAML into Google's own type, so that a typing mistake is found here, not there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from apscheduler.triggers.cron import CronTrigger
from google.cloud import scheduler_v1
from google.protobuf.json_format import ParseDict, ParseError


class BadSchedule(ValueError):
    """A schedule file that Cloud Scheduler would not take; says what is wrong."""


@dataclass(frozen=True)
class Schedule:
    """What a job asks for: when, and which request."""

    job: Any
    """google.cloud.scheduler_v1.Job"""
    trigger: Any
    """APScheduler's CronTrigger of the same cron text and time zone."""

    @property
    def method(self) -> str:
        """HTTP method, e.g. POST."""
        return str(scheduler_v1.HttpMethod(self.job.http_target.http_method).name)

    @property
    def attempts(self) -> int:
        """Requests made until one succeeds."""
        return 1 + int(self.job.retry_config.retry_count)

    def pause_s(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row: Cloud Scheduler's doubling, then its upper bound."""
        retry = self.job.retry_config
        doubled = retry.min_backoff_duration.total_seconds() * 2 ** min(failures - 1, int(retry.max_doublings))
        return float(min(doubled, retry.max_backoff_duration.total_seconds()))


def read(path: Path) -> Schedule:
    """The job in `path`. Raises `BadSchedule`."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        job = scheduler_v1.Job()
        ParseDict(document, scheduler_v1.Job.pb(job))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ParseError, AttributeError, TypeError) as error:
        raise BadSchedule(f"{path}: {error}") from error
    if not job.http_target.uri:
        raise BadSchedule(f"{path}: httpTarget.uri is missing")
    try:
        trigger = CronTrigger.from_crontab(job.schedule, timezone=ZoneInfo(job.time_zone))
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise BadSchedule(f"{path}: schedule {job.schedule!r}, timeZone {job.time_zone!r}: {error}") from error
    return Schedule(job, trigger)
