"""The doors are tried in the same house as the spine."""

from tests.core.conftest import build, house, url

__all__ = ["build", "house", "url"]  # fixtures
