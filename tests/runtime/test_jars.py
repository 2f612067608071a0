import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from jgo.maven import _core

from runtime import jars
from runtime.jars import JarsMissing

CONTENT = {f"org/x/{name}/1/{name}-1.jar": name.encode() * 1000 for name in ("first", "second", "third")}


@pytest.fixture
def repository(monkeypatch) -> Iterator[dict[str, bytes]]:
    """A Maven repository on this machine in place of the central one; what it serves can be changed."""
    served = dict(CONTENT)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            content = served.get(self.path.removeprefix("/"))
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    monkeypatch.setattr(_core, "DEFAULT_REMOTE_REPOS", {"central": f"http://127.0.0.1:{server.server_port}"})
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def lock(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("SINOPTICO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(jars, "LOCKS", tmp_path)
    monkeypatch.setattr(jars.time, "sleep", lambda _s: None)
    path = tmp_path / "small.lock"
    lines = [f"org.x:{place.split('/')[2]}:1 {hashlib.sha256(body).hexdigest()}\n" for place, body in CONTENT.items()]
    path.write_text("# a comment\n" + "".join(lines))
    return path


def test_jars_come_in_the_order_of_the_lock_with_progress(repository, lock):
    seen = []
    paths = jars.fetch("small", lambda done, total, name: seen.append((done, total, name)))
    assert [path.name for path in paths] == ["first-1.jar", "second-1.jar", "third-1.jar"]
    assert [(done, total) for done, total, _ in seen] == [(1, 3), (2, 3), (3, 3)]
    assert paths == jars.classpath("small")
    assert {path.name for path in paths[0].parent.iterdir()} == {path.name for path in paths}


def test_what_is_here_is_not_fetched_again(repository, lock):
    jars.fetch("small")
    repository.clear()
    assert len(jars.fetch("small")) == 3


def test_a_fetch_goes_on_where_the_last_one_failed(repository, lock, monkeypatch):
    monkeypatch.setattr(jars, "_AT_ONCE", 1)
    removed = repository.pop("org/x/third/1/third-1.jar")
    with pytest.raises(JarsMissing, match=r"1 of 3 jars of small could not be had, first third-1.jar: .* 404"):
        jars.fetch("small")
    assert [jar.artifact for jar in jars.missing("small")] == ["third"]
    repository["org/x/third/1/third-1.jar"] = removed
    assert len(jars.fetch("small")) == 3


def test_a_jar_with_another_content_is_never_used(repository, lock):
    repository["org/x/second/1/second-1.jar"] = b"something else"
    with pytest.raises(JarsMissing, match=r"second-1\.jar: its SHA-256 is"):
        jars.fetch("small")
    assert not (jars.folder("small") / "second-1.jar").exists()


def test_a_machine_without_network_is_told_what_to_do(lock, monkeypatch):
    monkeypatch.setattr(_core, "DEFAULT_REMOTE_REPOS", {"central": "http://127.0.0.1:9"})
    with pytest.raises(JarsMissing, match=r"connect this machine .* or copy .*small from a machine that has them"):
        jars.fetch("small")


def test_a_class_path_with_a_hole_names_the_jar_and_the_remedy(lock):
    with pytest.raises(JarsMissing, match=r"3 jars of small are missing, first first-1.jar; .*bootstrap.py jars small"):
        jars.classpath("small")


def test_an_unknown_set_names_the_known_ones(lock):
    with pytest.raises(JarsMissing, match="no set of jars called 'other'; known are small"):
        jars.fetch("other")


def test_a_download_of_another_process_is_left_alone(lock, repository):
    running = jars.folder("small") / ".fetch-running"
    running.mkdir(parents=True)
    jars.fetch("small")
    assert running.exists()


@pytest.mark.parametrize("name", ["kafka", "plc4x", "hive"])
def test_the_shipped_locks_name_each_file_once_with_a_checksum(name):
    locked = jars.locked(name)
    names = [jar.file_name for jar in locked]
    assert len(names) == len(set(names)) > 30
    assert all(len(jar.sha256) == 64 for jar in locked)


def test_google_comes_first_and_reload4j_last_on_hives_class_path():
    locked = jars.locked("hive")
    assert (locked[0].artifact, locked[0].classifier, locked[-1].artifact) == ("gcs-connector", "shaded", "reload4j")


def test_the_command_line_says_what_went_wrong(lock, capsys):
    assert jars.main([]) == 2
    assert jars.main(["other"]) == 1
    assert "known are small" in capsys.readouterr().err


def test_the_command_line_reports_each_set(lock, repository, capsys):
    assert jars.main(["small"]) == 0
    assert capsys.readouterr().err.startswith("small: 3 jars, 0 MB")
