import json
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from cloud.deploy.package import CannotPackage, package

BOXES = ["lake", "loader", "mtu", "portal", "stream", "warehouse"]

# Runs in a fresh interpreter without site-packages: lets through the standard library, the unpacked box and exactly the
# modules of the declared distributions, so that an import nobody declared fails as it would in the cloud.
GUARD = """
import json, sys
folder, site, allowed, code = sys.argv[1], sys.argv[2], set(json.loads(sys.argv[3])), sys.argv[4]
sys.path[:] = [folder, *sys.path, site]
from importlib.machinery import PathFinder

class Guard:
    @staticmethod
    def find_spec(name, path=None, target=None):
        spec = PathFinder.find_spec(name, path, target)
        parts = name.split(".")
        if spec is None or spec.origin is None or not spec.origin.startswith(site):
            return None
        if any(".".join(parts[:end]) in allowed for end in range(1, len(parts) + 1)):
            return None
        raise ImportError(f"{name} is not declared in requirements.txt")

sys.meta_path.insert(0, Guard)
exec(code)
"""


@pytest.fixture(scope="module")
def archives(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    for box in BOXES:
        package(box, folder)
    return folder


def unpack(archives: Path, box: str, folder: Path) -> Path:
    with zipfile.ZipFile(archives / f"{box}.zip") as file:
        file.extractall(folder)
    return folder


def modules_of(requirements: Path) -> set[str]:
    """Importable names of the distributions that requirements.txt pins."""
    names = set()
    for line in requirements.read_text().split():
        name, version = line.split("==")
        distribution = metadata.distribution(name)
        assert distribution.version == version
        for file in distribution.files or ():
            if file.suffix in {".py", ".so", ".pyd"}:
                stem = file.name.split(".")[0]
                names.add(".".join(file.parts[:-1] if stem == "__init__" else (*file.parts[:-1], stem)))
    return names


def run_alone(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    site = Path(metadata.distribution("msgspec").locate_file("")).as_posix()
    allowed = json.dumps(sorted(modules_of(folder / "requirements.txt")))
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", GUARD, str(folder), site, allowed, code],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_google_finds_its_entry_in_the_loaders_package_alone(archives, tmp_path):
    folder = unpack(archives, "loader", tmp_path)
    code = "import main, contracts; print(main.load_day.__module__, contracts.__file__)"
    done = run_alone(folder, code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["cloud.loader.function", str(folder / "contracts" / "__init__.py")]


@pytest.mark.parametrize("box", BOXES)
def test_a_box_starts_from_its_package_alone(archives, tmp_path, box):
    folder = unpack(archives, box, tmp_path)
    code = f"import runpy; sys.argv = ['{box}', '--help']; runpy.run_module('cloud.{box}', run_name='__main__')"
    done = run_alone(folder, code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage:")


@pytest.mark.parametrize("box", [box for box in BOXES if box != "portal"])
def test_every_module_of_a_package_can_be_imported_alone(archives, tmp_path, box):
    folder = unpack(archives, box, tmp_path)
    modules = [
        ".".join(path.relative_to(folder).with_suffix("").parts)
        for path in sorted(folder.rglob("*.py"))
        if path.stem not in {"__init__", "__main__"}
    ]
    done = run_alone(folder, "".join(f"import {module}\n" for module in modules))
    assert done.returncode == 0, done.stderr


def test_an_import_nobody_declared_fails(archives, tmp_path):
    folder = unpack(archives, "loader", tmp_path)
    (folder / "cloud" / "loader" / "chunks.py").write_text("import duckdb\n")
    done = run_alone(folder, "import main")
    assert "duckdb is not declared in requirements.txt" in done.stderr


def test_a_package_holds_no_other_box_and_no_desktop_room(archives):
    for box in BOXES:
        with zipfile.ZipFile(archives / f"{box}.zip") as file:
            names = file.namelist()
        rooms = {name.split("/")[0] for name in names if "/" in name}
        boxes = {name.split("/")[1] for name in names if name.startswith("cloud/") and name.count("/") > 1}
        assert rooms <= {"cloud", "contracts", "analysis", "runtime", "resources"}
        assert boxes == {box}


def test_files_a_box_reads_are_inside(archives):
    def names(box: str) -> set[str]:
        with zipfile.ZipFile(archives / f"{box}.zip") as file:
            return set(file.namelist())

    assert "runtime/locks/plc4x.lock" in names("mtu")
    assert "cloud/warehouse/ddl/0001_history.sql" in names("warehouse")
    assert {"cloud/portal/templates/home.html", "resources/themes/tokens.json"} <= names("portal")


def test_what_pyhive_needs_to_sign_in_is_declared(archives):
    with zipfile.ZipFile(archives / "loader.zip") as file:
        requirements = file.read("requirements.txt").decode()
    assert {"thrift-sasl", "pure-sasl"} <= {line.split("==")[0] for line in requirements.split()}


def test_the_same_sources_give_the_same_bytes(archives, tmp_path):
    assert package("lake", tmp_path).read_bytes() == (archives / "lake.zip").read_bytes()


def test_a_box_that_does_not_exist_is_told_which_do(tmp_path):
    with pytest.raises(CannotPackage, match="no box 'lakes'; there are: lake, loader, mtu"):
        package("lakes", tmp_path)
