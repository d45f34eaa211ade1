"""The libraries are compiled without their docstrings, and do the same."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.terse import compile_folder

MODULE = '''"""Of the module."""


def said() -> str:
    """the words"""
    assert __debug__
    return "the words"


class Told:
    """Of the class, « the words »."""

    words = "Of the class, « the words »."

    async def later(self) -> None:
        """Of the method."""
'''


@pytest.mark.service
def test_a_library_that_is_compiled_so_does_the_same_without_its_docstrings(tmp_path: Path) -> None:
    (tmp_path / "library.py").write_text(MODULE, encoding="utf-8")
    told = [f"library.{name}" for name in ("said()", "said.__doc__", "Told.words", "Told.__doc__", "__doc__")]

    compile_folder(tmp_path)

    [kept] = tmp_path.rglob("*.pyc")
    written = kept.stat().st_mtime_ns
    done = subprocess.run(
        [sys.executable, "-c", f"import json, library; print(json.dumps([{', '.join(told)}]))"],
        cwd=tmp_path,
        check=True,
        stdout=subprocess.PIPE,
    )
    assert json.loads(done.stdout) == ["the words", "-", "Of the class, « the words ».", "-", "Of the module."]
    assert kept.stat().st_mtime_ns == written
