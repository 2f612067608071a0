"""The rules of docs/architecture.md as tests. Each rule is also shown a violation, so that it is known to see one."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS = tuple(SETTINGS["tool"]["importlinter"]["root_packages"])
LONGEST_FILE = 500
PYMODBUS_WRITES = {
    "write_coil",
    "write_coils",
    "write_register",
    "write_registers",
    "mask_write_register",
    "readwrite_registers",
    "write_file_record",
}
PLC4X_WRITES = {"writeRequestBuilder", "writeRequest", "isWriteSupported"}

Rule = Callable[[str, ast.Module], Iterator[str]]


@cache
def sources() -> dict[str, ast.Module]:
    """Every Python file of the product by its path in the checkout."""
    paths = [ROOT / "main.py", ROOT / "bootstrap.py", *(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))]
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in paths
        if path.exists()
    }


def imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and full name of every import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module


def named(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and last part of every name and attribute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, alias.name) for alias in node.names)


def only_imports(*rooms: str) -> Rule:
    """A rule: nothing but the standard library and `rooms`."""

    def rule(_path: str, tree: ast.Module) -> Iterator[str]:
        for line, name in imported(tree):
            top = name.split(".")[0]
            if top not in sys.stdlib_module_names and top not in rooms:
                yield f"line {line} imports {name}"

    return rule


def main_starts_app_only(path: str, tree: ast.Module) -> Iterator[str]:
    if path == "main.py":
        yield from only_imports("app")(path, tree)


def contracts_need_only_msgspec(path: str, tree: ast.Module) -> Iterator[str]:
    if path.startswith("contracts/"):
        yield from only_imports("contracts", "msgspec")(path, tree)


def bootstrap_runs_on_a_bare_python(path: str, tree: ast.Module) -> Iterator[str]:
    if path == "bootstrap.py":
        yield from only_imports()(path, tree)


def only_the_simulator_writes_to_modbus(path: str, tree: ast.Module) -> Iterator[str]:
    if not path.startswith("simulator/"):
        yield from (f"line {line} names {name}" for line, name in named(tree) if name in PYMODBUS_WRITES)


def nobody_writes_through_plc4x(_path: str, tree: ast.Module) -> Iterator[str]:
    yield from (f"line {line} names {name}" for line, name in named(tree) if name in PLC4X_WRITES)


def in_data_only_the_modbus_source_knows_pymodbus(path: str, tree: ast.Module) -> Iterator[str]:
    if path.startswith("data/") and not path.startswith("data/sources/modbus"):
        yield from (f"line {line} imports {name}" for line, name in imported(tree) if name.split(".")[0] == "pymodbus")


def processes_are_portable(_path: str, tree: ast.Module) -> Iterator[str]:
    unportable = {"fork", "forkpty", "AF_UNIX", "open_unix_connection", "start_unix_server", "ForkProcess", "mkfifo"}
    yield from (f"line {line} names {name}" for line, name in named(tree) if name in unportable)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("get_context", "set_start_method")):
            yield from (
                f"line {node.lineno} starts processes by {argument.value}"
                for argument in node.args
                if isinstance(argument, ast.Constant) and argument.value in {"fork", "forkserver"}
            )


def processes_start_as_modules(_path: str, tree: ast.Module) -> Iterator[str]:
    by_file = re.compile(rf"^({'|'.join(ROOMS)})[/\\].*\.py$")
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and by_file.match(node.value):
            yield f"line {node.lineno} starts {node.value} by its path"
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.path":
            yield f"line {node.lineno} changes sys.path"


def nobody_is_shown_a_traceback(_path: str, tree: ast.Module) -> Iterator[str]:
    shown = {"print_exc", "print_exception", "print_stack", "format_exc", "print_last"}
    yield from (f"line {line} names {name}" for line, name in named(tree) if name in shown)


def no_file_is_too_long(path: str, tree: ast.Module) -> Iterator[str]:
    last = max((getattr(node, "end_lineno", 0) or 0 for node in ast.walk(tree)), default=0)
    if last > LONGEST_FILE:
        yield f"has {last} lines; {LONGEST_FILE} are enough for one idea"


RULES: dict[Rule, tuple[str, str]] = {
    main_starts_app_only: ("main.py", "import data.live_store"),
    contracts_need_only_msgspec: ("contracts/kks.py", "import numpy"),
    bootstrap_runs_on_a_bare_python: ("bootstrap.py", "import runtime.jars"),
    only_the_simulator_writes_to_modbus: ("data/sources/modbus.py", "await client.write_register(1, 2)"),
    nobody_writes_through_plc4x: ("cloud/mtu/reader.py", "connection.writeRequestBuilder()"),
    in_data_only_the_modbus_source_knows_pymodbus: ("data/sources/kafka.py", "from pymodbus.client import X"),
    processes_are_portable: ("runtime/child.py", "import os\nos.fork()"),
    processes_start_as_modules: ("app/chain.py", "argv = ['python', 'cloud/mtu/__main__.py']"),
    nobody_is_shown_a_traceback: ("cloud/mtu/__main__.py", "import traceback\ntraceback.print_exc()"),
    no_file_is_too_long: ("widgets/trend.py", "x = 1\n" * 501),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_product_keeps_the_rule(rule: Rule):
    assert [f"{path}: {found}" for path, tree in sources().items() for found in rule(path, tree)] == []


@pytest.mark.parametrize(("rule", "violation"), RULES.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_the_rule_sees_a_violation(rule: Rule, violation: tuple[str, str]):
    path, text = violation
    assert list(rule(path, ast.parse(text)))


@pytest.mark.parametrize(
    "text",
    [
        "import multiprocessing\nmultiprocessing.set_start_method('fork')",
        "import socket\nsocket.socket(socket.AF_UNIX)",
        "from os import fork",
    ],
)
def test_every_way_to_be_unportable_is_seen(text):
    assert list(processes_are_portable("x.py", ast.parse(text)))


def test_no_file_name_holds_a_character_windows_refuses():
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    assert [name for name in names.split("\0") if re.search(r'[<>:"|?*\\]', name)] == []


def test_every_room_is_under_the_import_rules():
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert rooms == set(ROOMS)


def test_every_cloud_box_can_be_started_as_a_module_and_is_under_the_import_rules():
    boxes = {f"cloud.{path.parent.name}" for path in (ROOT / "cloud").glob("*/__init__.py")}
    rules = {rule["name"]: rule for rule in SETTINGS["tool"]["importlinter"]["contracts"]}
    assert boxes == set(rules["Cloud boxes do not know each other"]["modules"])


def test_what_reads_and_draws_a_sheet_without_a_screen_knows_no_qt():
    graph = grimp.build_graph("pid_renderer", "contracts", "resources", include_external_packages=True, cache_dir=None)
    drawing = (
        "reading", "xml_document", "proteus", "dexpi2", "layout", "drawing", "plant_graph", "binding", "svg",
        "component_class", "physical_unit",
    )  # fmt: skip
    screenless = [
        module
        for module in graph.modules
        if module.startswith(tuple(f"pid_renderer.{name}" for name in drawing)) and not module.endswith("__main__")
    ]
    assert screenless
    chains = [chain for module in screenless if (chain := graph.find_shortest_chain(module, "PySide6"))]
    assert chains == []


def lint_imports(folder: Path) -> str:
    """The report of the import rules on the checkout in `folder`."""
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [program, "--no-cache", "--no-logo"],
        cwd=folder,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(folder)},
    )
    return done.stdout + done.stderr


def copy_rooms(folder: Path) -> Path:
    """The packages alone, empty of code: what is planted is then the only violation."""
    for room in ROOMS:
        for init in (ROOT / room).rglob("__init__.py"):
            target = folder / init.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_the_rooms_keep_the_import_rules():
    report = lint_imports(ROOT)
    assert "0 broken" in report, report


PLANTED = {
    "contracts": ("import resources", "Rooms depend one way"),
    "simulator": ("import analysis", "The simulator knows only the contracts and how to be a process"),
    "analysis": ("import data", "Analysis knows only the contracts and how to be a process"),
    "cloud.portal": ("import pid_renderer", "Cloud boxes know no desktop room"),
    "cloud.lake": ("import cloud.mtu", "Cloud boxes do not know each other"),
    "runtime": ("import PySide6", "Only the desktop draws"),
    "widgets": ("import kafka", "Only data and cloud touch Kafka, Hive and SQL"),
    "cloud.warehouse": ("import pymodbus", "Only the Modbus source and the simulator touch pymodbus"),
    "data": ("import analysis", "What flows does not know what it means"),
    "app": ("import jpype", "Only cloud hosts a JVM: it cannot be started twice in one process"),
}


def test_each_import_rule_sees_a_violation(tmp_path):
    copy_rooms(tmp_path)
    for package, (line, _) in PLANTED.items():
        (tmp_path / package.replace(".", "/") / "planted.py").write_text(line + "\n")
    report = re.sub(r"\s+", " ", lint_imports(tmp_path))
    rules = [rule["name"] for rule in SETTINGS["tool"]["importlinter"]["contracts"]]
    assert len(rules) == len(PLANTED)
    assert [name for name in rules if f"{name} BROKEN" not in report] == []


@pytest.mark.parametrize(
    ("package", "line"),
    [
        ("widgets", "import pid_renderer"),
        ("pid_renderer", "import widgets"),
        ("data", "import widgets"),
        ("data", "import analysis"),
        ("runtime", "import data"),
        ("runtime", "import analysis"),
        ("widgets", "import simulator"),
        ("cloud.mtu", "import data"),
        ("simulator", "import cloud.mtu"),
    ],
)
def test_a_room_may_not_know(package, line, tmp_path):
    copy_rooms(tmp_path)
    (tmp_path / package.replace(".", "/") / "planted.py").write_text(line + "\n")
    assert "0 broken" not in lint_imports(tmp_path)
