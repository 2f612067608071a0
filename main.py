"""Start Sinóptico: `python main.py --help`."""

import sys

OURS = {"analysis", "app", "contracts", "data", "pid_renderer", "resources", "runtime", "simulator", "widgets"}


def start() -> int:
    """Run the command line; its exit code."""
    try:
        from app.commands import main

        return main(sys.argv[1:])
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in OURS:
            raise
        sys.stderr.write(
            f"{error.name} is not installed for {sys.executable}: run `make demo` once, which prepares .venv, "
            "or start this with .venv/bin/python\n"
        )
        return 2


if __name__ == "__main__":
    sys.exit(start())
