"""A real homeserver for the tests of the door: the demonstration's own, started once, thrown away."""

from pathlib import Path

from deploy.homeserver import Homeserver

ROOT = Path(__file__).parents[3]


class Synapse(Homeserver):
    """Synapse on a port of this machine, in `folder`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, venv=ROOT / ".cache" / "synapse", server_name="localhost")
