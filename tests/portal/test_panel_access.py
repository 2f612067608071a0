"""The panel lets each person see their refineries and nothing of the others: page, stream, SVG and data."""

import asyncio
import json
from pathlib import Path

import pytest

from contracts import event, plant
from contracts.quality import Quality
from contracts.sample import Sample, now_us

PLANT = Path(__file__).parents[2] / "resources" / "plants" / "sim-r1"
PAGES = ("/sim-r1/", "/sim-r1/stream", "/sim-r1/sheet.svg", "/sim-r1/api/signals")


class Record:
    def __init__(self, value: bytes) -> None:
        self.value = value


@pytest.fixture(scope="module")
def panel(tmp_path_factory):
    """A panel without a broker: its hub is fed by hand."""
    from django import setup
    from django.conf import settings as django_settings
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    from cloud.portal import accounts, settings
    from cloud.portal.hub import Frames, Hub
    from cloud.portal.places import Panel, open_panel

    state = tmp_path_factory.mktemp("panel")
    assert not django_settings.configured
    settings.configure(state, {})
    setup()
    setup_test_environment()
    call_command("migrate", verbosity=0, interactive=False)
    sheets = state / "sheets" / "sim-r1"
    sheets.mkdir(parents=True)
    (sheets / "tank-farm.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', encoding="utf-8")
    accounts.ensure_access_file(state / "access.toml", ["sim-r1"])
    access_file = accounts.AccessFile(state / "access.toml")
    hub = Hub([plant.load(PLANT)], "127.0.0.1:1")
    opened = Panel({"sim-r1": plant.load(PLANT)}, hub, Frames(hub), state / "sheets", access_file)
    open_panel(opened)
    return opened, access_file.synchronise_if_changed(), state


def client(passwords, login):
    from django.test import AsyncClient

    visitor = AsyncClient()
    if login:
        answer = asyncio.run(visitor.post("/sign-in/", {"username": login, "password": passwords[login], "next": "/"}))
        assert answer.status_code == 302
    return visitor


def status(visitor, path):
    async def ask():
        answer = await visitor.get(path)
        if answer.streaming:
            await answer.streaming_content.aclose() if hasattr(answer.streaming_content, "aclose") else None
        return answer.status_code

    return asyncio.run(ask())


def test_the_first_start_makes_two_people_with_different_random_passwords(panel):
    _, passwords, _ = panel
    assert set(passwords) == {"central", "contrata"}
    assert passwords["central"] != passwords["contrata"]
    assert all(len(password) >= 16 for password in passwords.values())


def test_passwords_are_made_once(panel):
    from cloud.portal.accounts import AccessFile

    _, _, state = panel
    assert AccessFile(state / "access.toml").synchronise_if_changed() == {}


@pytest.mark.parametrize("path", PAGES)
def test_a_person_with_the_refinery_sees(panel, path):
    assert status(client(panel[1], "central"), path) == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_person_without_the_refinery_gets_403(panel, path):
    assert status(client(panel[1], "contrata"), path) == 403


@pytest.mark.parametrize("path", PAGES)
def test_nobody_signed_in_is_sent_to_the_form(panel, path):
    assert status(client(panel[1], ""), path) == 302


def test_a_refinery_that_is_not_there_answers_like_one_that_is_forbidden(panel):
    assert status(client(panel[1], "central"), "/other/") == 403


def test_a_wrong_password_is_refused_in_a_sentence(panel):
    answer = asyncio.run(client(panel[1], "").post("/sign-in/", {"username": "central", "password": "x"}))
    assert answer.status_code == 401
    assert "no válidos" in answer.content.decode()


@pytest.mark.parametrize(
    ("wanted", "sent"),
    [
        ("//elsewhere.example/", "/"),
        ("/\\elsewhere.example", "/"),
        ("https://elsewhere.example", "/"),
        ("sim-r1/", "/"),
        ("/sim-r1/", "/sim-r1/"),
    ],
)
def test_signing_in_never_sends_to_another_host(panel, wanted, sent):
    body = {"username": "central", "password": panel[1]["central"], "next": wanted}
    answer = asyncio.run(client(panel[1], "").post("/sign-in/", body))
    assert answer["Location"] == sent


def test_guesses_made_at_once_are_counted_too(panel, monkeypatch):
    monkeypatch.setattr("cloud.portal.views._failures", {})

    async def guess():
        from django.test import AsyncClient

        bodies = [{"username": "central", "password": str(n)} for n in range(12)]
        visitor = AsyncClient()
        return await asyncio.gather(*(visitor.post("/sign-in/", body) for body in bodies))

    texts = [answer.content.decode() for answer in asyncio.run(guess())]
    assert sum("no válidos" in text for text in texts) == 8
    assert sum("Demasiados intentos" in text for text in texts) == 4


def test_a_stream_ends_when_its_person_signs_out_elsewhere(panel, monkeypatch):
    monkeypatch.setattr("cloud.portal.views.ACCESS_CHECK_S", 0.0)
    monkeypatch.setattr("cloud.portal.views.KEEP_ALIVE_S", 0.01)
    visitor = client(panel[1], "central")

    async def watch():
        answer = await visitor.get("/sim-r1/stream")
        frames = aiter(answer.streaming_content)
        seen = [await anext(frames) for _ in range(3)]
        assert (await visitor.post("/sign-out/")).status_code == 302
        return seen, [frame async for frame in frames]

    seen, after = asyncio.run(watch())
    assert not any(b"denied" in frame for frame in seen)
    assert after[-1] == b"event: denied\ndata: {}\n\n"


def test_every_answer_tells_the_browser_to_run_and_to_submit_only_to_us(panel):
    policy = asyncio.run(client(panel[1], "").get("/sign-in/"))["Content-Security-Policy"]
    for part in ("default-src 'self'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"):
        assert part in policy


def test_a_secret_key_is_made_once_and_a_start_that_was_killed_leaves_none(tmp_path):
    from cloud.portal.settings import _secret_key

    (tmp_path / "secret-key.new").write_text("", encoding="ascii")
    key = _secret_key(tmp_path / "secret-key")
    assert len(key) >= 50
    assert _secret_key(tmp_path / "secret-key") == key
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


def test_access_withdrawn_in_the_file_closes_the_page_and_given_back_opens_it(panel):
    _, passwords, state = panel
    path = state / "access.toml"
    before = path.read_text(encoding="utf-8")
    visitor = client(passwords, "central")
    try:
        path.write_text(before.replace('["sim-r1"]', '["sim-r1"]\nuntil = 2020-01-01'), encoding="utf-8")
        panel[0].access.synchronise_if_changed()
        assert status(visitor, "/sim-r1/") == 403
    finally:
        path.write_text(before, encoding="utf-8")
        panel[0].access.synchronise_if_changed()
    assert status(visitor, "/sim-r1/") == 200


def test_the_hub_keeps_the_newest_and_the_last_good_value(panel):
    opened = panel[0]
    tag, now = "10EGB11CL001XQ01", now_us()
    records = [
        Record(event.encode(tag, Sample(7.25, now, Quality.GOOD))),
        Record(event.encode(tag, Sample(1.0, now - 1_000_000, Quality.GOOD))),
        Record(event.encode(tag, Sample(None, now + 1_000_000, Quality.COMM_FAILURE))),
        Record(b"not json"),
        Record(event.encode("10EGB99CL001XQ01", Sample(1.0, now, Quality.GOOD))),
        # Its source's clock is wrong: it would never look old, and shut out what comes after it.
        Record(event.encode(tag, Sample(9.0, now + 2 * 3_600_000_000, Quality.GOOD))),
    ]
    rejected = opened.hub.rejected
    opened.hub._take({type("P", (), {"topic": "sim-r1.tank-farm"})(): records})
    assert opened.hub.rows("sim-r1", [tag]) == [[tag, None, now + 1_000_000, 24, 7.25, now]]
    assert opened.hub.rejected == rejected + 3
    answer = asyncio.run(client(panel[1], "central").get("/sim-r1/api/signals"))
    assert [tag, None, now + 1_000_000, 24, 7.25, now] in json.loads(answer.content)["rows"]


def test_a_watcher_that_falls_behind_gets_the_whole_state_and_no_more(panel):
    from cloud.portal.hub import Frames

    frames = Frames(panel[0].hub)

    async def fall_behind():
        queue = frames.watch("sim-r1")
        for _ in range(200):
            frames._send("sim-r1", {queue})
        return queue

    queue = asyncio.run(fall_behind())
    assert queue.qsize() <= 50


def test_a_program_nobody_signed_in_is_told_401(panel):
    answer = asyncio.run(client(panel[1], "").get("/sim-r1/api/signals", headers={"accept": "application/json"}))
    assert answer.status_code == 401
