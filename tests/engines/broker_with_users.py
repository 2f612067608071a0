"""A real broker with users and rights, as a refinery's own Kafka has: SCRAM on one listener, ACLs, no anonymous reader.

Its second listener is the administrator's: nobody there has to say who they are.
"""

from __future__ import annotations

import os
import random
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AclBinding, AclOperation, AclPermissionType, AdminClient, ResourceType
from confluent_kafka.admin import ResourcePatternType as Pattern

from cloud.stream.settings import CLUSTER_ID, JVM_FLAGS, log4j2_xml
from runtime import jars
from runtime.java import find
from tests.engines.broker import wait_until

USER, PASSWORD = "viewer", "right"


class BrokerWithUsers:
    """`bootstrap` is for the user `viewer` with the password `right`, `admin` for whoever gives rights."""

    def __init__(self, folder: Path) -> None:
        self._client, self._inner, controller = (_free_port() for _ in range(3))
        lines = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listeners": f"CLIENT://127.0.0.1:{self._client},INNER://127.0.0.1:{self._inner},"
            f"CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"CLIENT://127.0.0.1:{self._client},INNER://127.0.0.1:{self._inner}",
            "listener.security.protocol.map": "CLIENT:SASL_PLAINTEXT,INNER:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "INNER",
            "controller.listener.names": "CONTROLLER",
            "sasl.enabled.mechanisms": "SCRAM-SHA-256",
            "listener.name.client.scram-sha-256.sasl.jaas.config": "org.apache.kafka.common.security.scram."
            "ScramLoginModule required;",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
            "log.dirs": (folder / "data").as_posix(),
            "offsets.topic.replication.factor": "1",
        }
        properties, log4j2 = folder / "server.properties", folder / "log4j2.xml"
        properties.write_text("".join(f"{key}={value}\n" for key, value in lines.items()))
        log4j2.write_text(log4j2_xml(folder))
        classpath = os.pathsep.join(map(str, jars.fetch("kafka")))
        java = [str(find().executable), *JVM_FLAGS, f"-Dlog4j2.configurationFile={log4j2.as_uri()}", "-cp", classpath]
        scram = f"SCRAM-SHA-256=[name={USER},password={PASSWORD}]"
        subprocess.run(
            [*java, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", properties, "--add-scram", scram],
            check=True,
            capture_output=True,
        )
        self._output = (folder / "jvm.out").open("wb")
        self._jvm = subprocess.Popen([*java, "kafka.Kafka", properties], stdout=self._output, stderr=subprocess.STDOUT)
        wait_until(self._answers, 60)

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self._client}"

    @property
    def admin(self) -> str:
        return f"127.0.0.1:{self._inner}"

    def allow(self, operation: AclOperation, topic: str) -> None:
        """Give the viewer one right on one topic."""
        acl = AclBinding(
            *(ResourceType.TOPIC, topic, Pattern.LITERAL, f"User:{USER}", "*", operation, AclPermissionType.ALLOW)
        )
        admin = AdminClient({"bootstrap.servers": self.admin})
        for future in admin.create_acls([acl]).values():
            future.result(10)

    def stop(self) -> None:
        self._jvm.terminate()
        self._jvm.wait(30)
        self._output.close()

    def _answers(self) -> bool:
        assert self._jvm.poll() is None, "the broker ended"
        try:
            socket.create_connection(("127.0.0.1", self._inner), timeout=1).close()
        except OSError:
            return False
        return True


def _free_port() -> int:
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


@pytest.fixture(scope="session")
def broker_with_users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerWithUsers]:
    """One such broker for the session; use topics of your own."""
    box = BrokerWithUsers(tmp_path_factory.mktemp("broker-with-users"))
    yield box
    box.stop()
