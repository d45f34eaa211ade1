"""What every folder of tests may ask for."""

from tests.figures import figure, pytest_terminal_summary
from tests.servers.postgres import postgres, postgres_url

__all__ = ["figure", "postgres", "postgres_url", "pytest_terminal_summary"]
