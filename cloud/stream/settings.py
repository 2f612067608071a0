"""What the broker is told: Kafka's properties, Log4j's file and the JVM's flags for one node that shares a machine."""

from __future__ import annotations

from pathlib import Path
from typing import Final

HOST: Final = "127.0.0.1"
CLUSTER_ID: Final = "c2lub3B0aWNvLWxvY2FsMQ"
"""Any 16 bytes in URL-safe Base64; it may be a constant because no two such brokers ever form a cluster."""

JVM_FLAGS: Final = (
    "-Xmx256m",
    "-Xms128m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
    "-Dfile.encoding=UTF-8",
)


def server_properties(data: Path, port: int, controller_port: int) -> str:
    """KRaft, one node that is broker and controller, reachable from this machine only."""
    lines = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{HOST}:{controller_port}",
        "listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": data.as_posix(),
        # A topic made by a typing mistake would have the wrong partitions for good.
        "auto.create.topics.enable": "false",
        "log.retention.hours": "48",
        "log.segment.bytes": str(64 << 20),
        "group.initial.rebalance.delay.ms": "0",
        # The default, 6 s, would be the least time in which a dead reader is missed.
        "group.min.session.timeout.ms": "1000",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "share.coordinator.state.topic.num.partitions": "1",
        # A killed broker may register again only when its session has run out; 9 s is the default.
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
        "num.network.threads": "2",
        "num.io.threads": "4",
        "background.threads": "2",
        "num.recovery.threads.per.data.dir": "2",
        # The default, 128 MiB, is half of our heap; only the small offsets topic is ever compacted.
        "log.cleaner.dedupe.buffer.size": str(4 << 20),
    }
    return "".join(f"{key}={value}\n" for key, value in lines.items())


def log4j2_xml(folder: Path) -> str:
    """Everything to `broker.log`, at most 5 × 10 MB; nothing to stdout."""
    log = (folder / "broker").as_posix()
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="ERROR">
  <Appenders>
    <RollingFile name="file" fileName="{log}.log" filePattern="{log}.%i.log">
      <PatternLayout pattern="%d{{yyyy-MM-dd HH:mm:ss,SSS}} %p %m (%c{{1}})%n%ex{{short}}" charset="UTF-8"/>
      <SizeBasedTriggeringPolicy size="10 MB"/>
      <DefaultRolloverStrategy max="4"/>
    </RollingFile>
  </Appenders>
  <Loggers>
    <Logger name="org.apache.kafka.common.config.AbstractConfig" level="warn"/>
    <Logger name="org.apache.kafka.clients" level="warn"/>
    <Root level="info"><AppenderRef ref="file"/></Root>
  </Loggers>
</Configuration>
"""
