"""The servers of the tests of the second client."""

from tests.servers.fixtures import newcomer, synapse

__all__ = ["newcomer", "synapse"]
