"""The schedule is what Google would take, and what runs here; it fires the real function over HTTP."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import functions_framework
import pytest
import requests

from cloud.deploy.schedule_file import BadSchedule, read
from cloud.deploy.scheduler import Scheduler
from cloud.loader.chunks import day_before, today
from runtime.object_store import COLDLINE, open_store
from tests.engines.box import ROOT, Box
from tests.lake.plants import LEVEL, write_plant
from tests.loader.lake_days import Feed, rows

FILE = ROOT / "cloud" / "deploy" / "scheduler.yaml"


def test_the_job_is_daily_in_utc_and_asks_the_function_for_what_is_due() -> None:
    schedule = read(FILE)
    assert schedule.job.time_zone == "Etc/UTC"
    midnight = datetime(2026, 3, 29, tzinfo=UTC)
    first = schedule.trigger.get_next_fire_time(None, midnight)
    second = schedule.trigger.get_next_fire_time(first, first + timedelta(seconds=1))
    assert (first, second - first) == (midnight + timedelta(minutes=30), timedelta(days=1))
    assert (schedule.method, schedule.job.http_target.body) == ("POST", b"{}")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("httpMethod", "httpMethood", "httpMethood"),
        ("retryCount: 5", "retryCount: five", "five"),
        ("30 0 * * *", "30 25 * * *", "30 25"),
        ("30 0 * * *", "often", "often"),
        ("Etc/UTC", "Etc/Nowhere", "Etc/Nowhere"),
        ("attemptDeadline: 1800s", "attemptDeadline: 1800", "Duration"),
        ("name: projects", "name: [projects", ""),
    ],
)
def test_a_mistake_in_the_file_is_found(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    path = tmp_path / "scheduler.yaml"
    path.write_text(FILE.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(BadSchedule, match=r"scheduler\.yaml") as found:
        read(path)
    assert complaint.lower() in str(found.value).lower()


class Answers(BaseHTTPRequestHandler):
    """Fails twice, then does it."""

    asked: list[bytes]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append(body)
        self.send_response(200 if len(self.asked) > 2 else 503)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Be quiet."""


@pytest.fixture
def answers() -> Iterator[tuple[str, type[Answers]]]:
    Answers.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", Answers
    server.shutdown()
    thread.join()
    server.server_close()


def quick(tmp_path: Path) -> Path:
    path = tmp_path / "scheduler.yaml"
    path.write_text(FILE.read_text(encoding="utf-8").replace("60s", "0.01s"), encoding="utf-8")
    return path


def test_a_failing_function_is_asked_again_as_the_file_says(tmp_path: Path, answers: tuple[str, type[Answers]]) -> None:
    url, handler = answers
    scheduler = Scheduler(read(quick(tmp_path)), url, threading.Event())
    assert scheduler.fire()
    assert handler.asked == [b"{}"] * 3
    assert (scheduler.runs, scheduler.failures, scheduler.last) == (1, 0, "")


def test_a_function_that_is_away_is_told_in_a_sentence(tmp_path: Path) -> None:
    scheduler = Scheduler(read(quick(tmp_path)), "http://127.0.0.1:9/", threading.Event())
    assert not scheduler.fire()
    assert scheduler.failures == 1
    assert "http://127.0.0.1:9/ does not answer" in scheduler.last


def test_pauses_double_up_to_their_bound() -> None:
    schedule = read(FILE)
    assert [schedule.pause_s(failures) for failures in range(1, 7)] == [60, 120, 240, 480, 900, 900]


class Function(Box):
    """`python -m cloud.loader.serve` on a lake."""

    def __init__(self, plant: Path, lake: str) -> None:
        super().__init__("cloud.loader.serve", "--plant", plant, "--lake", lake)
        self.wait_ready(60)
        self.url = str(self.last["url"])

    def ask(self, body: object) -> tuple[int, dict[str, object]]:
        answer = requests.post(self.url, json=body, timeout=60)
        return answer.status_code, answer.json()


def test_the_schedule_fires_the_real_function_which_loads_yesterday_and_cools_the_day_before(
    lake_url: str, tmp_path: Path
) -> None:
    plant = write_plant(tmp_path / "plant")
    store = open_store(lake_url)
    yesterday = day_before(today())
    feed = Feed(store, plant)
    feed.send((f"{day_before(yesterday)} 12:00:00", 1.0))
    feed.send((f"{yesterday} 12:00:00", 2.0))
    function = Function(plant, lake_url)
    try:
        command = [sys.executable, "-m", "cloud.deploy.scheduler", "--function", function.url, "--once"]
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        assert [(row["kks"], row["v"]) for row in rows(store, "history", yesterday)] == [(LEVEL, 2.0)]
        assert next(iter(store.list("raw/"))).storage_class == COLDLINE
        status, again = function.ask({})
        assert status == 200
        assert [(day["day"], day["unchanged"], day["cold_storage"]["cooled"]) for day in again["days"]] == [  # type: ignore[attr-defined]
            (yesterday, True, 0)
        ]
        for bad in ({"day": "tomorrow"}, {"dai": yesterday}, [], {"refinery": "nowhere"}, {"day": today()}, {"day": 7}):
            status, answer = function.ask(bad)
            assert status == 400
            assert len(str(answer["error"])) > 10
    finally:
        assert function.stop() == 0


def test_a_function_without_its_lake_or_its_settings_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = functions_framework.create_app("load_day", str(ROOT / "cloud/loader/function.py")).test_client()
    monkeypatch.delenv("LAKE_URL", raising=False)
    answer = client.post("/", json={})
    assert (answer.status_code, "LAKE_URL" in answer.json["error"]) == (500, True)
    monkeypatch.setenv("LAKE_URL", str(tmp_path / "lake"))
    monkeypatch.setenv("PLANTS", str(tmp_path / "nowhere"))
    answer = client.post("/", json={})
    assert (answer.status_code, "plant.toml" in answer.json["error"]) == (500, True)
    monkeypatch.setenv("PLANTS", str(write_plant(tmp_path / "plant")))
    (tmp_path / "lake").write_text("a file where a folder should be")
    answer = client.post("/", json={})
    assert (answer.status_code, "cannot" in answer.json["error"]) == (503, True)
