"""Start and memory of `greffier run`: from the process's birth to its first word from the homeserver, warm.

    python tests/bench/start/bench.py [--rounds 5]

A real Synapse is started once; the account's keys exist already (the first start makes them and is not counted).
Goals: start to first sync ≤ 1.5 s, resident memory ≤ 110 MB without the semantic model.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "deploy"))

from homeserver import Homeserver  # type: ignore[import-not-found]  # noqa: E402 -- a neighbour, not a package


def main() -> None:
    """Print medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        server = Homeserver(Path(name) / "homeserver", venv=ROOT / ".cache" / "synapse")
        server.install()
        server.start()
        try:
            user = server.register("greffier", "un-mot-de-passe-d-essai")
            settings = {
                "GREFFIER_DATA_DIR": str(Path(name) / "donnees"),
                "GREFFIER_DATE": "2017-04-10",
                "GREFFIER_SEMANTIC": "0",
                "GREFFIER_MATRIX__HOMESERVER": server.url,
                "GREFFIER_MATRIX__USER": user,
                "GREFFIER_MATRIX__PASSWORD": "un-mot-de-passe-d-essai",
            }
            alive = Path(name) / "donnees" / "alive"
            start(settings, alive)
            runs = [start(settings, alive) for _ in range(rounds)]
        finally:
            server.stop()
    print(f"start to first sync   median {statistics.median(run[0] for run in runs):.2f} s  (goal ≤ 1.5)")
    print(f"resident memory       median {statistics.median(run[1] for run in runs):.0f} MB  (goal ≤ 110)")


def start(settings: dict[str, str], alive: Path) -> tuple[float, float]:
    """Seconds to the first word of the homeserver, and megabytes then."""
    alive.unlink(missing_ok=True)
    born = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"], cwd=ROOT, env={**os.environ, **settings}, stderr=subprocess.DEVNULL
    )
    while not alive.exists():
        time.sleep(0.01)
        if process.poll() is not None:
            raise SystemExit("greffier stopped by itself")
    seconds = time.perf_counter() - born
    time.sleep(5)
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=20)
    return seconds, resident / 1024


if __name__ == "__main__":
    main()
