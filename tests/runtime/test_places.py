from runtime import places


def test_the_environment_says_where_state_and_cache_lie(tmp_path, monkeypatch):
    monkeypatch.setenv("SINOPTICO_STATE", str(tmp_path / "a" / "state"))
    monkeypatch.setenv("SINOPTICO_CACHE", str(tmp_path / "b" / "cache"))
    assert places.state_folder() == tmp_path / "a" / "state"
    assert places.cache_folder() == tmp_path / "b" / "cache"
    assert places.state_folder().is_dir()


def test_without_it_they_lie_where_the_system_keeps_such_things(tmp_path, monkeypatch):
    for name in ("SINOPTICO_STATE", "SINOPTICO_CACHE", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert tmp_path in places.state_folder().parents
    assert tmp_path in places.cache_folder().parents
    assert places.state_folder() != places.cache_folder()
