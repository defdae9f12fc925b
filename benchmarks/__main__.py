"""List the benchmarks with what each measures, or run the one that is named."""

import ast
import runpy
import sys
from pathlib import Path

HERE = Path(__file__).parent


def benchmarks() -> dict[str, str]:
    """Map the name of each benchmark to the first line of its docstring, without importing it.

    A name is its module's with hyphens: reader_speed.py is run as reader-speed.
    """
    modules = sorted(path for path in HERE.glob("*.py") if not path.stem.startswith("_"))
    return {path.stem.replace("_", "-"): first_line(path) for path in modules}


def first_line(module: Path) -> str:
    """Read the first line of a module's docstring."""
    return (ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or "").partition("\n")[0]


def main(arguments: list[str]) -> int:
    """List without a name, run with one; 2 when nothing goes by that name."""
    available = benchmarks()
    if not arguments:
        for name, what in available.items():
            print(f"{name:18} {what}")
        return 0
    name = arguments[0]
    if name not in available:
        print(f"There is no benchmark called {name}. There are: {', '.join(available)}.", file=sys.stderr)
        return 2
    sys.argv = [name, *arguments[1:]]
    runpy.run_module(f"benchmarks.{name.replace('-', '_')}", run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
