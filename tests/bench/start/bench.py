"""Start and memory of `greffier run`, from the process's birth to its first word from the homeserver, warm; and how long
`greffier console` takes to answer its first message.

    python tests/bench/start/bench.py [--rounds 5]

A real Synapse is started once; the account's keys and the answers exist already (the first start makes them and is not
counted). Beside each start, in turn, a bare interpreter only imports `aiogram, nio, sqlalchemy`: seconds move with the
machine, the ratios to it are what to keep. Memory is that of a service at work, its answers prepared.
Goals: start to first sync ≤ 1.5 s, first answer of the console < 2 s, resident memory ≤ 110 MB without the semantic model.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.homeserver import Homeserver
from deploy.service import GREFFIER

ROOT = Path(__file__).resolve().parents[3]
_ANSWERS = 5.0  # seconds after which the answers are prepared too
_BARE = "import aiogram, nio, sqlalchemy, sys; print('ready', flush=True); sys.stdin.read()"


@dataclass(frozen=True)
class Life:
    """Seconds to be ready, seconds of processor until then, megabytes resident and of its own."""

    seconds: float
    worked: float
    resident: float
    own: float


def main() -> None:
    """Print medians, and each as a ratio to the bare import."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # warm: what is imported is compiled already
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(name) / "compiled")
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
            command = [sys.executable, "-m", "bot.retrieval", "--lexical", "bot/circulaire/campagnes/17AN0076"]
            subprocess.run(command, cwd=ROOT, check=True)
            start(settings, alive)
            bare()
            pairs = [(start(settings, alive), bare()) for _ in range(rounds)]
            answered = [console() for _ in range(rounds)]
        finally:
            server.stop()
    ours, theirs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    print(f"{'':24}{'greffier':>10}{'imports':>10}{'ratio':>8}")
    show("start to first sync, s", [life.seconds for life in ours], [life.seconds for life in theirs], "goal ≤ 1.5")
    show("  of processor, s", [life.worked for life in ours], [life.worked for life in theirs], "")
    show("console answers, s", answered, [life.seconds for life in theirs], "goal < 2")
    show("resident memory, MB", [life.resident for life in ours], [life.resident for life in theirs], "goal ≤ 110")
    show("  of its own, MB", [life.own for life in ours], [life.own for life in theirs], "")


def show(what: str, ours: Sequence[float], theirs: Sequence[float], goal: str) -> None:
    """One line: both medians, and the median of the ratios of each pair."""
    ratio = statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
    print(f"{what:24}{statistics.median(ours):10.2f}{statistics.median(theirs):10.2f}{ratio:8.2f}  {goal}")


def start(settings: dict[str, str], alive: Path) -> Life:
    """One start of the service, until its answers are prepared too."""
    alive.unlink(missing_ok=True)
    born = time.perf_counter()
    process = subprocess.Popen([*GREFFIER, "run"], cwd=ROOT, env={**os.environ, **settings}, stderr=subprocess.DEVNULL)
    while not alive.exists():
        time.sleep(0.01)
        if process.poll() is not None:
            raise SystemExit("greffier stopped by itself")
    seconds, worked = time.perf_counter() - born, processor(process.pid)
    time.sleep(_ANSWERS)
    life = Life(seconds, worked, *memory(process.pid))
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=20)
    return life


def console() -> float:
    """Seconds until the console has answered « bonjour », its database made on the way."""
    born = time.perf_counter()
    command = [*GREFFIER, "console", "--date", "2017-04-10"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"bonjour\n")
        process.stdin.flush()
        while "Je suis Greffier" not in process.stdout.readline().decode():
            pass
        seconds = time.perf_counter() - born
        process.stdin.close()
        process.stdout.read()
    return seconds


def bare() -> Life:
    """A bare interpreter with the three libraries."""
    born = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-OO", "-c", _BARE], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        return Life(time.perf_counter() - born, processor(process.pid), *memory(process.pid))


def processor(pid: int) -> float:
    """Seconds of processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> tuple[float, float]:
    """Megabytes resident, and those that no other process shares."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    sizes = {line.split()[0]: int(line.split()[1]) / 1024 for line in lines}
    return sizes["Rss:"], sizes["Private_Clean:"] + sizes["Private_Dirty:"]


if __name__ == "__main__":
    main()
