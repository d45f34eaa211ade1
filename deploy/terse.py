"""Compiles the large libraries of the service without what their functions and classes say of themselves.

    python deploy/terse.py

Nobody reads these words at run time, and they weigh 5 MB. `python -OO`, which leaves them out too, also leaves out what
the libraries assert. Only the libraries named here are so compiled: numpy and scipy read the words
that they carry.
"""

import ast
import site
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import cache_from_source
from pathlib import Path
from types import CodeType
from typing import Any

LIBRARIES = ("aiogram", "aiohttp", "jinja2", "nio", "pydantic", "sqlalchemy")


class Terse(SourceFileLoader):
    """Python's own loader, which keeps a mere sign of each docstring: SQLAlchemy wants some."""

    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> CodeType:  # type: ignore[override] # typeshed has the abstract one
        """Compile a module."""
        module = ast.parse(data)
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                match node.body[0]:
                    case ast.Expr(value=ast.Constant(value=str()) as said):
                        said.value = "-"
        return super().source_to_code(module, path)


def compile_folder(folder: Path) -> None:
    """Write the bytecode of each module where Python looks for it."""
    sys.dont_write_bytecode = False
    for path in folder.rglob("*.py"):
        Path(cache_from_source(path)).unlink(missing_ok=True)
        Terse("module", str(path)).get_code("module")


if __name__ == "__main__":
    for packages in site.getsitepackages():
        for name in LIBRARIES:
            compile_folder(Path(packages) / name)
