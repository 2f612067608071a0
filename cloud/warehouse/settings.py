"""What HiveServer2 is told: its XML files, its log and the JVM's flags for one server that shares a machine."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

HOST: Final = "127.0.0.1"
LAST_JAVA: Final = 22
"""Hadoop 3.3 needs the security manager, which later ones have lost."""

_OPENED: Final = (
    *(f"java.base/java.{name}" for name in ("lang", "lang.reflect", "io", "net", "nio", "text", "time", "util")),
    *(f"java.base/java.util.{name}" for name in ("concurrent", "concurrent.atomic", "regex")),
    *(f"java.base/sun.{name}" for name in ("nio.ch", "nio.cs", "security.action", "util.calendar")),
    "java.sql/java.sql",
)
"""Packages that Hive 4.0, made for Java 8, reaches into."""


def jvm_flags(state: Path) -> list[str]:
    """Memory, time zone (a JVM elsewhere than UTC would shift UTC-adjusted times) and what Hive must reach into."""
    return [
        "-Xmx2g",
        "-XX:+UseSerialGC",
        "-XX:+ExitOnOutOfMemoryError",
        "-Duser.timezone=UTC",
        "-Dfile.encoding=UTF-8",
        "-Djava.awt.headless=true",
        f"-Djava.io.tmpdir={state / 'tmp'}",
        f"-Dhadoop.home.dir={state}",
        f"-Dderby.stream.error.file={state / 'logs' / 'derby.log'}",
        *(f"--add-opens={package}=ALL-UNNAMED" for package in _OPENED),
    ]


def _scratch(state: Path) -> str:
    """What a start begins by deleting."""
    return (state / "tmp").as_posix()


def hive_site(state: Path, port: int) -> str:
    """HiveServer2 with its metastore inside (Derby in the state folder) and MapReduce in its own JVM."""
    folder, scratch = state.as_posix(), _scratch(state)
    return _xml(
        {
            "hive.server2.thrift.port": str(port),
            "hive.server2.thrift.bind.host": HOST,
            "hive.server2.webui.port": "0",
            "hive.server2.enable.doAs": "false",
            "hive.server2.authentication": "NONE",
            "hive.server2.logging.operation.log.location": f"{scratch}/operation_logs",
            "hive.server2.idle.session.timeout": "1h",
            "javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={folder}/metastore;create=true",
            "datanucleus.schema.autoCreateAll": "true",
            "hive.metastore.schema.verification": "false",
            "hive.metastore.event.db.notification.api.auth": "false",
            "hive.metastore.warehouse.dir": f"file://{folder}/warehouse",
            "hive.metastore.warehouse.external.dir": f"file://{folder}/external",
            "hive.exec.scratchdir": f"file://{scratch}/scratch",
            "hive.exec.local.scratchdir": f"{scratch}/local_scratch",
            "hive.downloaded.resources.dir": f"{scratch}/resources",
            "hive.txn.manager": "org.apache.hadoop.hive.ql.lockmgr.DummyTxnManager",
            "hive.support.concurrency": "false",
            "hive.execution.engine": "mr",
            "hive.exec.submitviachild": "false",
            "hive.exec.submit.local.task.via.child": "false",
            "hive.local.time.zone": "UTC",
            # The files change behind Hive's back: counts from its statistics would be yesterday's.
            "hive.compute.query.using.stats": "false",
            "hive.stats.autogather": "false",
            "hive.stats.fetch.column.stats": "false",
            # A folder that is no partition of a table (days, where a table has months now) is none of its business.
            "hive.msck.path.validation": "ignore",
            # How often Hive looks whether its job is done: by default each second, of a job that takes two.
            "hive.exec.counters.pull.interval": "50",
            "hive.server2.thrift.resultset.max.fetch.size": "50000",
            # Plain selects of less than this are read without a MapReduce job.
            "hive.fetch.task.conversion": "more",
            "hive.fetch.task.conversion.threshold": str(1 << 30),
        },
        # Two maps at a time in one JVM give silently wrong sums.
        final={"mapreduce.local.map.tasks.maximum": "1"},
    )


def core_site(state: Path, emulator: str) -> str:
    """Hadoop's file systems: Google Cloud Storage as it is, or a local object store at `emulator`."""
    scratch = _scratch(state)
    properties = {
        "hadoop.tmp.dir": f"{scratch}/hadoop",
        "mapreduce.framework.name": "local",
        "mapreduce.client.progressmonitor.pollinterval": "50",
        "mapreduce.client.completion.pollinterval": "50",
        "mapreduce.task.io.sort.mb": "32",
        "mapreduce.cluster.local.dir": f"{scratch}/mapred",
        "fs.gs.impl": "com.google.cloud.hadoop.fs.gcs.GoogleHadoopFileSystem",
        "fs.AbstractFileSystem.gs.impl": "com.google.cloud.hadoop.fs.gcs.GoogleHadoopFS",
        # Objects come and go by other hands; a listing that is remembered would miss the newest chunk.
        "fs.gs.performance.cache.enable": "false",
    }
    if emulator:
        url = emulator if "://" in emulator else f"http://{emulator}"
        properties |= {
            "fs.gs.storage.root.url": url.rstrip("/") + "/",
            "fs.gs.project.id": "local",
            "fs.gs.auth.type": "UNAUTHENTICATED",
        }
    return _xml(properties)


def log4j2_properties(logs: Path) -> str:
    """Warnings to `hive.log`, at most 4 × 10 MB; nothing to stdout.

    A running statement's own log, by which clients tell its progress, is what the logger named here says at info.
    """
    return f"""status = error
appender.file.type = RollingFile
appender.file.name = file
appender.file.fileName = {(logs / "hive.log").as_posix()}
appender.file.filePattern = {(logs / "hive").as_posix()}.%i.log
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{{ISO8601}} %p %m (%c{{1}})%n%ex{{short}}
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 10MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 3
logger.task.name = org.apache.hadoop.hive.ql.exec.Task
logger.task.level = info
logger.datanucleus.name = DataNucleus
logger.datanucleus.level = error
rootLogger.level = warn
rootLogger.appenderRef.file.ref = file
rootLogger.appenderRef.file.level = warn
"""


def _xml(properties: dict[str, str], final: dict[str, str] | None = None) -> str:
    lines = [
        f"<property><name>{escape(name)}</name><value>{escape(value)}</value></property>"
        for name, value in properties.items()
    ]
    lines += [
        f"<property><name>{escape(name)}</name><value>{escape(value)}</value><final>true</final></property>"
        for name, value in (final or {}).items()
    ]
    return "<configuration>\n" + "\n".join(lines) + "\n</configuration>\n"
