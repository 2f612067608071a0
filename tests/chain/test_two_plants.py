"""The shipped plant and one that the code has never heard of, at once, by the command a person types: `stack`."""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from confluent_kafka import Producer

from contracts import event, names, tables
from contracts.quality import Quality
from contracts.sample import Sample
from tests.chain import second_plant
from tests.engines.broker import ROOT, wait_until

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]

FIRST = ROOT / "resources" / "plants" / "sim-r1"
FIRST_LEVEL = "10EGB11CL001XQ01"


class Stack:
    """A running `main.py stack`, as its terminal shows it."""

    def __init__(self, state: Path, *plants: Path) -> None:
        self.state = state
        self.text = ""
        words = [word for plant in plants for word in ("--plant", str(plant))]
        self.process = subprocess.Popen(
            [sys.executable, "main.py", "stack", "--language", "en", *words],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "SINOPTICO_STATE": str(state)},
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def row(self, name: str) -> str:
        """The newest line of one process or store."""
        rows = [line for line in self.text.splitlines() if line.startswith(name)]
        return rows[-1] if rows else ""

    def found(self, name: str, pattern: str) -> str:
        match = re.search(pattern, self.row(name))
        assert match, f"{name}: no {pattern} in {self.row(name)!r}\n{self.text[-3000:]}"
        return match[1]

    def all_ready(self) -> bool:
        assert self.process.poll() is None, self.text[-3000:]
        needed = (
            "simulator", "Kafka", "object store", "MTU", "ingest",
            "web panel", "lake writer", "Hive", "loader", "schedule",
        )  # fmt: skip
        return all(" ready " in self.row(name) for name in needed)

    def interrupt(self) -> int:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(60)
        self._reader.join(10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.text += line


class Person:
    """Somebody signed in to the panel."""

    def __init__(self, url: str, login: str, password: str) -> None:
        self.url = url
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        page = self.get("sign-in/")[1]
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token
        form = {"username": login, "password": password, "csrfmiddlewaretoken": token[1], "next": "/"}
        self._opener.open(url + "sign-in/", urllib.parse.urlencode(form).encode(), timeout=20).close()

    def get(self, path: str) -> tuple[int, str]:
        try:
            with self._opener.open(self.url + path, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, ""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("two-plants")
    running = Stack(folder / "state", FIRST, second_plant.write(folder / "plant"))
    try:
        wait_until(running.all_ready, 240, every_s=0.5)
        yield running
    finally:
        if running.process.poll() is None:
            running.interrupt()


def test_every_tag_of_both_plants_reaches_its_live_store(stack: Stack) -> None:
    for refinery in ("sim-r1", second_plant.REFINERY):
        wait_until(lambda r=refinery: "live" in stack.row(f"live store {r}"), 30)
        wait_until(lambda r=refinery: _all_known(stack.row(f"live store {r}")), 30)


def test_the_panel_shows_both_to_who_may_see_them_and_neither_to_who_may_not(stack: Stack) -> None:
    url = stack.found("web panel", r"address (http://\S+)")
    passwords = dict(re.findall(r"panel: user (\S+), password (\S+)", stack.text))
    central, contrata = (Person(url, login, passwords[login]) for login in ("central", "contrata"))
    for refinery, tag in (("sim-r1", FIRST_LEVEL), (second_plant.REFINERY, second_plant.LEVEL)):
        status, body = central.get(f"{refinery}/api/signals")
        assert status == 200
        rows = {row[0]: row for row in json.loads(body)["rows"]}
        assert rows[tag][3] == Quality.GOOD
        assert central.get(f"{refinery}/")[0] == 200
        assert f'id="v-{tag}"' in central.get(f"{refinery}/sheet.svg")[1]
        assert {contrata.get(f"{refinery}/{page}")[0] for page in ("", "stream", "sheet.svg", "api/signals")} == {403}


def test_yesterday_of_both_plants_is_loaded_by_the_function_and_answers_from_hive(stack: Stack) -> None:
    from pyhive import hive

    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    noon_us = int(datetime(yesterday.year, yesterday.month, yesterday.day, 12, tzinfo=UTC).timestamp()) * 1_000_000
    sent = {"sim-r1": ("tank-farm", FIRST_LEVEL), second_plant.REFINERY: ("patio", second_plant.LEVEL)}
    producer = Producer(
        {"bootstrap.servers": stack.found("Kafka", r"bootstrap (\S+)"), "partitioner": "murmur2_random"}
    )
    for refinery, (zone, tag) in sent.items():
        for second in range(60):
            sample = Sample(5.0 + second / 100, noon_us + second * 1_000_000, int(Quality.GOOD))
            producer.produce(names.topic(refinery, zone), key=tag, value=event.encode(tag, sample))
    assert producer.flush(20) == 0
    before = int(stack.found("lake writer", r"chunks (\d+)"))
    wait_until(lambda: int(stack.found("lake writer", r"chunks (\d+)")) > before + 1, 150, every_s=1.0)

    request = urllib.request.Request(
        stack.found("loader", r"address (http://\S+)"), b"{}", {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        days = json.load(answer)["days"]
    loaded = {(day["refinery"], day["day"]): day for day in days}
    assert {(refinery, yesterday.isoformat()) for refinery in sent} <= set(loaded)

    host, port = stack.found("Hive", r"address (\S+)").split(":")
    connection = hive.connect(host=host, port=int(port), username="tests")
    try:
        cursor = connection.cursor()
        cursor.execute(
            f"SELECT refinery, kks, count(*), min(v), max(v) FROM {tables.HISTORY_TABLE} "
            f"WHERE day = '{yesterday.isoformat()}' GROUP BY refinery, kks"
        )
        rows = {(refinery, kks): rest for refinery, kks, *rest in cursor.fetchall()}
    finally:
        connection.close()
    assert rows == {(refinery, tag): [60, 5.0, 5.59] for refinery, (_, tag) in sent.items()}


def test_the_window_s_commands_draw_and_count_the_unknown_plant_live(stack: Stack, tmp_path: Path) -> None:
    plant = ["--plant", str(tmp_path.parent), "--bootstrap", stack.found("Kafka", r"bootstrap (\S+)")]
    plant[1] = str(next(stack.state.parent.glob("plant")))
    picture = tmp_path / "sheet.png"
    for words in (["snapshot", "--live", "--out", str(picture)], ["stock", "--out", str(tmp_path / "stock.csv")]):
        done = subprocess.run(
            [sys.executable, "main.py", *words, *plant],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert picture.stat().st_size > 5000
    assert "TK-101" in (tmp_path / "stock.csv").read_text(encoding="utf-8-sig")


def test_ctrl_c_ends_the_stack_and_leaves_no_process(stack: Stack) -> None:
    mark = str(stack.state)
    assert _processes_with(mark)
    assert stack.interrupt() == 0
    assert "everything is stopped" in stack.text
    wait_until(lambda: not _processes_with(mark), 10)


def _all_known(row: str) -> bool:
    match = re.search(r"tags (\d+)/(\d+)", row)
    return bool(match and match[1] == match[2])


def _processes_with(mark: str) -> list[str]:
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if mark in words:
            found.append(words)
    return found
