from __future__ import annotations

import json
import subprocess
import sys

import pytest
from confluent_kafka.admin import AclOperation

from tests.data.test_ingest import TAGS, Events, Ingest, write_plant
from tests.engines.broker import ROOT, wait_until

pytestmark = pytest.mark.engine

SASL = '[kafka]\nsecurity = "sasl_plaintext"\nusername = "viewer"\npassword_file = "password"\n'


@pytest.fixture
def refinery(tmp_path, broker_with_users):
    """A plant of three zones on a Kafka with rights; its topics were made by the administrator."""

    def write(name, password):
        administrators = write_plant(tmp_path / f"{name}-admin", name, zones=("north", "south", "west"))
        command = [sys.executable, "-m", "cloud.stream", "topics", "--plant", administrators]
        subprocess.run([*command, "--bootstrap", broker_with_users.admin], cwd=ROOT, check=True, capture_output=True)
        folder = write_plant(tmp_path / name, name, zones=("north", "south", "west"), kafka=SASL)
        (folder / "password").write_text(password + "\n")
        return folder

    return write


def test_a_topic_one_may_not_read_is_named_while_the_others_flow(refinery, broker_with_users):
    folder = refinery("sim-acl", "right")
    broker_with_users.allow(AclOperation.READ, "sim-acl.north")
    broker_with_users.allow(AclOperation.DESCRIBE, "sim-acl.south")
    ingest = Ingest(folder, broker_with_users.bootstrap)
    try:
        events = Events(broker_with_users.admin, "sim-acl.north")
        events.send(TAGS[0], 4.5)
        events.flush()
        wait_until(lambda: ingest.store.sample(0).value == 4.5, 20)
        wait_until(lambda: "sim-acl.south, sim-acl.west" in ingest.store.source_detail, 20)
        assert ingest.store.source_state == "live"
        assert ingest.store.source_detail.startswith("This user may not read sim-acl.south, sim-acl.west at ")
        # A right that is given later is used without a restart.
        broker_with_users.allow(AclOperation.READ, "sim-acl.west")
        wait_until(lambda: "sim-acl.west" not in ingest.store.source_detail, 20)
        wait_until(lambda: ingest.store.source_state == "live")
    finally:
        assert ingest.stop() == ""


def test_a_wrong_password_is_told_as_such(refinery, broker_with_users):
    ingest = Ingest(refinery("sim-wrong", "wrong"), broker_with_users.bootstrap)
    try:
        wait_until(lambda: ingest.store.source_state == "failed", 20)
        assert ingest.store.source_detail == (
            f"Kafka at {broker_with_users.bootstrap} refuses the user or the password"
        )
    finally:
        assert ingest.stop() == ""


def test_topics_are_made_with_the_plants_own_user(refinery, broker_with_users):
    folder = refinery("sim-made", "right")

    def make():
        command = [sys.executable, "-m", "cloud.stream", "topics", "--plant", folder]
        done = subprocess.run(
            [*command, "--bootstrap", broker_with_users.bootstrap],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, json.loads(done.stdout.splitlines()[-1])

    code, last = make()
    assert code == 1
    assert "topic sim-made.north: TopicAuthorizationFailedError" in last["detail"]
    for zone in ("north", "south", "west"):
        broker_with_users.allow(AclOperation.DESCRIBE, f"sim-made.{zone}")
    assert make()[0] == 0
