"""Both object stores keep one promise; the folder's is tested here the same way as the real store's."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from google.api_core.exceptions import GoogleAPIError

from runtime.object_store import COLDLINE, STANDARD, AlreadyThere, NotThere, ObjectStore, StoreError, open_store
from runtime.object_store_gcs import GcsStore


@pytest.fixture
def store(lake_url: str) -> ObjectStore:
    return open_store(lake_url)


def test_an_object_is_created_once_and_keeps_its_metadata(store: ObjectStore, tmp_path: Path) -> None:
    made = store.create("raw/r1/a.parquet", b"one", {"end": "7"})
    with pytest.raises(AlreadyThere):
        store.create("raw/r1/a.parquet", b"two", {"end": "8"})
    info = store.stat("raw/r1/a.parquet")
    assert info == made
    assert info is not None
    assert (info.size, info.storage_class, dict(info.metadata)) == (3, STANDARD, {"end": "7"})
    assert store.read("raw/r1/a.parquet") == b"one"
    file = tmp_path / "file"
    file.write_bytes(b"from a file")
    store.create("raw/r1/b.parquet", file)
    assert store.read("raw/r1/b.parquet") == b"from a file"


def test_of_sixteen_that_create_one_name_exactly_one_wins(store: ObjectStore) -> None:
    won: list[int] = []
    start = threading.Barrier(16)

    def create(number: int) -> None:
        start.wait()
        try:
            store.create("race", str(number).encode(), {"who": str(number)})
            won.append(number)
        except AlreadyThere:
            pass

    threads = [threading.Thread(target=create, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    info = store.stat("race")
    assert info is not None
    assert store.read("race") == str(won[0]).encode() == info.metadata["who"].encode()


def test_an_object_is_replaced_only_where_the_expected_generation_is_there(store: ObjectStore) -> None:
    first = store.replace("day", b"old", 0)
    second = store.replace("day", b"new", first.generation, {"made_of": "x"})
    assert second.generation != first.generation
    for wrong in (0, first.generation):
        with pytest.raises(AlreadyThere):
            store.replace("day", b"wrong", wrong)
    with pytest.raises(AlreadyThere):
        store.replace("nothing", b"wrong", first.generation)
    info = store.stat("day")
    assert info is not None
    assert (store.read("day"), info.metadata) == (b"new", {"made_of": "x"})


def test_a_reader_holds_the_version_it_has_opened(store: ObjectStore) -> None:
    first = store.create("day", b"old" * 10)
    with store.open("day") as file:
        file.seek(3)
        assert file.read(3) == b"old"
        store.replace("day", b"new", first.generation)
        file.seek(0)
        try:
            text = file.read()
        except (OSError, LookupError, GoogleAPIError):
            return  # told that it is gone is right too; a mixture is not
        assert text == b"old" * 10


def test_objects_are_listed_by_prefix_in_order_and_from_a_name_on(store: ObjectStore) -> None:
    for name in ("raw/r10/z/1", "raw/r1/a-b/1", "raw/r1/a/2", "raw/r1/a/1", "other"):
        store.create(name, b"", {"n": name})
    listed = list(store.list("raw/r1/"))
    assert [info.name for info in listed] == ["raw/r1/a-b/1", "raw/r1/a/1", "raw/r1/a/2"]
    assert [info.metadata["n"] for info in listed] == [info.name for info in listed]
    assert [info.name for info in store.list("raw/r1/", start="raw/r1/a/1", limit=1)] == ["raw/r1/a/1"]
    assert [info.name for info in store.list("raw/r1/a/", start="raw/r1/a/11")] == ["raw/r1/a/2"]
    assert list(store.list("none/")) == []


def test_a_storage_class_changes_and_nothing_else_does(store: ObjectStore) -> None:
    store.create("raw/a", b"content", {"end": "7"})
    store.set_storage_class("raw/a", COLDLINE)
    info = store.stat("raw/a")
    assert info is not None
    assert (info.storage_class, dict(info.metadata)) == (COLDLINE, {"end": "7"})
    assert next(iter(store.list("raw/a"))).storage_class == COLDLINE
    assert store.read("raw/a") == b"content"


def test_what_is_not_there_is_said_so(store: ObjectStore) -> None:
    assert store.stat("nothing") is None
    assert store.delete("nothing") is False
    for call in (store.read, store.open):
        with pytest.raises(NotThere, match="nothing"):
            call("nothing")
    with pytest.raises(NotThere):
        store.set_storage_class("nothing", COLDLINE)


def test_deleting_minds_the_generation(store: ObjectStore) -> None:
    first = store.create("a", b"1")
    second = store.replace("a", b"2", first.generation)
    with pytest.raises(AlreadyThere):
        store.delete("a", first.generation)
    assert store.delete("a", second.generation)
    assert store.stat("a") is None
    store.create("a", b"3")


def test_a_name_that_some_store_cannot_keep_is_refused(store: ObjectStore) -> None:
    for name in ("a:b", "../a", "a//b", "", "/a", ".store/x", "a\\b"):
        with pytest.raises(ValueError, match="object name"):
            store.create(name, b"")


def test_a_url_of_another_kind_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="folder or gs://bucket"):
        open_store("s3://bucket")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be used as a lake"):
        open_store(str(tmp_path / "file"))


def test_a_store_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:9")
    store = open_store("gs://lake")
    monkeypatch.setattr("runtime.object_store_gcs._RETRY", None)
    with pytest.raises(StoreError, match="cannot look up"):
        store.stat("a")


def test_a_write_that_dies_leaves_no_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(str(tmp_path / "lake"))

    class Death(BaseException):
        pass

    def die(_self: Path, _target: Path) -> Path:
        raise Death

    monkeypatch.setattr(Path, "replace", die)
    with pytest.raises(Death):
        store.create("raw/a", b"1")
    monkeypatch.undo()
    assert list(store.list("")) == []
    store.create("raw/a", b"2")


def test_an_object_copied_in_by_hand_is_there_without_metadata(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "lake"))
    store.create("raw/a", b"1", {"end": "7"})
    (tmp_path / "lake" / "raw" / "b").write_bytes(b"2")
    assert [(info.name, dict(info.metadata)) for info in store.list("raw/")] == [("raw/a", {"end": "7"}), ("raw/b", {})]


@pytest.mark.engine
def test_the_marks_that_hadoop_leaves_for_folders_are_no_objects(bucket_url: str) -> None:
    store = GcsStore(bucket_url)
    store.create("raw/r1/a", b"1")
    for mark in ("raw/", "raw/r1/", "raw/r2/"):
        store._bucket.blob(store._prefix + mark).upload_from_string(b"")
    assert [info.name for info in store.list("raw/")] == ["raw/r1/a"]
    assert [info.name for info in store.list("raw/", limit=1)] == ["raw/r1/a"]
    assert list(store.list("raw/r2/", limit=1)) == []
