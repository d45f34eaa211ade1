"""What every folder of tests may ask for."""

from tests.servers.postgres import postgres, postgres_url

__all__ = ["postgres", "postgres_url"]
