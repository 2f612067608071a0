"""`python -m cloud.deploy.package --box loader`: what is uploaded to run one box alone, `build/loader.zip`.

Inside: the box, the modules of contracts, analysis, runtime and resources it imports, their files, and requirements.txt
with the packages it imports and what those need, at the versions of constraints.txt. The loader's has Google's main.py.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement

ROOT: Final = Path(__file__).resolve().parents[2]
ROOMS: Final = ("cloud", "contracts", "analysis", "runtime", "resources")
FILES_OF: Final = {
    "runtime.jars": "runtime/locks",
    "resources.theme": "resources/themes",
    "cloud.portal.settings": "resources/fonts",
}
"""Files that a module reads beside itself. A box's own folder goes in whole."""

ALSO: Final = {"pyhive": ("pure-sasl", "thrift-sasl"), "kafka-python": ("crc32c",)}
"""What a distribution imports only at run time, if it is there: PyHive to sign in, kafka-python to be fast."""

GOOGLE_MAIN: Final = '''"""Google's entry: deploy with --entry-point load_day."""

from cloud.loader.function import load_day

__all__ = ["load_day"]
'''


class CannotPackage(Exception):
    """A box that cannot be packaged; the text says why."""


def package(box: str, target: Path) -> Path:
    """Write `target/BOX.zip`, the same bytes for the same sources. Raises `CannotPackage`."""
    if not (ROOT / "cloud" / box / "__main__.py").exists():
        boxes = sorted(main.parent.name for main in (ROOT / "cloud").glob("*/__main__.py"))
        raise CannotPackage(f"there is no box {box!r}; there are: {', '.join(boxes)}")
    modules = _modules(box)
    contents = {
        path.relative_to(ROOT).as_posix(): path.read_bytes() for path in (*modules.values(), *_files(box, modules))
    }
    contents["requirements.txt"] = "".join(f"{line}\n" for line in _requirements(modules)).encode()
    if box == "loader":
        contents["main.py"] = GOOGLE_MAIN.encode()
    target.mkdir(parents=True, exist_ok=True)
    archive = target / f"{box}.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in sorted(contents.items()):
            # A fixed time: equal sources give an equal archive, which deployment need not upload again.
            file.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return archive


def _modules(box: str) -> dict[str, Path]:
    """Our modules the box consists of, by name: its own, and what they import, near and far."""
    found: dict[str, Path] = {}
    waiting = [_name(path) for path in (ROOT / "cloud" / box).rglob("*.py")]
    while waiting:
        name = waiting.pop()
        path = _path(name)
        if name in found or path is None:
            continue
        found[name] = path
        waiting += [name.rpartition(".")[0], *(each for each in _imports(path) if each.split(".")[0] in ROOMS)]
    return found


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _path(name: str) -> Path | None:
    place = ROOT.joinpath(*name.split(".")) if name else None
    if place is None:
        return None
    return next((path for path in (place / "__init__.py", place.with_suffix(".py")) if path.exists()), None)


def _imports(path: Path) -> Iterator[str]:
    """Every module and `from` target a file names; those for the type checker alone are left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _files(box: str, modules: dict[str, Path]) -> Iterator[Path]:
    folders = [f"cloud/{box}", *(folder for module, folder in FILES_OF.items() if module in modules)]
    for folder in folders:
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix not in {".py", ".pyc"}:
                yield path


def _requirements(modules: dict[str, Path]) -> list[str]:
    """`name==version` of the distributions the modules import and of what those need."""
    pinned = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        name, equals, version = line.partition("==")
        if equals:
            pinned[_normal(name)] = f"{name}=={version}"
    needed: set[str] = set()
    waiting = sorted(_distributions(modules))
    while waiting:
        name = waiting.pop()
        if name in needed:
            continue
        if name not in pinned:
            raise CannotPackage(f"{name} is imported or needed but not in constraints.txt: pin it there")
        needed.add(name)
        waiting += ALSO.get(name, ())
        for text in metadata.requires(name) or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(_normal(requirement.name))
    return sorted((pinned[name] for name in needed), key=str.lower)


def _distributions(modules: dict[str, Path]) -> set[str]:
    """Names of the installed distributions the modules import directly."""
    owners = _owners()
    found = set()
    for path in modules.values():
        for name in _imports(path):
            parts = name.split(".")
            if parts[0] in sys.stdlib_module_names or parts[0] in ROOMS:
                continue
            # The longest known prefix: several distributions share the name `google`.
            prefixes = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
            known = next((owners[prefix] for prefix in prefixes if prefix in owners), None)
            if known is not None:
                found.add(known)
            elif not any(owner.startswith(f"{name}.") for owner in owners):
                raise CannotPackage(f"{path.relative_to(ROOT)} imports {name}, which is not installed")
    return found


@cache
def _owners() -> dict[str, str]:
    """Which distribution each importable module comes from; names shared by several (namespaces) are left out."""
    owners: dict[str, str] = {}
    for distribution in metadata.distributions():
        for file in distribution.files or ():
            if file.suffix in {".py", ".so", ".pyd"} and ".." not in file.parts:
                stem = file.name.split(".")[0]
                parts = file.parts[:-1] if stem == "__init__" else (*file.parts[:-1], stem)
                owners[".".join(parts)] = _normal(distribution.metadata["Name"])
    return owners


def _normal(name: str) -> str:
    """A distribution's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> int:
    """0 written, 2 bad usage or a box that cannot be packaged."""
    parser = argparse.ArgumentParser(
        prog="cloud.deploy.package", description="Make what is uploaded to run one box alone."
    )
    parser.add_argument("--box", required=True, help="a folder of cloud/, e.g. loader")
    parser.add_argument("--out", type=Path, default=ROOT / "build", help="folder for BOX.zip (default: build)")
    arguments = parser.parse_args()
    try:
        archive = package(arguments.box, arguments.out)
    except CannotPackage as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{archive} {archive.stat().st_size / 1000:.0f} kB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
