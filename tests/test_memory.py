"""A service that has looked at a large file weighs what it weighed before."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SCRIPT = """
from pathlib import Path
from bot.memory import give_back

def resident():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024

{first}
before = resident()
for _ in range(2):
    received = bytes(24 << 20)
    opened = bytes(bytearray(received))
    sealed = opened + b"."
    noted = bytes(5000)
    del received, opened, sealed
print(resident() - before)
"""


def left_behind(first: str) -> int:
    """Megabytes that two large files leave in a process of its own."""
    script = SCRIPT.format(first=first)
    return int(subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True).stdout)


def test_what_a_large_file_took_goes_back_to_the_machine() -> None:
    assert left_behind("give_back()") <= 1


def test_the_library_of_c_would_keep_it() -> None:
    """The day this fails, `bot.memory` has become needless."""
    assert left_behind("pass") >= 20
